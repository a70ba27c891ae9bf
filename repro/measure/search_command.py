"""The `search` command: which search is meant, by which settings."""

from pathlib import Path

from repro.errors import UsageError
from repro.files import check_writable
from repro.grid import Grid
from repro.measure import search_check, search_litepose, search_nas
from repro.measure.budget import seconds_of
from repro.measure.place import Place
from repro.measure.search_trace import RECORD, SearchWish, grid
from repro.record.record import Record
from repro.search.costs import TABLE_HINT, Limit, check_rule
from repro.search.space import named_space
from repro.spec.profiles import named_profile

FIRST = {"litepose": "litepose-xs", "efficientpose-nas": "nas-small", "random": "nas-small"}


def wish(
    method: str,
    *,
    space: str,
    limit: str,
    rule: str,
    cost: str,
    table: Path | None,
    profile: str,
    budget: str,
    norms: bool,
    seed: int,
    out: Path,
) -> SearchWish:
    """What a command asks for. Raises UsageError for what does not go together."""
    space = space or FIRST[method]
    named_space(space)
    if method != "random" and space.startswith("litepose") != (method == "litepose"):
        raise UsageError(f"{space} is no space of {method}", f"--space {FIRST[method]}")
    check_rule(rule)
    bound = Limit.parse(limit) if limit else None
    if bound and bound.kind == "latency":
        cost = "latency"
    if bound and cost == "latency" and bound.kind != "latency":
        raise UsageError(
            f"the cost is latency and the limit of {bound.kind}", "--limit latency=9ms"
        )
    if (cost == "latency") != (table is not None):
        raise UsageError("a table of costs goes with latency, and latency with one", TABLE_HINT)
    return SearchWish(
        method,
        space,
        named_profile(profile),
        out,
        limit=bound,
        rule=rule,
        cost=cost,
        table=table,
        seed=seed,
        seconds=seconds_of(budget) if budget else float("inf"),
        norms=norms,
    )


def check(asked: SearchWish, place: Place, count: int) -> Grid:
    """Scores of sub-networks in the super-net beside those of the same trained alone. Raises
    UsageError for a space without a super-net."""
    if not asked.space.startswith("litepose"):
        raise UsageError(
            f"{asked.space} has no super-net to check", "repro search litepose --check 20"
        )
    check_writable(asked.out / search_check.CHECK)
    return search_check.check(asked, place, count)


def search(asked: SearchWish, place: Place) -> tuple[Record, Grid]:
    """The record of a search, and what it has found in words."""
    check_writable(asked.out / RECORD)
    run = search_litepose.search if asked.space.startswith("litepose") else search_nas.search
    record = run(asked, place)
    return record, grid(asked, record)
