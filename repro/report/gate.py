"""The gate as text: which known pairs a profile's ground puts in order."""

from repro.grid import Grid
from repro.measure import gate
from repro.measure.gate import Judged
from repro.record.found import Records
from repro.spec.settings import Profile

HEADINGS = ("task", "better", "other", "by", "difference (points, 95 % interval)", "state")


def grid(profile: Profile, records: Records) -> Grid:
    """One line per known pair; the verdict on each task below."""
    judged = gate.judge(profile, records)
    verdicts = [f"{task}: {verdict}" for task, verdict in gate.tasks(judged).items()]
    rule = (
        f"A pair is in order where the 95 % interval of its difference over at least {gate.SEEDS} "
        "common seeds lies above zero. A task passes where all its pairs are in order; else its differences get no "
        "verdict."
    )
    return Grid(
        HEADINGS,
        tuple(map(_row, judged)),
        title=f"known pairs under profile {profile.name}",
        notes=(rule, *verdicts),
    )


def _row(pair: Judged) -> tuple[str, ...]:
    known = pair.known
    scale = 1.0 if pair.by.startswith("PCKh") else 100.0  # the others are held as shares
    text = pair.difference.scaled(scale).text(1) if pair.difference else ""
    return known.task, str(known.better), str(known.other), pair.by, text, pair.state
