"""Evolutionary search, as the once-for-all networks that LitePose follows are searched
(arXiv 1908.09791; arXiv 2205.01271, section 3.4): the best part of a population has children by
mutation and by crossover. It is the paper's own method and one screen long, so no library stands
here."""

from collections.abc import Callable, Sequence

import numpy as np

from repro.search.costs import Cost, Limit, check_limit
from repro.search.space import Genes
from repro.spec.searches import Evolution

Score = Callable[[Genes], float]
Allowed = Callable[[np.random.Generator], Genes]
TRIES = 100


class Within:
    """The architectures of a space that keep a limit. Raises UsageError where there is none."""

    def __init__(self, choices: Sequence[Sequence[object]], cost: Cost, limit: Limit) -> None:
        self.choices, self.cost, self.limit = choices, cost, limit
        self.least = check_limit(choices, cost, limit)

    def keeps(self, genes: Genes) -> bool:
        """Whether an architecture is within the limit."""
        return self.cost(genes) <= self.limit.most

    def mended(self, genes: Genes, rng: np.random.Generator) -> Genes:
        """An architecture above the limit with one place after the other, in random order, as in
        the smallest, until it is within."""
        for place in rng.permutation(len(genes)).tolist():
            if self.keeps(genes):
                break
            genes = (*genes[:place], self.least[place], *genes[place + 1 :])
        return genes

    def first(self, make: Callable[[], Genes], rng: np.random.Generator) -> Genes:
        """The first of some tries that is within the limit; the last of them mended where none
        is."""
        for _ in range(TRIES):
            genes = make()
            if self.keeps(genes):
                return genes
        return self.mended(genes, rng)

    def drawn(self, rng: np.random.Generator) -> Genes:
        """An architecture within the limit, drawn evenly."""
        return self.first(
            lambda: tuple(values[int(rng.integers(len(values)))] for values in self.choices), rng
        )

    def mutated(self, parent: Genes, rng: np.random.Generator, share: float) -> Genes:
        """A child that differs from its parent at a share of the places."""

        def make() -> Genes:
            return tuple(
                values[int(rng.integers(len(values)))] if rng.random() < share else gene
                for gene, values in zip(parent, self.choices, strict=True)
            )

        return self.first(make, rng)

    def crossed(self, first: Genes, second: Genes, rng: np.random.Generator) -> Genes:
        """A child that has every place from one of two parents."""

        def make() -> Genes:
            return tuple(a if rng.random() < 0.5 else b for a, b in zip(first, second, strict=True))

        return self.first(make, rng)


def evolve(within: Within, plan: Evolution, score: Score, *, seed: int) -> Genes:
    """The architecture with the highest score.

    What is scored, and in which order, follows from the seed and the scores alone: with kept scores
    a search that was cut off goes on as if it had not been.
    """
    rng = np.random.default_rng(seed)
    population = [within.drawn(rng) for _ in range(plan.population)]
    for _ in range(plan.rounds):
        parents = best(population, score, max(1, round(plan.parents * plan.population)))
        population = parents + _children(parents, within, plan, rng)
    return best(population, score, 1)[0]


def _children(
    parents: Sequence[Genes], within: Within, plan: Evolution, rng: np.random.Generator
) -> list[Genes]:
    mutants = round(plan.ratio * plan.population)
    found = []
    for number in range(plan.population):
        first, second = (parents[int(rng.integers(len(parents)))] for _ in range(2))
        mutant = number < mutants
        found.append(
            within.mutated(first, rng, plan.mutate)
            if mutant
            else within.crossed(first, second, rng)
        )
    return found


def best(population: Sequence[Genes], score: Score, count: int) -> list[Genes]:
    """The `count` best of a population, each architecture once."""
    return sorted(dict.fromkeys(population), key=score, reverse=True)[:count]


def random_search(within: Within, count: int, score: Score, *, seed: int) -> Genes:
    """The best of `count` architectures drawn evenly."""
    rng = np.random.default_rng(seed)
    return best([within.drawn(rng) for _ in range(count)], score, 1)[0]
