"""How much of anything that comes from outside is taken, so that no file, server or option fills
memory or disk."""

from repro.errors import ReproError, UsageError

JSON_BYTES = 4 << 30  # COCO's largest annotation file has 0.5 GB
TABLE_BYTES = 4 << 30  # a .mat, .npy or .h5 file
PICTURE_BYTES = 1 << 30
WEIGHT_BYTES = 2 << 30  # the training state of the largest network here has 0.8 GB
PICTURE_PIXELS = 120_000_000  # read, drawn or put together; cameras give up to 100 million
INPUT_PIXELS = 1 << 25  # that a network sees at once: 16 times 1440 x 1440
PEOPLE = 10_000_000  # in one file of predictions; MPII's test set has 12 thousand


def check_pixels(
    height: float,
    width: float,
    *,
    most: int = PICTURE_PIXELS,
    what: str,
    kind: type[ReproError] = UsageError,
    hint: str = "smaller pictures",
) -> None:
    """Raise `kind` where a picture has more than `most` pixels; says how much memory its three
    colours would take."""
    if height * width > most:
        needed = height * width * 3 / 1e9
        raise kind(
            f"{what} {height:.0f} x {width:.0f} would take {needed:.1f} GB; at most "
            f"{most / 1e6:.0f} million pixels",
            hint,
        )
