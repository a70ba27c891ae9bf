"""What a paper claims: data beside the tables the claims speak of, judged by `repro.claims`."""

from dataclasses import dataclass

from repro.errors import SpecError

RELATIONS = ("true", "eq", "approx", "lt", "gt")


@dataclass(frozen=True)
class Claim:
    """One statement about printed numbers, in our words, and the formula that recomputes it from printed cells.

    value: what is claimed. formula: in the language of `repro.claims`, "" where no printed cell bears on it.
    relation: how the recomputed value stands to `value`: it is `true`, equals it within `tolerance` (`eq`, or `approx`
    where the text says about), or is less (`lt`) or greater (`gt`). origin: "paper" states it, or "check": a comparison
    of ours. inconsistency: its number in the list of contradictions, E, G, N, H, L or X and a number.
    holds: the verdict on the printed cells found when the papers were read; None without a formula.
    """

    id: str
    where: str
    statement: str
    value: bool | float | tuple[float, ...]
    formula: str = ""
    relation: str = ""
    tolerance: float = 0.0
    unit: str = ""
    origin: str = "paper"
    note: str = ""
    inconsistency: str = ""
    holds: bool | None = None

    def __post_init__(self) -> None:
        if self.origin not in ("paper", "check"):
            raise SpecError(f"claim {self.id}: its origin '{self.origin}' is neither 'paper' nor 'check'")
        if self.formula and self.relation not in RELATIONS:
            raise SpecError(f"claim {self.id}: unknown relation '{self.relation}'; known: {', '.join(RELATIONS)}")
        if (self.holds is None) == bool(self.formula):
            raise SpecError(f"claim {self.id}: a formula goes with a verdict in `holds`, and none with none")


@dataclass(frozen=True)
class Claims:
    """The claims of one paper, in the order of its text."""

    id: str
    paper: str
    claims: tuple[Claim, ...]
    number: str = "text"
    title: str = "What the paper claims, and our checks of its printed numbers"

    def __post_init__(self) -> None:
        names = [claim.id for claim in self.claims]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise SpecError(f"{self.id}: claim used twice: {', '.join(sorted(twice))}")
        for name in names:
            if not name.startswith(f"{self.paper}-c"):
                raise SpecError(f"{self.id}: claim '{name}' is not called '{self.paper}-c' and a number")
