"""Cuts the official LitePose outputs down to goldens small enough to keep: every second or fourth
pixel."""

from pathlib import Path

import numpy as np

MODELS = ("litepose_xs_coco", "litepose_xs_crowdpose", "litepose_m_coco", "litepose_m_crowdpose")
STEPS = {"out0": 2, "out1": 4}


def litepose_goldens(reference: Path, out: Path) -> None:
    """Writes `<model>.npz` into `out`: strided float32 `out0` and `out1`, `meta`, and the key
    `layout` as bytes.

    `reference` is the folder that holds `golden/<model>.npz`, the full outputs, and
    `layouts/<model>.tsv`.
    """
    for model in MODELS:
        layout = (reference / "layouts" / f"{model}.tsv").read_bytes()
        with np.load(reference / "golden" / f"{model}.npz") as full:
            kept = {name: full[name][..., ::step, ::step] for name, step in STEPS.items()}
            np.savez_compressed(
                out / f"{model}.npz",
                meta=full["meta"],
                layout=np.frombuffer(layout, np.uint8),
                **kept,
            )


if __name__ == "__main__":
    here = Path(__file__).parent
    litepose_goldens(here.parents[1] / "shared" / "reference", here / "goldens")
