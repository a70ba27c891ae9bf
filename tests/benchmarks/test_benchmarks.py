"""Every benchmark on tiny work: both sides give the same result, ratios are printed. Nothing here
depends on time."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from where import CHECKOUT

from repro.benchmarks import count, data, decode, score, train
from repro.benchmarks.measure import agree, in_turn, ratio, single_thread, spread
from repro.cli.main import main
from repro.errors import CheckError, UsageError
from repro.grid import Grid
from repro.people.skeletons import COCO

RATIO = re.compile(r"^[\d.]+(e[+-]\d+)?x$")


def column(grid: Grid, heading: str) -> list[str]:
    return [row[grid.headings.index(heading)] for row in grid.rows]


def test_the_median_is_printed_with_its_range_and_ratios_are_of_medians() -> None:
    assert spread((0.003, 0.001, 0.002)) == "2 (1-3)"
    assert ratio((4.0, 6.0, 90.0), (2.0, 1.0, 3.0)) == "3x"


def test_works_take_turns() -> None:
    order: list[str] = []
    times = in_turn(lambda: order.append("a"), lambda: order.append("b"), repeats=2)
    assert order == ["a", "b", "a", "b"]
    assert [len(own) for own in times] == [2, 2]


def test_the_number_of_threads_is_restored() -> None:
    import cv2
    import torch

    before = torch.get_num_threads(), cv2.getNumThreads()
    with single_thread():
        assert (torch.get_num_threads(), cv2.getNumThreads()) == (1, 1)
    assert (torch.get_num_threads(), cv2.getNumThreads()) == before


def test_different_results_stop_a_benchmark() -> None:
    with pytest.raises(
        CheckError, match="bench decode: ours and the baseline give different results"
    ):
        agree("decode", False)


@pytest.mark.parametrize("values", [1, 2])
@pytest.mark.parametrize("people", [0, 1, 4, 12])
def test_plain_grouping_and_ours_find_the_same_people(people: int, values: int) -> None:
    maps = decode.draw_maps(people, values, size=96, seed=people)
    assert decode.found_by_both(maps, "test").isdigit()


def test_every_drawn_person_is_found() -> None:
    assert decode.found_by_both(decode.draw_maps(3, 1, size=256), "test") == "3"


def test_decode_prints_a_ratio_per_case() -> None:
    grid = decode.run(repeats=1, people=(1, 2), size=128)
    assert len(grid.rows) == 4
    assert all(
        RATIO.match(text) for text in column(grid, "plain / ours") + column(grid, "ours / maximum")
    )
    assert "threads: torch 1, OpenCV 1" in grid.notes[-1]
    assert re.search(
        r" in this process, .* with 2 helping: [\d.]+x; the same people to the bit", grid.notes[1]
    )


def test_decode_notices_a_different_result(monkeypatch: pytest.MonkeyPatch) -> None:
    maps = decode.draw_maps(2, 1, size=128)
    people, scores = decode.plain_group(maps)
    monkeypatch.setattr(
        decode, "plain_group", lambda _: ([person + 0.01 for person in people], scores)
    )
    with pytest.raises(CheckError):
        decode.found_by_both(maps, "test")


def test_data_makes_the_same_samples_and_prints_ratios() -> None:
    grid = data.run(repeats=1, images=3, size=64)
    assert column(grid, "work") == ["whole sample", "targets alone"]
    assert all(RATIO.match(text) for text in column(grid, "ours / plain"))


def test_plain_targets_are_ours_with_people_outside_and_none() -> None:
    from repro.pose.targets import heatmaps, tag_joints

    rng = np.random.default_rng(0)
    plain = object.__new__(data.Plain)
    plain.blob = data.blob()
    for people in (0, 1, 5):
        joints = rng.uniform(-8, 40, (people, len(COCO), 3))
        joints[..., 2] = rng.integers(0, 3, (people, len(COCO)))
        # the last bit of the exponential may differ
        np.testing.assert_allclose(
            plain.heatmaps(joints, 32), heatmaps(joints, size=32), rtol=0, atol=1e-6
        )
        np.testing.assert_array_equal(data.plain_tags(joints, 32), tag_joints(joints, size=32))


def test_score_gives_the_same_numbers_and_prints_ratios() -> None:
    grid = score.run(repeats=1, images=20, detections=250)
    assert column(grid, "work") == ["evaluation", "files to numbers"]
    assert all(RATIO.match(text) for text in column(grid, "pycocotools / ours"))


def test_the_drawn_predictions_are_as_many_as_asked(tmp_path: Path) -> None:
    import json

    truth, predictions = score.draw(tmp_path, images=7, detections=100)
    found = json.loads(predictions.read_text(encoding="utf-8"))
    assert len(found) == 100
    assert {one["image_id"] for one in found} == {
        image["id"] for image in json.loads(truth.read_text())["images"]
    }


def test_count_compares_processes_and_prints_ratios() -> None:
    grid = count.run(models=["proxyless_gpu_slim"])
    assert [
        RATIO.match(grid.rows[0][grid.headings.index(name)]) is not None
        for name in ("fvcore / ours", "fvcore / ours (memory)")
    ] == [True, True]
    assert column(grid, "networks") == ["1"]


def test_count_refuses_an_unknown_model() -> None:
    with pytest.raises(UsageError, match="litepose_xs"):
        count.run(models=["litepose_xss"])


def test_train_gives_the_same_first_loss_and_prints_ratios() -> None:
    grid = train.run(repeats=1, size=64, batch=2, device="cpu")
    assert column(grid, "network") == [*train.FAMILIES, "geometric mean"]
    assert all(RATIO.match(text) for text in column(grid, "ratio"))


def test_the_heavy_models_are_models() -> None:
    from repro.models.zoo import MODELS

    assert set(count.HEAVY) <= set(MODELS)


@pytest.mark.parametrize("name", ["count", "decode", "data", "score", "train"])
def test_a_command_prints_the_grid_of_its_benchmark(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def run(**how: Any) -> Grid:
        asked.update(how)
        return Grid(("work", "ratio"), (("nothing", "2x"),))

    monkeypatch.setattr(sys.modules[f"repro.benchmarks.{name}"], "run", run)
    done = CliRunner().invoke(main, ["bench", name, "--repeats", "2", "--format", "csv"])
    assert (done.exit_code, done.output) == (0, "work,ratio\nnothing,2x\n")
    assert asked["repeats"] == 2


def test_the_readme_names_every_benchmark() -> None:
    from repro.cli.bench import bench

    lines = (CHECKOUT / "README.md").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if "`repro bench all`" in line]
    assert [name for name in bench.commands if name != "all" and f"`{name}`" not in line] == []


def test_the_command_itself_loads_nothing_heavy() -> None:
    code = "import sys, repro.benchmarks; assert not {'torch', 'cv2'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("crowd", [0, 1])
def test_our_similarity_is_that_of_pycocotools_to_the_bit(crowd: int, tmp_path: Path) -> None:
    """Ties between a similarity and a threshold decide alike only when not even the last bit
    differs."""
    import json

    from pycocotools.cocoeval import COCOeval

    from repro.pose.coco_eval import Evaluator
    from repro.pose.coco_files import load_predictions, load_truth

    files = score.draw(tmp_path, images=40, detections=1000)
    content = json.loads(files[0].read_text(encoding="utf-8"))
    for person in content["annotations"][::3]:  # without labelled joints, or a crowd
        person.update(iscrowd=crowd, num_keypoints=0, keypoints=[0.0] * (3 * len(COCO)))
    files[0].write_text(json.dumps(content), encoding="utf-8")
    truth = load_truth(files[0], len(COCO))
    own = Evaluator(
        truth, load_predictions(files[1], truth, len(COCO)), COCO.sigmas, engine="faster"
    )
    theirs = COCOeval(*score.load_both(*files), "keypoints")
    theirs.params.kpt_oks_sigmas = own.sigmas
    theirs._prepare()
    for image in range(1, 41):
        np.testing.assert_array_equal(own.similarities(image, 1), theirs.computeOks(image, 1))
