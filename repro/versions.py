"""One integer per part of the code, raised when a change alters what the part gives; part of every record's digest.

A record made by another number is stale and measured again. tests/test_versions.py pins what a few steps of each part
give, and fails until the number is raised.
"""

from repro.errors import SpecError

VERSIONS: dict[str, int] = {
    # what is done with a network
    "counting": 1,
    "evaluation": 1,  # decoding, grouping, scoring
    "facts": 1,
    "memory": 1,
    "synthetic": 1,  # drawn pictures
    "timing": 1,  # what a pass is, how many are unmeasured
    "training": 1,
    # families of networks
    "cpm": 1,
    "efficienthrnet": 1,
    "efficientnet": 1,
    "efficientpose": 1,
    "efficientpose_nas": 1,
    "higherhrnet": 1,
    "hourglass": 1,
    "lightweight_openpose": 1,
    "litepose": 1,
    "lpn": 1,
    "openpose": 1,
    "simplebaseline": 1,
    "slim_backbones": 1,
}


def versions(*parts: str) -> list[int]:
    """The numbers of some parts. Raises SpecError for a part without one: its records could never become stale."""
    for part in parts:
        if part not in VERSIONS:
            raise SpecError(f"the part '{part}' of the code has no version", "add it to repro/versions.py")
    return [VERSIONS[part] for part in parts]
