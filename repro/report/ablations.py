"""An ablation as text: its arms as signed differences to the base, and the verdicts on them."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import get_args

from repro.grid import WRITERS, Grid
from repro.measure import gate
from repro.measure.answers import Answer, Verdict, answers
from repro.measure.cells import Cell, paired
from repro.record.found import Records
from repro.report.markdown import Links
from repro.report.tables import text
from repro.spec import catalog
from repro.spec.ablation import Ablation
from repro.spec.profiles import MINI


def ablation_blocks(ablation: Ablation, lines: list[list[Cell]]) -> list[Grid]:
    """One grid per series: the base in full, every arm as its signed difference to the base."""
    by_row = {line[0].row: line for line in lines}
    grids = []
    for base in (row for row in ablation.table.rows if not row.against):
        arms = [
            row.key for row in ablation.table.rows if row.against == base.key and row.key in by_row
        ]
        if base.key in by_row and arms:
            grids.append(_series_grid(ablation, by_row[base.key], [by_row[arm] for arm in arms]))
    return grids


def _series_grid(ablation: Ablation, base: list[Cell], arms: list[list[Cell]]) -> Grid:
    lines = [base, *arms]
    numbers = [index for index, cell in enumerate(base) if cell.field.definition.kind != "config"]
    printed = {index for index in numbers if any(line[index].reported for line in lines)}
    shown = [
        index
        for index in numbers
        if index in printed or any(line[index].measured_text for line in arms)
    ]
    headings = ["arm"]
    for index in shown:
        title = base[index].field.title
        headings += (
            [f"{title}, paper", f"{title}, measured"]
            if index in printed
            else [f"{title}, measured"]
        )
    rows = [[f"{base[0].row} (base)"], *([arm[0].row] for arm in arms)]
    for line, row in zip(lines, rows, strict=True):
        for index in shown:
            texts = (
                _base_texts(base[index]) if line is base else _arm_texts(line[index], base[index])
            )
            row += texts if index in printed else texts[1:]
    return Grid(tuple(headings), tuple(map(tuple, rows)), title=f"{ablation.id}: {ablation.title}")


def _base_texts(cell: Cell) -> list[str]:
    return [cell.reported, cell.measured_text or cell.status]


def _arm_texts(arm: Cell, base: Cell) -> list[str]:
    """The paper's and our difference to the base; a gain or ratio is one already."""
    if arm.field.definition.kind == "derived":
        return _base_texts(arm)
    return [_step(arm, base), _measured_step(arm, base)]


def _step(arm: Cell, base: Cell) -> str:
    """The paper's change, with as many decimals as it prints."""
    if not arm.reported or not base.reported:
        return arm.reported
    places = max(len(text.partition(".")[2]) for text in (arm.reported, base.reported))
    return f"{float(arm.reported) - float(base.reported):+.{places}f}"


def _measured_step(arm: Cell, base: Cell) -> str:
    """Our change, over the seeds that both have; where there is none, our number or its state."""
    pair = paired(arm, base) if arm.field == base.field else None
    if pair is None:
        return arm.measured_text or arm.status
    text = f"{pair.arm - pair.base:+.{arm.field.definition.decimals}f}"
    return f"{text} ({pair.labels})" if pair.labels else text


def ablation_text(ablation: Ablation, lines: list[list[Cell]], records: Records, form: str) -> str:
    """The ablation in one of the forms of `repro.grid`."""
    if form == "csv":
        return text(ablation.table, lines, form)
    if form == "json":
        content = {
            **json.loads(text(ablation.table, lines, form)),
            "answers": plain(ablation, records),
        }
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    grids = [*ablation_blocks(ablation, lines), *verdicts(ablation, records)]
    written = [WRITERS[form](grid) for grid in grids]
    remarks = [f"{number}. {remark}" for number, remark in enumerate(ablation.differences, start=1)]
    notes = ["Differences from the paper:", *remarks] if remarks else []
    notes.append(f"Remarks on the rows: repro table {ablation.table_id}")
    waits = [f"Not measured yet: {ablation.waits}"] if ablation.waits else []
    talk = [] if form == "latex" else [ablation.question, *waits, *notes]
    return "\n".join([*written, *talk]) + "\n"


# --- verdicts -----------------------------------------------------------------------------------

HEADINGS = ("arm", "against", "by", "paper", "mini (95 % interval)", "verdict", "why")
RULE = (
    f"Verdicts under profile {MINI.name}: the difference of each seed that both rows have, and "
    f"Student's 95 % interval of their mean; a verdict needs {gate.SEEDS} seeds, an interval "
    "without zero, and ground that orders known networks (`repro gate`)."
)


def verdicts(ablation: Ablation, records: Records) -> list[Grid]:
    """One line per arm and accuracy; nothing where an ablation asks for none."""
    rows = tuple(map(_row, answers(ablation, records)))
    return [Grid(HEADINGS, rows, title=f"{ablation.id}: verdicts", notes=(RULE,))] if rows else []


def plain(ablation: Ablation, records: Records) -> list[dict[str, float | int | str | None]]:
    """The same as plain values, for JSON."""
    return [_plain(answer) for answer in answers(ablation, records)]


def _row(answer: Answer) -> tuple[str, ...]:
    places = answer.field.definition.decimals
    paper = "" if answer.paper is None else f"{answer.paper:+.{places}f}"
    ours = answer.difference.text(places) if answer.difference else ""
    names = (answer.arm.key, answer.base.key, answer.field.title)
    return (*names, paper, ours, answer.verdict, answer.why)


def _plain(answer: Answer) -> dict[str, float | int | str | None]:
    seen = answer.difference
    several = seen is not None and seen.n > 1
    return {
        "arm": answer.arm.key,
        "against": answer.base.key,
        "column": answer.field.name,
        "paper": answer.paper,
        "mean": seen.mean if seen else None,
        "low": seen.low if seen and several else None,
        "high": seen.high if seen and several else None,
        "seeds": seen.n if seen else 0,
        "verdict": answer.verdict,
        "why": answer.why,
    }


# --- all ablations --------------------------------------------------------------------------------

TALLIED: tuple[Verdict, ...] = get_args(Verdict)


Answered = Mapping[str, Sequence[Answer]]
"""The answers of every ablation by its id."""


def answered(records: Records) -> Answered:
    """The answers of all ablations."""
    return {spec.id: answers(spec, records) for spec in catalog.ablations()}


def tally_grid(found: Answered, links: Links) -> Grid:
    """One line per ablation: its question, and how many differences got which verdict."""
    rows = []
    for spec in catalog.ablations():
        counts = Counter(answer.verdict for answer in found[spec.id])
        name = links.to(f"results/{spec.paper}.md#{spec.id}", spec.id)
        rows.append((name, spec.question, *(str(counts[verdict] or "") for verdict in TALLIED)))
    return Grid(("ablation", "question", *TALLIED), tuple(rows))


def reading(found: Answered) -> str:
    """Which differences carry over to drawn people and which do not, in a few sentences."""
    words: dict[Verdict, str] = {
        "supported": "carry over",
        "contradicted": "go the other way",
        "not resolved": "are not resolved by the seeds there are",
    }
    told = [f"{_counted(found, verdict)} {text}" for verdict, text in words.items()]
    every = [one.verdict for each in found.values() for one in each]
    closed = every.count("not run") + every.count("not asked here")
    return (
        f"Of {len(every)} differences that ablations ask about, on drawn people {'; '.join(told)}; {closed} have not "
        "been run or cannot be asked there. What limits the comparison: people are drawn and plain "
        "to see, networks are small and learn for minutes, so that a difference may be one of how "
        "fast a network learns; it says whether a change helps there, not by how much on photographs."
    )


def _counted(found: Answered, verdict: Verdict) -> str:
    """How many differences have a verdict, and of which ablations: `3 (upscaling 2, sic)`."""
    counts = {name: sum(one.verdict == verdict for one in each) for name, each in found.items()}
    named = [f"{name} {n}" if n > 1 else name for name, n in counts.items() if n]
    whole = str(sum(counts.values()))
    return f"{whole} ({', '.join(named)})" if named else whole
