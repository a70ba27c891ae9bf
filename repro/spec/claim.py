"""What a paper claims: data beside the tables the claims speak of, judged by
`repro.claims.language`."""

from dataclasses import dataclass

from repro.errors import SpecError

RELATIONS = ("true", "eq", "approx", "lt", "gt")


@dataclass(frozen=True)
class Claim:
    """One statement about printed numbers, in our words, and the formula that recomputes it from
    printed cells.

    value: what is claimed. formula: in the language of `repro.claims.language`, "" where no printed
    cell bears on it. relation: how the recomputed value stands to `value`: it is `true`, equals it
    within `tolerance` (`eq`, or `approx` where the text says about), or is less (`lt`) or greater
    (`gt`). origin: "paper" states it, or "check": a comparison of ours. holds: the verdict on the
    printed cells found when the papers were read; None without a formula.

    better: which way a number must move to say still more for what is argued, once or for each
    claimed number: "higher" (a saving, a ratio, another's cost, and an amount that argues for
    nothing) or "lower" (a share, an own cost). print_only: why true counts cannot take the place of
    printed cells in the formula, "" where they can.
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
    holds: bool | None = None
    better: str | tuple[str, ...] = "higher"
    print_only: str = ""

    @property
    def numbers(self) -> tuple[float, ...]:
        """The claimed values, one or several."""
        return self.value if isinstance(self.value, tuple) else (self.value,)

    @property
    def sides(self) -> tuple[str, ...]:
        """`better` for each claimed value; a bound from above argues for less."""
        if isinstance(self.better, tuple):
            return self.better
        return ("lower" if self.relation == "lt" else self.better,) * len(self.numbers)

    def __post_init__(self) -> None:
        if self.origin not in ("paper", "check"):
            raise SpecError(
                f"claim {self.id}: its origin '{self.origin}' is neither 'paper' nor 'check'"
            )
        if self.formula and self.relation not in RELATIONS:
            raise SpecError(
                f"claim {self.id}: unknown relation '{self.relation}'; known: "
                f"{', '.join(RELATIONS)}"
            )
        if (self.holds is None) == bool(self.formula):
            raise SpecError(
                f"claim {self.id}: a formula goes with a verdict in `holds`, and none with none"
            )
        if len(self.sides) != len(self.numbers) or not {*self.sides} <= {"higher", "lower"}:
            raise SpecError(
                f"claim {self.id}: `better` is 'higher' or 'lower', once or for each claimed number"
            )


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
                raise SpecError(
                    f"{self.id}: claim '{name}' is not called '{self.paper}-c' and a number"
                )
