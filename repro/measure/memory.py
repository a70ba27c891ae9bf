"""Kind `memory`: the most bytes of activations that live at once in one forward pass."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from repro.measure.kind import Kind, Work, cells_of, family_of, found_at
from repro.models import zoo
from repro.record.found import Found, Records
from repro.record.record import Record
from repro.spec.run import Run, digest_of
from repro.spec.table import PaperTable
from repro.spec.versions import versions


def key(run: Run) -> str:
    """Key of a record, e.g. `memory litepose_s 448x448`."""
    return f"memory {run.what}"


def digest(run: Run) -> str:
    """Hash of everything that can change the activations' peak."""
    return digest_of("memory", run.what, versions(family_of(run), "memory"))


@dataclass(frozen=True)
class MemoryWork(Work):
    """Finds the peak of one network at batch 1."""

    def digests(self) -> Mapping[str, str]:
        """The one key and digest."""
        return {key(self.run): digest(self.run)}

    def described(self) -> tuple[str, str, str]:
        """The key; memory has no counting rule."""
        return "memory", key(self.run), ""

    def measure(self) -> list[Record]:
        """The peak of one forward pass."""
        from repro.counting import memory
        from repro.record import provenance

        run = self.run
        values = {
            "peak_bytes": memory.peak_bytes(zoo.build_empty(run.model, **run.changes), run.shape)
        }
        return [
            Record(
                key(run),
                digest(run),
                family_of(run),
                values,
                provenance=provenance.code_provenance(),
            )
        ]


class MemoryKind(Kind):
    """Fills the columns of peak memory."""

    column = "memory"
    title = "Memory"

    def key(self, run: Run, rule: str) -> str:
        """The key of the run's network; memory has no rule."""
        return key(run)

    def find(self, run: Run, rule: str, records: Records) -> Found | None:
        """The record of what a run's network needs for its activations."""
        return found_at(records, key(run), digest(run))

    def work(self, tables: Iterable[PaperTable]) -> list[Work]:
        """Every network whose activations' peak the tables print."""
        return [*{key(run): MemoryWork(run) for _, _, run in cells_of(self, tables)}.values()]
