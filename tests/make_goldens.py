"""Rewrites tests/goldens from the outputs of the original code kept beside the checkout: `make
goldens`.

A family adds a function that yields (file stem, arrays) and its name to MAKERS. Every file stays
below 50 kB.
"""

import sys
from collections.abc import Callable, Iterator

import numpy as np
from where import GOLDENS, REFERENCE

LIMIT = 50_000  # bytes
Golden = tuple[str, dict[str, np.ndarray]]

BOTTOM_UP = ("higherhrnet_*", "efficienthrnet_*", "shrink_*", "litepose_higherhrnet_*")
STEPS = {"out0": 2, "out1": 4}  # every second pixel of the 1/4 maps, every fourth of the 1/2 maps


def bottom_up() -> Iterator[Golden]:
    """Networks of two resolutions: strided outputs, the key layout of the original state dict as
    bytes, `meta`."""
    for pattern in BOTTOM_UP:
        for path in sorted((REFERENCE / "golden").glob(f"{pattern}.npz")):
            layout = (REFERENCE / "layouts" / f"{path.stem}.tsv").read_bytes()
            with np.load(path) as full:
                arrays = {name: full[name][..., ::step, ::step] for name, step in STEPS.items()}
                yield (
                    path.stem,
                    {**arrays, "meta": full["meta"], "layout": np.frombuffer(layout, np.uint8)},
                )


GROUPING = (
    "border_17",
    "crowd_14",
    "empty_17",
    "nms3_17",
    "nodetval_17",
    "over_17",
    "p1_17",
    "p8_14",
    "sharedtag_17",
)
GROUPING_ARRAYS = (
    "final",
    "final_scipy_lsa",
    "scores",
    "matched",
    "adjusted",
    "refined_without_adjust",
    "loc_k",
    "val_k",
    "tag_k",
)
PIPELINE_RUNS = (
    "flip0_proj0_scales1",
    "flip0_proj1_scales3",
    "flip1_proj0_scales3",
    "flip1_proj1_scales3",
)
PIPELINE_STEP = 3  # of the already strided maps
LOSS_ARRAYS = ("heatmap0", "heatmap1", "push", "pull", "total", "grad_norms", "tag_grad")


def pose() -> Iterator[Golden]:
    """Targets, losses, input geometry, aggregation and grouping of the original code; inputs come
    from cases.py."""
    folder = REFERENCE / "golden"
    for case in GROUPING:
        with np.load(folder / f"ae_grouping_{case}.npz") as full:
            # over_17 holds hundreds of fragments: only its results fit
            names = GROUPING_ARRAYS[:3] if case == "over_17" else GROUPING_ARRAYS
            yield (
                f"ae_grouping_{case}",
                {name: full[name] for name in (*names, "meta") if name in full},
            )
    for case in ("people_17", "people_14"):
        with np.load(folder / f"ae_pipeline_{case}.npz") as full:
            runs = [name for name in full if any(f"_{run}." in name for run in PIPELINE_RUNS)]
            arrays = {name: full[name] for name in (*runs, "meta")}
            maps = {name: arrays[name] for name in runs if name.endswith(("heatmaps", "tags"))}
            thinned = {
                name: part[:, :, ::PIPELINE_STEP, ::PIPELINE_STEP] for name, part in maps.items()
            }
            yield f"ae_pipeline_{case}", {**arrays, **thinned}
    with np.load(folder / "ae_image_geometry.npz") as full:
        yield (
            "ae_image_geometry",
            {name: full[name] for name in ("multi_scale_size", "resized_a", "meta")},
        )
    for case in ("coco", "crowdpose", "none"):
        with np.load(folder / f"targets_heatmaps_{case}.npz") as full:
            names = ("heatmaps0", "heatmaps1", "joints0", "joints1", "meta")
            yield f"targets_heatmaps_{case}", {name: full[name] for name in names}
    for case in ("coco", "crowdpose"):
        with np.load(folder / f"targets_losses_{case}.npz") as full:
            names = [f"higherhrnet_exp.{name}" for name in LOSS_ARRAYS]
            yield f"targets_losses_{case}", {name: full[name] for name in (*names, "meta")}


MAKERS: tuple[Callable[[], Iterator[Golden]], ...] = (bottom_up, pose)


def main() -> None:
    if not REFERENCE.is_dir():
        sys.exit(f"no reference folder at {REFERENCE}: the goldens stay as they are")
    for maker in MAKERS:
        for stem, arrays in maker():
            path = GOLDENS / f"{stem}.npz"
            np.savez_compressed(path, **arrays)
            if path.stat().st_size > LIMIT:
                sys.exit(
                    f"{path.name} has {path.stat().st_size} bytes, {LIMIT} are allowed: store "
                    f"fewer pixels"
                )


if __name__ == "__main__":
    main()
