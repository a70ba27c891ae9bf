"""One integer per family, raised when a change alters outputs; part of every record's digest."""

VERSIONS: dict[str, int] = {
    "counting": 1,
    "decode": 1,
    "efficientnet": 1,
    "efficienthrnet": 1,
    "efficientpose": 1,
    "efficientpose_nas": 1,
    "higherhrnet": 1,
    "litepose": 1,
    "memory": 1,
    "baseline": 1,
    "synthetic": 1,
    "training": 1,
}
