"""`skeleton.toml`: the joints of a user's own COCO-format folder.

name = "hands"
joints = ["left_tip", "right_tip"]
sigmas = [0.05, 0.05]       # OKS fall-offs, as COCO's
flip = [1, 0]               # optional: by default left_ and right_ names are swapped
order = [0, 1]              # optional: in which order people are grouped
limbs = [[0, 1]]            # optional: for drawing
"""

import tomllib
from pathlib import Path
from typing import Any

from repro.errors import MissingError, SpecError
from repro.pose.skeletons import Skeleton

FILE = "skeleton.toml"
KEYS = ("name", "joints", "sigmas", "flip", "order", "limbs")


def read_skeleton(path: Path) -> Skeleton:
    """The skeleton a file describes; raises MissingError for a file that is damaged or contradicts itself."""
    hint = f"{FILE} holds joints (names) and sigmas, and may hold name, flip, order and limbs"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        strays = sorted(set(content) - set(KEYS))
        if strays:
            raise MissingError(f"'{path}' has an unknown entry '{strays[0]}'", hint)
        return _skeleton(content, path.parent.name)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise MissingError(f"cannot read '{path}': {fault}", hint) from None
    except (KeyError, TypeError, ValueError, SpecError) as fault:
        text = f"no {fault}" if isinstance(fault, KeyError) else str(fault)
        raise MissingError(f"'{path}' is no skeleton: {text}", hint) from None


def _skeleton(content: dict[str, Any], folder: str) -> Skeleton:
    joints = tuple(str(name) for name in content["joints"])
    limbs = tuple((int(first), int(second)) for first, second in content.get("limbs", ()))
    if any(not 0 <= joint < len(joints) for limb in limbs for joint in limb):
        raise ValueError(f"limbs must join two of its {len(joints)} joints")
    return Skeleton(
        name=str(content.get("name", folder)),
        joints=joints,
        flip=tuple(int(joint) for joint in content.get("flip", _mirrored(joints))),
        limbs=limbs,
        sigmas=tuple(float(sigma) for sigma in content["sigmas"]),
        order=tuple(int(joint) for joint in content.get("order", range(len(joints)))),
    )


def _mirrored(joints: tuple[str, ...]) -> list[int]:
    other = {"left": "right", "right": "left"}
    found = []
    for name in joints:
        side, _, rest = name.partition("_")
        partner = f"{other.get(side, side)}_{rest}" if rest else name
        if partner not in joints:
            raise ValueError(f"joint '{name}' has no '{partner}' to be mirrored to; give flip")
        found.append(joints.index(partner))
    return found
