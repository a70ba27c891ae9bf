"""Every kind of measurement. A new one is a module beside these, and one line here."""

from repro.measure.accuracy import Accuracy
from repro.measure.count import Count
from repro.measure.facts import Facts
from repro.measure.kind import Kind
from repro.measure.memory import Memory
from repro.spec.run import Run
from repro.spec.table import Field

KINDS: tuple[Kind, ...] = (Count(), Facts(), Memory(), Accuracy())


def kind_of(field: Field, run: Run | None) -> Kind | None:
    """The kind that fills a field of a row with this run, None where nothing can."""
    kinds = [one for one in KINDS if one.column == field.definition.kind]
    return kinds[0] if kinds and run is not None and kinds[0].fills(run, field) else None
