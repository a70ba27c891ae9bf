"""Whether scores in the super-net say what a network is worth: architectures scored there, and the
same trained alone."""

import json
import warnings
from dataclasses import replace

import numpy as np
from scipy import stats

from repro.console import talk
from repro.errors import UsageError
from repro.files import write_atomically
from repro.grid import Grid
from repro.measure import scoring
from repro.measure.place import Place
from repro.measure.search_litepose import DATA, JOINTS, Search
from repro.measure.search_trace import SearchWish
from repro.spec.protocols import BOTTOM_UP
from repro.spec.recipes import LITEPOSE_CROWDPOSE

LEAST = 3  # of fewer no correlation is told
CHECK = "check.json"


def check(wish: SearchWish, place: Place, count: int) -> Grid:
    """Score `count` sub-networks, drawn evenly within the limit, in the super-net, and train each
    alone by the same profile.

    Alone, a network is tested on the test part; in the super-net on pictures kept from training, as
    a search does it. Resumable: what is trained is only loaded. Raises UsageError for fewer than
    three.
    """
    if count < LEAST:
        raise UsageError(f"{count} networks have no order to compare", f"--check {LEAST} or more")
    search = Search.open(wish, place)
    rng = np.random.default_rng(wish.seed)
    drawn = dict.fromkeys(search.within.drawn(rng) for _ in range(20 * count))
    pairs = list[tuple[str, float, float]]()
    for genes in list(drawn)[:count]:
        inside = search.score(genes)
        run = replace(
            search.space.run(genes, JOINTS),
            dataset=DATA,
            protocol=BOTTOM_UP,
            recipe=LITEPOSE_CROWDPOSE,
        )
        profile = wish.profile.of(run.recipe)
        values, _ = scoring.score(run, profile, seed=wish.seed, place=place)
        pairs.append((" ".join(map(str, genes)), inside, values.get("AP", 0.0)))
        talk(f"{len(pairs)} of {count}: AP {inside:.4f} in the super-net, {values['AP']:.4f} alone")
        write_atomically(wish.out / CHECK, json.dumps(pairs, indent=1) + "\n")
    rows = tuple((name, f"{inside:.4f}", f"{alone:.4f}") for name, inside, alone in pairs)
    headings = ("architecture", "AP in the super-net", "AP trained alone")
    note = correlation([one[1] for one in pairs], [one[2] for one in pairs])
    return Grid(headings, rows, title=f"{wish.space}, profile {wish.profile.name}", notes=(note,))


def correlation(inside: list[float], alone: list[float]) -> str:
    """Spearman's rank correlation with its 95 % bootstrap interval, in words."""

    def ranked(first: np.ndarray, second: np.ndarray) -> float:
        return float(stats.spearmanr(first, second).statistic)

    if len(set(inside)) < 2 or len(set(alone)) < 2:
        return "no rank correlation: one of the sides has the same score everywhere"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # resamples of one value alone have no correlation
        found = stats.bootstrap(
            (np.array(inside), np.array(alone)), ranked, paired=True, vectorized=False,
            n_resamples=2000, method="percentile", rng=np.random.default_rng(0),
        )  # fmt: skip
        draws = found.bootstrap_distribution
        low, high = np.nanquantile(draws, (0.025, 0.975))
    return (
        f"rank correlation {ranked(np.array(inside), np.array(alone)):.2f}, 95 % interval "
        f"{low:.2f} to {high:.2f}, of {len(inside)} networks"
    )
