"""The five papers: how each is called, in the order of the report."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """A paper, by its network and its first author."""

    slug: str  # begins the ids of its tables
    name: str
    author: str
    short: str  # as a figure names it
    letter: str  # of its tables in figures that show several papers

    @property
    def title(self) -> str:
        """Name and authors, e.g. `LitePose (Wang et al.)`."""
        return f"{self.name} ({self.author} et al.)"

    @property
    def alone(self) -> str:
        """The name, with the first author where another paper has it too."""
        shared = [paper for paper in PAPERS.values() if paper.name == self.name]
        return self.name if len(shared) == 1 else f"{self.name} ({self.author})"


PAPERS: dict[str, Paper] = {
    paper.slug: paper
    for paper in (
        Paper("efficienthrnet", "EfficientHRNet", "Neff", "EfficientHRNet", "E"),
        Paper("efficientpose", "EfficientPose", "Groos", "EfficientPose (Groos)", "G"),
        Paper("efficientpose-nas", "EfficientPose", "Zhang", "EfficientPose-NAS", "N"),
        Paper("higherhrnet", "HigherHRNet", "Cheng", "HigherHRNet", "H"),
        Paper("litepose", "LitePose", "Wang", "LitePose", "L"),
    )
}
