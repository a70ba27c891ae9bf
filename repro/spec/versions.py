"""One integer per component of the code, raised when a change alters the component's results.

It enters the digest of every record that the component makes: a record of another number is stale
and is measured again. tests/spec/test_versions.py pins what a few steps of each component give, and
fails until the number is raised.
"""

from repro.errors import SpecError

VERSIONS: dict[str, int] = {
    # what is done with a network
    "counting": 1,
    "cycles": 1,  # rates that rise and fall; only trainings with such a rate carry it
    "evaluation": 1,  # decoding, grouping, scoring
    "facts": 1,
    "memory": 1,
    "search": 1,  # what is drawn, scored, derived; a super-net's step
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
    "litepose_classifier": 1,
    "lpn": 1,
    "openpose": 1,
    "simplebaseline": 1,
    "slim_backbones": 1,
}


def versions(*components: str) -> list[int]:
    """The numbers of some components of the code.

    Raises SpecError for a component without a number: its records could never become stale.
    """
    for component in components:
        if component not in VERSIONS:
            text = f"the part '{component}' of the code has no version"
            raise SpecError(text, "add it to repro/spec/versions.py")
    return [VERSIONS[component] for component in components]
