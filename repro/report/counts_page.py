"""results/counts.md: every printed count beside ours, and what does not come out."""

from collections.abc import Iterator

from repro.grid import Grid
from repro.record.found import Records
from repro.report import counts, paper_page
from repro.report.markdown import Links, heading, table, wrapped

ABOUT = (
    "Each line is one network as its paper counts it, at the size it counts it at, by the rule of "
    "the paper, and by rule `true`; one table may print another number than the next. Units are "
    "the papers'; by rule `true` they are millions and 1e9."
)


def page(records: Records) -> Iterator[str]:
    """The whole page, in paragraphs."""
    links = Links()
    yield heading(1, "Counts: every printed number beside ours")
    yield (
        "`repro verify` counts them afresh. [All results](../RESULTS.md) · "
        "[rules](../RESULTS.md#how-to-read-this)"
    )
    yield wrapped(ABOUT)
    yield heading(2, "What does not come out", "off")
    yield wrapped(
        f"Off by more than {100 * counts.EXACT:g} %, and other digits than printed. The remark "
        "behind the link says why, or that it is open."
    )
    yield table(outside_grid(records, links))
    yield heading(2, "Parameters", "params")
    yield table(counts.params_grid(records))
    yield heading(2, "Multiply-adds and float operations", "macs")
    yield table(counts.macs_grid(records))
    yield links.definitions()


def outside_grid(records: Records, links: Links) -> Grid:
    """One line per printed count that is off: where, how far, and which remark explains it."""
    rows = []
    for one in counts.outside(records):
        slug = one.table.paper
        name = paper_page.remarks(slug).get(one.remark, "")
        why = (
            links.to(f"{slug}.md#{name.lower()}", name, f"{slug} {name}")
            if name
            else "not explained"
        )
        rows.append((one.table.id, one.row, one.printed, one.off, why))
    return Grid(("table", "row", "printed", "ours is off by", "why"), tuple(rows))
