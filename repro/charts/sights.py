"""The panels of trained networks, made from weights and pictures. Imports torch."""

from collections.abc import Iterator, Mapping, Sequence

from repro.charts import figures, page
from repro.charts.figures import Sight, sights_of
from repro.charts.tiles import SIDE, Pictures, of_networks, run_of, told
from repro.errors import MissingError
from repro.measure import sights
from repro.measure.sights import Look, Network
from repro.people.sample import Sample
from repro.record.found import Records
from repro.spec.figure import Figure, MapsPanel, PeoplePanel, Sights


def of_figure(figure: Figure, look: Look) -> list[Sight]:
    """Every panel of trained networks, and what a reader must know of it.

    Raises MissingError where no network is there, or of a panel of maps not all.
    """
    return [_sight(figure, spec, look) for spec in sights_of(figure)]


def _sight(figure: Figure, spec: Sights, look: Look) -> Sight:
    networks = {row: look.network(run_of(spec, row)) for row in spec.rows}
    there = {row: network for row, network in networks.items() if network}
    lacking = [row for row in spec.rows if row not in there]
    if not there or (lacking and isinstance(spec, MapsPanel)):
        place = look.weights or f"{look.place.runs}, where profile {spec.profile} leaves them"
        raise MissingError(
            f"{figure.id} shows trained networks, and {', '.join(lacking)} of {spec.table} "
            f"{'is' if len(lacking) == 1 else 'are'} not in {place}",
            f"repro figure {figure.id} --run",
        )
    made = _people(spec, there, look) if isinstance(spec, PeoplePanel) else _maps(spec, there, look)
    weights = {row: network.sha256 for row, network in there.items()}
    names = [path.name for path in look.images]
    panel = of_networks(spec, weights, pictures=names, make=lambda: made)
    return panel, told(spec, weights, given=bool(names))


def _people(spec: PeoplePanel, networks: Mapping[str, Network], look: Look) -> Pictures:
    rows: list[list[sights.Tile]] = []
    for network in networks.values():
        samples = look.samples(network, spec.pictures)
        if not rows and not look.images:
            rows.append(sights.labelled(samples, network.ready.skeleton, SIDE))
        rows.append(sights.found(network, samples, SIDE))
    return Pictures(rows)


def _maps(spec: MapsPanel, networks: Mapping[str, Network], look: Look) -> Pictures:
    """A row per picture; every network is shown the same ones."""
    samples = look.samples(next(iter(networks.values())), spec.pictures)
    rows = [list(_row(spec, networks, sample)) for sample in samples]
    return Pictures(
        [[tile for tile, _ in row] for row in rows], [[text for _, text in row] for row in rows]
    )


def _row(
    spec: MapsPanel, networks: Mapping[str, Network], sample: Sample
) -> Iterator[tuple[sights.Tile, str]]:
    """The crop, then the maps, each with its share of checkerboard."""
    paths: dict[str, list[str]] = {row: [] for row in spec.rows}
    for row, path, _ in spec.layers:
        paths[row].append(path)
    maps = {row: sights.maps_of(networks[row], sample, paths[row]) for row in spec.rows}
    first = spec.rows[0]
    yield sights.crop_tile(sample, maps[first], networks[first].ready.skeleton, SIDE), ""
    for row, path, _ in spec.layers:
        values = maps[row].layers[path]
        yield sights.map_tile(values, SIDE), f"{sights.checkerboard(values):.2f}"


def differing(figure: Figure, made: Sequence[Sight], records: Records) -> str:
    """In words, whether the pictures are of other weights than the records, "" where they are
    not."""
    try:
        expected = page.digest(figures.chart(figure, records))
    except MissingError as fault:
        return f"RESULTS.md does not show this picture: {fault.message}"
    if page.digest(figures.chart(figure, records, made)) == expected:
        return ""
    return (
        "RESULTS.md does not show this picture: other pictures or weights than those of the records"
    )
