"""The original authors' key names: patterns of HRNet and EfficientNet code, and a strict match."""

import re
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from repro.errors import MissingError
from repro.models.efficientnet_blocks import EfficientNetBackbone

Renames = Sequence[tuple[str, str | Callable[[re.Match[str]], str]]]  # arguments of re.sub

HRNET_RENAMES: Renames = (
    (r"\.first\.conv\.", ".conv1."),
    (r"\.first\.norm\.", ".bn1."),
    (r"\.second\.conv\.", ".conv2."),
    (r"\.second\.norm\.", ".bn2."),
    (r"\.fuse\.", ".fuse_layers."),
    (r"^head\.heads\.", "final_layers."),
    (r"^head\.deconvs\.(\d+)\.up\.", r"deconv_layers.\1.0."),
    (r"^head\.deconvs\.(\d+)\.blocks\.(\d+)", lambda m: f"deconv_layers.{m[1]}.{int(m[2]) + 1}.0"),
)


def hrnet_key(key: str, renames: Renames = ()) -> str:
    """The original name of our key: `renames` and HRNet's patterns in turn, then conv -> 0 and norm
    -> 1."""
    for pattern, replacement in (*renames, *HRNET_RENAMES):
        key = re.sub(pattern, replacement, key)
    return key.replace(".conv.", ".0.").replace(".norm.", ".1.")


def efficientnet_key(key: str, backbone: EfficientNetBackbone) -> str:
    """The original name of a key below `backbone.`: a flat list `features` of the stem and all
    blocks."""
    key = re.sub(r"^backbone\.stem\.", "features.0.", key)
    if match := re.match(r"^backbone\.stages\.(\d+)\.(\d+)\.", key):
        stage, block = int(match[1]), int(match[2])
        flat = (
            1 + block + sum(len(list(backbone.stages[str(n)].children())) for n in range(1, stage))
        )
        shift = 0 if stage == 1 else 1  # the first stage does not expand
        key = f"features.{flat}.conv.{key[match.end() :]}"
        key = key.replace(".expand.conv", ".0.conv").replace(".expand.norm", ".0.norm")
        key = key.replace(".depthwise", f".{shift}").replace(".gate.reduce", f".{shift + 1}.se.1")
        key = key.replace(".gate.expand", f".{shift + 1}.se.3")
        key = key.replace(".project.conv", f".{shift + 2}").replace(
            ".project.norm", f".{shift + 3}"
        )
    return re.sub(r"\.conv\.(weight)$", r".1.\1", key).replace(".norm.", ".2.")


def match_keys(
    ours: Mapping[str, Tensor],
    upstream: Mapping[str, Tensor],
    official: Callable[[str], str],
    *,
    model: str,
) -> dict[str, Tensor]:
    """The tensors of `upstream` under our keys, strict both ways; `official` gives the original
    name of our key.

    Raises `MissingError` naming keys that are absent, left over or of another shape.
    `num_batches_tracked`, which old checkpoints lack, becomes 0.
    """
    result: dict[str, Tensor] = {}
    missing, shapes = [], []
    for key, expected in ours.items():
        name = official(key)
        tensor = upstream.get(name)
        if tensor is None and key.endswith("num_batches_tracked"):
            tensor = torch.zeros((), dtype=torch.int64)
        if tensor is None:
            missing.append(name)
        elif tensor.shape != expected.shape:
            shapes.append(f"{name} {tuple(tensor.shape)} instead of {tuple(expected.shape)}")
        else:
            result[key] = tensor
    left = sorted(set(upstream) - {official(key) for key in ours})
    faults = {"missing": missing, "left over": left, "other shape": shapes}
    if any(faults.values()):
        faulty = [(fault, keys) for fault, keys in faults.items() if keys]
        texts = [f"{fault} ({len(keys)}): {', '.join(keys[:5])}" for fault, keys in faulty]
        raise MissingError(
            f"the weights are not of {model}; {'; '.join(texts)}", "repro list --models"
        )
    return result
