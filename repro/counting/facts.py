"""What a built network is, as tables print it: sides of its maps, and what a submodule does to the
maps it is given."""

import torch
from torch import Tensor, nn

from repro.errors import UsageError, unknown
from repro.models.maps import Maps


def facts(model: nn.Module, size: tuple[int, int], *, part: str = "") -> dict[str, str]:
    """What a built network is, as tables print it: sides of its maps in px, and what its `facts`
    tell of itself.

    model: on the meta device. size: input (height, width). part: dotted path of a submodule to
    describe instead, see `describe_part`. Raises UsageError when there is no such part.
    """
    if part:
        return describe_part(model, size, part)
    with torch.inference_mode():
        out = model.eval()(torch.empty(1, 3, *size, device="meta"))
    described = dict(getattr(model, "facts", {}))
    if isinstance(out, Maps):
        described["heatmaps_size"] = str(out.heatmaps[-1].shape[-1])
        described["feature_stride"] = str(size[1] // out.heatmaps[-1].shape[-1])
        described |= {"tags_size": str(out.tags[0].shape[-1])} if out.tags else {}
    return described


def describe_part(model: nn.Module, size: tuple[int, int], part: str) -> dict[str, str]:
    """What one forward pass shows of a submodule: its layers are its direct children, or itself if
    it has none.

    part_input, part_output: sides in px. part_width: channels that leave it. part_layers: their
    number. part_first, part_rest: "width, stride" of the first layer where it differs from the
    others, and of the others; part_rest_count: how many they are. The stride of an upsampling layer
    is its factor. Raises UsageError when there is no such part or none of its layers gives a map.
    """
    if part not in {path for path, _ in model.named_modules()}:
        raise unknown("part", part, [path for path, _ in model.named_modules() if path])
    module = model.get_submodule(part)
    maps: list[tuple[int, int, int]] = []  # per layer: side before, side after, channels after

    def record_map(_layer: object, inputs: tuple[Tensor], out: object) -> None:
        if isinstance(out, torch.Tensor):
            maps.append((inputs[0].shape[-1], out.shape[-1], out.shape[1]))

    hooks = [layer.register_forward_hook(record_map) for layer in [*module.children()] or [module]]
    with torch.inference_mode():
        model.eval()(torch.empty(1, 3, *size, device="meta"))
    for hook in hooks:
        hook.remove()
    if not maps:
        raise UsageError(f"no layer of part '{part}' gives a map of its own")
    rows = [f"{width}, {max(before, after) // min(before, after)}" for before, after, width in maps]
    others = rows[1:] if rows[0] not in rows[1:] else rows
    return {
        "part_input": str(maps[0][0]),
        "part_output": str(maps[-1][1]),
        "part_width": str(maps[-1][2]),
        "part_layers": str(len(rows)),
        "part_first": "" if others is rows else rows[0],
        "part_rest": ", then ".join(dict.fromkeys(others)),
        "part_rest_count": str(len(others)) if others else "",
    }
