"""What every family's `build` refuses first: a name it does not have, and no joints."""

from collections.abc import Iterable

from repro.errors import UsageError, unknown


def check_joints(joints: int) -> None:
    """Raises `UsageError` for a number of joints that no head can have."""
    if joints < 1:
        hint = "COCO has 17, MPII 16, CrowdPose 14: for example --set joints=14"
        raise UsageError(f"joints={joints} asked; a pose network needs at least 1", hint)


def check_network(variant: str, variants: Iterable[str], joints: int) -> None:
    """Raises `UsageError` for a variant that is none of `variants`, and for no joints."""
    names = list(variants)
    if variant not in names:
        raise unknown("model", variant, names, "repro list --models")
    check_joints(joints)
