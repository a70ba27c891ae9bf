"""Kind `count`: parameters and operations of a network under the papers' counting rules."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from repro.measure.kind import Kind, Work, cells_of, family_of, found_at
from repro.models import zoo
from repro.record.found import Found, Records
from repro.record.record import Record
from repro.spec.run import Run, digest_of
from repro.spec.table import Field, PaperTable, Row
from repro.spec.versions import versions


def key(run: Run, rule: str) -> str:
    """Key of a record, e.g. `count litepose_s joints=14 448x448 rule=true`."""
    return f"count {run.of_part} rule={rule}"


def digest(run: Run, rule: str) -> str:
    """Hash of what can change a count: network, size, submodule, rule, versions of the code."""
    return digest_of("count", run.of_part, rule, versions(family_of(run), "counting"))


def find(run: Run, rule: str, records: Records) -> Found | None:
    """The record of a run under a rule."""
    return found_at(records, key(run, rule), digest(run, rule))


@dataclass(frozen=True)
class CountWork(Work):
    """Counts one network under several rules, from one trace."""

    rules: frozenset[str]

    def digests(self) -> Mapping[str, str]:
        """The key and digest of each rule."""
        return {key(self.run, rule): digest(self.run, rule) for rule in sorted(self.rules)}

    def missing(self, wanted: Callable[[str, str], bool]) -> "CountWork | None":
        """The same network with those rules that are left to count."""
        rules = {rule for rule in self.rules if wanted(key(self.run, rule), digest(self.run, rule))}
        return replace(self, rules=frozenset(rules)) if rules else None

    def described(self) -> tuple[str, str, str]:
        """All rules on one line."""
        return "count", f"count {self.run.of_part}", ", ".join(sorted(self.rules))

    def measure(self) -> list[Record]:
        """One record for each rule."""
        from repro.counting import trace
        from repro.record import provenance

        start, run = time.perf_counter(), self.run
        network = zoo.build_empty(run.model, **run.changes)
        counted = trace.count_all(network, run.shape, rules=sorted(self.rules), part=run.part)
        proof = {**provenance.code_provenance(), "seconds": round(time.perf_counter() - start, 3)}
        return [
            Record(
                key=key(run, rule),
                digest=digest(run, rule),
                family=family_of(run),
                values={"params": count.params, count.unit.lower(): count.macs},
                provenance={**proof, "rule": rule},
            )
            for rule, count in counted.items()
        ]


class CountKind(Kind):
    """Fills the columns of parameters, MACs and FLOPs."""

    column = "count"
    title = "Compute"

    def key(self, run: Run, rule: str) -> str:
        """The key under the cell's rule."""
        return key(run, rule)

    def find(self, run: Run, rule: str, records: Records) -> Found | None:
        """The record under the cell's rule."""
        return find(run, rule, records)

    def rule(self, row: Row, field: Field) -> str:
        """The row's own rule, else the column's, else `true`."""
        return row.rules.get(field.name, field.rule) or "true"

    def work(self, tables: Iterable[PaperTable]) -> list[Work]:
        """Every network and size, with the rules its tables print; `true` always."""
        rules: dict[str, tuple[Run, set[str]]] = {}
        for row, item, run in cells_of(self, tables):
            rules.setdefault(run.of_part, (run, {"true"}))[1].add(self.rule(row, item))
        return [CountWork(run, frozenset(names)) for run, names in rules.values()]
