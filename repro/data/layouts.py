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
from typing import Annotated, Any, TypedDict

import msgspec

from repro.errors import MissingError, SpecError
from repro.files import MISFITS, Number, read_bytes, typed
from repro.people.skeletons import Skeleton

FILE = "skeleton.toml"
MOST_BYTES = 1_000_000


class Layout(TypedDict, total=False):
    """The entries of a file; joints and sigmas must be there."""

    name: str
    joints: list[str]
    sigmas: list[Annotated[float, msgspec.Meta(gt=0, le=10)]]
    flip: list[Number]
    order: list[Number]
    limbs: list[tuple[Number, Number]]


def read_skeleton(path: Path) -> Skeleton:
    """The skeleton a file describes; raises MissingError for a file that is damaged or contradicts
    itself."""
    hint = f"{FILE} holds joints (names) and sigmas, and may hold name, flip, order and limbs"
    raw = read_bytes(path, "skeleton", most=MOST_BYTES, hint=hint)
    try:
        content = tomllib.loads(raw.decode())
    except (ValueError, RecursionError) as fault:  # damaged, no UTF-8, or nested too deeply
        raise MissingError(f"cannot read '{path}': {fault}", hint) from None
    strays = sorted(set(content) - set(Layout.__annotations__))
    if strays:
        raise MissingError(f"'{path}' has an unknown entry '{strays[0]}'", hint)
    try:
        return _skeleton(
            typed(content, Layout, f"'{path}' is no skeleton", hint=hint), path.parent.name
        )
    except (*MISFITS, SpecError) as fault:
        text = f"no {fault}" if isinstance(fault, KeyError) else str(fault)
        raise MissingError(f"'{path}' is no skeleton: {text}", hint) from None


def _skeleton(content: dict[str, Any], folder: str) -> Skeleton:
    joints, limbs = tuple(content["joints"]), tuple(content.get("limbs", ()))
    if any(not 0 <= joint < len(joints) for limb in limbs for joint in limb):
        raise ValueError(f"limbs must join two of its {len(joints)} joints")
    return Skeleton(
        name=content.get("name", folder),
        joints=joints,
        flip=tuple(content.get("flip") or _mirrored(joints)),
        limbs=limbs,
        sigmas=tuple(content["sigmas"]),
        order=tuple(content.get("order", range(len(joints)))),
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
