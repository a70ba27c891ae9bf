"""The five papers: how each is called, in the order of the report."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """slug: begins the ids of its tables. title: with its authors. short: as a figure names it. letter: of its tables
    in figures that show several papers."""

    slug: str
    title: str
    short: str
    letter: str


PAPERS: dict[str, Paper] = {
    paper.slug: paper
    for paper in (
        Paper("efficienthrnet", "EfficientHRNet (Neff et al.)", "EfficientHRNet", "E"),
        Paper("efficientpose", "EfficientPose (Groos et al.)", "EfficientPose (Groos)", "G"),
        Paper("efficientpose-nas", "EfficientPose (Zhang et al.)", "EfficientPose-NAS", "N"),
        Paper("higherhrnet", "HigherHRNet (Cheng et al.)", "HigherHRNet", "H"),
        Paper("litepose", "LitePose (Wang et al.)", "LitePose", "L"),
    )
}
