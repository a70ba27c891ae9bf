"""What an ablation's arms show under a profile: differences over common seeds, one verdict on each.

Never imports torch.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from repro.measure import accuracy, gate
from repro.record.found import Records
from repro.record.paired import Interval, interval
from repro.spec.ablation import Ablation
from repro.spec.profiles import MINI
from repro.spec.run import Run
from repro.spec.settings import Profile
from repro.spec.table import Field, Row

Verdict = Literal["supported", "contradicted", "not resolved", "not asked here", "not run"]


@dataclass(frozen=True)
class Answer:
    """One arm against its base by one accuracy.

    paper: the printed difference. difference: ours, in the field's unit, over the seeds that both
    have. why: what a reader must know of the verdict.
    """

    base: Row
    arm: Row
    field: Field
    paper: float | None
    difference: Interval | None = None
    verdict: Verdict = "not run"
    why: str = ""

    def judged(self, verdict: Verdict, why: str = "") -> "Answer":
        """With a verdict and its reason."""
        return replace(self, verdict=verdict, why=why)


def answers(ablation: Ablation, records: Records, profile: Profile = MINI) -> list[Answer]:
    """Every arm by every accuracy column of an ablation, in the order of its rows."""
    grounds = gate.tasks(gate.judge(profile, records))
    return [_judged(ablation, answer, records, profile, grounds) for answer in _asked(ablation)]


def _asked(ablation: Ablation) -> Iterator[Answer]:
    rows = {row.key: row for row in ablation.table.rows}
    fields = [*ablation.table.columns, *ablation.table.also]
    accuracies = [field for field in fields if field.definition.kind == "evaluate"]
    for arm in (row for row in rows.values() if row.against):
        base = rows[arm.against]
        asked = [
            Answer(base, arm, field, _printed(ablation, base, arm, field))
            for field in accuracies
            if (run := arm.run_for(field)) is None or accuracy.scored(run, field)
        ]
        if ablation.waits or any(one.paper is not None or _trainable(one) for one in asked):
            yield from asked  # the others are rows of counts


def _trainable(answer: Answer) -> bool:
    run = answer.arm.run_for(answer.field)
    return run is not None and run.recipe is not None


def _printed(ablation: Ablation, base: Row, arm: Row, field: Field) -> float | None:
    """The printed difference, None where a side is not printed."""
    first, second = (ablation.table.reported(row, field.name) for row in (base, arm))
    return round(float(second) - float(first), 9) if first and second else None


def _judged(
    ablation: Ablation,
    answer: Answer,
    records: Records,
    profile: Profile,
    grounds: Mapping[str, str],
) -> Answer:
    base, arm = answer.base.run_for(answer.field), answer.arm.run_for(answer.field)
    if ablation.waits:
        return answer.judged("not asked here", f"it waits for {ablation.waits}")
    if base is None or arm is None or arm.recipe is None:
        return answer.judged("not asked here", "no run that could be trained stands behind the row")
    if _digest(base, profile) == _digest(arm, profile):
        words = f"profile {profile.name} makes both rows the same run"
        return answer.judged("not asked here", words)
    steps = _steps(base, arm, answer.field, records, profile)
    if not steps:
        return answer
    seen = replace(answer, difference=interval(steps))
    ground = grounds.get(arm.recipe.task, "not run")
    if ground == "failed":
        return seen.judged("not asked here", "this ground did not order known networks")
    if ground == "not run":
        return seen.judged("not resolved", "not every known pair has been run on this ground")
    return _compared(seen, _direction(ablation, answer))


def _digest(run: Run, profile: Profile) -> str:
    return accuracy.digest(run, profile.of(run.recipe))


def _compared(answer: Answer, direction: int) -> Answer:
    """The verdict on a measured difference. direction: +1 where the paper's arm is better."""
    seen = answer.difference
    assert seen is not None
    if seen.n < gate.SEEDS:
        return answer.judged("not resolved", f"{seen.n} of {gate.SEEDS} seeds")
    if not seen.above and not seen.below:
        return answer.judged("not resolved", f"{seen.n} seeds, the interval includes zero")
    if not direction:
        return answer.judged("not resolved", "the paper prints no difference")
    ours = 1 if seen.above == (answer.field.definition.better == "higher") else -1
    return answer.judged("supported" if ours == direction else "contradicted")


def _direction(ablation: Ablation, answer: Answer) -> int:
    """+1 where the paper's arm is better than its base by this accuracy; by one that it does not
    print, as by the first that it does, or as it says in words."""
    fields = [answer.field, *ablation.table.columns]
    accuracies = [field for field in fields if field.definition.kind == "evaluate"]
    printed = [_printed(ablation, answer.base, answer.arm, field) for field in accuracies]
    told = float(ablation.expected(answer.arm.key))
    first = next((step for step in printed if step), told)
    return (first > 0) - (first < 0)  # all accuracies that papers print are better when higher


def _steps(base: Run, arm: Run, field: Field, records: Records, profile: Profile) -> list[float]:
    """Arm minus base by seed, in the field's unit; none where a side is stale or failed."""
    first, second = (_scores(run, field, records, profile) for run in (base, arm))
    return [second[seed] - first[seed] for seed in sorted({*first} & {*second})]


def _scores(run: Run, field: Field, records: Records, profile: Profile) -> dict[int, float]:
    found = accuracy.find_profile(run, profile, records)
    if found is None or found.state in ("stale", "failed"):
        return {}
    name, scale = field.definition.value, field.definition.scale
    held = {seed: record.values for seed, record in found.seeds.items() if name in record.values}
    return {seed: float(values[name]) * scale for seed, values in held.items()}
