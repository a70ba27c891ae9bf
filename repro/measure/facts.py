"""Kind `facts`: what a built network is, as tables print it: widths, blocks, sides of its maps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from repro.measure.kind import Kind, Work, cells_of, family_of, found_at
from repro.models import zoo
from repro.record.found import Found, Records
from repro.record.record import Record
from repro.spec.run import Run, digest_of
from repro.spec.table import Field, PaperTable
from repro.spec.versions import versions


def key(run: Run) -> str:
    """Key of a record, e.g. `facts efficienthrnet_h0 512x512`."""
    return f"facts {run.of_part}"


def digest(run: Run) -> str:
    """Hash of everything that can change what the built network is."""
    return digest_of("facts", run.of_part, versions(family_of(run), "facts"))


@dataclass(frozen=True)
class FactsWork(Work):
    """Reads the configuration off one network."""

    def digests(self) -> Mapping[str, str]:
        """The one key and digest."""
        return {key(self.run): digest(self.run)}

    def described(self) -> tuple[str, str, str]:
        """The key; facts have no counting rule."""
        return "facts", key(self.run), ""

    def measure(self) -> list[Record]:
        """The network's own account of its configuration, and the sides of the maps it returns."""
        from repro.counting.facts import facts
        from repro.record import provenance

        run = self.run
        values = facts(zoo.build_empty(run.model, **run.changes), run.shape, part=run.part)
        proof = provenance.code_provenance()
        return [Record(key(run), digest(run), family_of(run), values, provenance=proof)]


class FactsKind(Kind):
    """Fills the columns that say how a network is built."""

    column = "config"
    title = "Configuration"

    def key(self, run: Run, rule: str) -> str:
        """The key of the run's network; facts have no rule."""
        return key(run)

    def find(self, run: Run, rule: str, records: Records) -> Found | None:
        """The record of what a run's network is."""
        return found_at(records, key(run), digest(run))

    def fills(self, run: Run, field: Field) -> bool:
        """Only what can be read off a network: other columns say which row it is."""
        return bool(field.definition.value)

    def work(self, tables: Iterable[PaperTable]) -> list[Work]:
        """Every network whose configuration the tables print."""
        return [*{key(run): FactsWork(run) for _, _, run in cells_of(self, tables)}.values()]
