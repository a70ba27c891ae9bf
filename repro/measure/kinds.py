"""Every kind of measurement. A new kind is a module in this folder, and one line here."""

from repro.measure.accuracy import AccuracyKind
from repro.measure.count import CountKind
from repro.measure.facts import FactsKind
from repro.measure.kind import Kind
from repro.measure.latencies import LatencyKind
from repro.measure.memory import MemoryKind
from repro.spec.run import Run
from repro.spec.table import Field

KINDS: tuple[Kind, ...] = (CountKind(), FactsKind(), MemoryKind(), LatencyKind(), AccuracyKind())


def kind_of(field: Field, run: Run | None) -> Kind | None:
    """The kind that fills a field of a row with this run, None where nothing can."""
    kinds = [kind for kind in KINDS if kind.column == field.definition.kind]
    return kinds[0] if kinds and run is not None and kinds[0].fills(run, field) else None
