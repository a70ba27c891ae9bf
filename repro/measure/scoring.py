"""One accuracy from start to finish: training or weights, test, and what a record keeps of both."""

import time

from repro.errors import UsageError
from repro.measure.accuracy import How, Weights, as_trained, run_done, shape_of
from repro.measure.curves import POINT_IMAGES, read_curve
from repro.measure.networks import build_for
from repro.measure.pictures import open_pictures
from repro.measure.place import Place
from repro.measure.testing import test
from repro.measure.training import train_run
from repro.measure.usual import nominal_size
from repro.spec.run import Run
from repro.spec.settings import Profile
from repro.train.training import computed


def score(
    run: Run, how: How, *, seed: int, place: Place
) -> tuple[dict[str, float], dict[str, object]]:
    """Values and provenance of one accuracy: train by a profile, or load weights, then test by the
    run's protocol."""
    start, run = time.perf_counter(), run_done(run, how)
    weights = (
        how.path
        if isinstance(how, Weights)
        else train_run(run, how, seed=seed, place=place).weights
    )
    model, info = build_for(run, weights)
    if run.protocol is None:
        raise UsageError(f"{run.model} names no test protocol", "repro list --models")
    protocol = as_trained(run.protocol, run, how)
    opened = open_pictures(run, how, "val", task=protocol.task, place=place)
    nominal = nominal_size(protocol.task, shape_of(run, how))
    tested, proof = test(model, opened, protocol, nominal=nominal, device=place.device)
    facts: dict[str, object] = {
        "seed": seed,
        "weights": info["sha256"],
        "seconds": round(time.perf_counter() - start, 1),
    }
    if isinstance(how, Profile):
        facts["trained"] = computed(how)
        facts["curve"] = read_curve(weights.parent)
        facts["curve_images"] = POINT_IMAGES
    return dict(tested.values), {**proof, **facts}
