"""Profile mini: easy pictures, the weighted error, curves while learning, and the section that
lists its scores."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from repro.charts.panels import drawn
from repro.data.part import some
from repro.data.synth.faces import FACE, SynthPose, draw, make
from repro.data.synth.levels import LEVELS
from repro.errors import MissingError, UsageError
from repro.measure import accuracy
from repro.measure.accuracy import as_trained, run_done, shape_of
from repro.measure.pictures import open_pictures
from repro.measure.place import Place
from repro.measure.scoring import score
from repro.measure.training import cost, train_run
from repro.models import zoo
from repro.pose import crops
from repro.pose.decode import frame
from repro.pose.losses import PEAK_WEIGHT, heatmap_loss, heights, squared_error
from repro.pose.measures import near_joints
from repro.pose.targets import one_person
from repro.record.record import Record
from repro.report import reduced
from repro.spec import catalog
from repro.spec.figure import LearningPanel
from repro.spec.profiles import MINI, PROFILES
from repro.spec.protocols import BOTTOM_UP, CLASSIFICATION, MPII_CROP, MPII_GROOS
from repro.spec.recipes import (
    CLASSIFICATION_IMAGENET,
    EFFICIENTHRNET,
    EFFICIENTPOSE,
    EFFICIENTPOSE_NAS_MPII,
    HIGHERHRNET,
)
from repro.spec.run import Run
from repro.spec.settings import Profile, changed, values
from repro.tasks.all import TASKS
from repro.train.batches import Prepared
from repro.train.checkpoint import read_info
from repro.train.schedules import Step, recipe_at, schedule
from repro.train.step import Stepper
from repro.train.training import Training


def test_easy_people_are_few_and_tall():
    for index in range(12):
        picture = draw("synthpose-coco", index, size=(128, 128), level=LEVELS["easy"])
        joints = picture.labelled.sample.joints
        assert 0 < len(joints) <= 3
        assert not joints[:, :FACE, 2].any()
        assert (
            len(
                draw(
                    "synthpose-crowd", index, size=(128, 128), level=LEVELS["easy"]
                ).labelled.sample.joints
            )
            <= 3
        )
        assert (
            len(
                draw(
                    "synthpose-mpii", index, size=(128, 128), level=LEVELS["easy"]
                ).labelled.sample.joints
            )
            == 1
        )


def test_easy_and_ordinary_pictures_differ():
    easy = draw("synthpose-mpii", 0, size=(64, 64), level=LEVELS["easy"]).labelled.sample.image
    assert (easy != draw("synthpose-mpii", 0, size=(64, 64)).labelled.sample.image).any()


def test_the_weighted_error_is_of_peaks():
    found, target = torch.tensor([0.5, 0.5]), torch.tensor([1.0, 0.0])
    assert squared_error(found, target).tolist() == [0.25, 0.25]
    assert squared_error(found, target, kind="weighted").tolist() == [
        0.25 * (1 + PEAK_WEIGHT),
        0.25,
    ]
    with pytest.raises(UsageError, match="error of heatmaps"):
        squared_error(found, target, kind="focal")


def test_the_weighted_error_is_masked():
    maps, mask = torch.ones(1, 2, 4, 4), torch.zeros(1, 4, 4)
    assert heatmap_loss(maps, torch.zeros_like(maps), mask, kind="weighted").item() == 0


# --- the entropy of one person's maps ---------------------------------------------------------------


def test_the_entropy_is_least_where_the_softmax_is_the_target():
    target = torch.zeros(1, 2, 4, 4)
    target[0, 0, 1, 2], target[0, 0, 1, 3] = 1.0, 0.5
    logits = (target / 1.5).clamp(min=1e-9).log()
    best = squared_error(logits, target, kind="entropy").mean((2, 3))
    third = 1 / 3
    assert best[0, 0].item() == pytest.approx(  # in nats
        -2 * third * np.log(2 * third) - third * np.log(third), abs=1e-4
    )
    assert best[0, 1].item() == 0  # nobody is labelled
    moved = squared_error(logits.roll(1, 2), target, kind="entropy").mean((2, 3))
    assert moved[0, 0] > best[0, 0]


def test_several_people_have_no_entropy():
    maps, mask = torch.ones(1, 2, 4, 4), torch.ones(1, 4, 4)
    with pytest.raises(UsageError, match="of one person"):
        heatmap_loss(maps, maps, mask, kind="entropy")


def test_logits_are_read_as_heights_with_the_same_peaks():
    """A map that has learnt its target answers the logarithm of it, but for a constant."""
    joints = np.array([[5.3, 9.8, 2], [20.0, 3.25, 2]])
    target, _ = one_person(joints, size=(32, 32), sigma=0.8)
    logits = torch.from_numpy(target).clamp(min=1e-12).log() + 7
    protocol = as_trained(MPII_CROP, NAS_A, MINI.of(NAS_A.recipe))
    found = heights(logits, protocol.softmax).numpy()
    np.testing.assert_allclose(found, target, atol=0.02)  # the Gaussian ends after three sigmas
    np.testing.assert_array_equal(
        crops.peaks(found, quarter=True)[:, :2], crops.peaks(target, quarter=True)[:, :2]
    )
    assert heights(logits, 0.0) is logits


def test_only_networks_trained_by_the_entropy_are_read_so():
    profile = MINI.of(NAS_A.recipe)
    assert as_trained(MPII_CROP, NAS_A, profile).softmax == pytest.approx(2 * np.pi * 0.8**2)
    squared = replace(profile, recipe={**profile.recipe, "heat": "weighted"})
    assert as_trained(MPII_CROP, NAS_A, squared).softmax == 0
    assert as_trained(MPII_CROP, NAS_A, accuracy.Weights(Path("a"), "0")) is MPII_CROP
    assert accuracy.digest(NAS_A, profile) != accuracy.digest(NAS_A, squared)
    one = Run("efficientpose_i", 256, {}, "mpii-val", MPII_GROOS, EFFICIENTPOSE)
    passes = as_trained(MPII_GROOS, one, MINI.of(EFFICIENTPOSE))
    assert passes.softmax == pytest.approx(np.pi * 0.05**2)  # of the map's area; Groos divides by 1


# --- measures -------------------------------------------------------------------------------------


def people(*heights):
    """A picture of people 100 px apart with two joints each."""
    return {
        "images": [{"id": 1}],
        "annotations": [
            {
                "image_id": 1,
                "num_keypoints": 2,
                "bbox": [100.0 * number, 0.0, 20.0, float(height)],
                "keypoints": [100.0 * number, 0, 2, 100.0 * number, 50, 2, 0, 0, 0],
            }
            for number, height in enumerate(heights)
        ],
    }


def found(*people):
    return [
        {"image_id": 1, "keypoints": [value for x, y in joints for value in (x, y, 1.0)]}
        for joints in people
    ]


def test_near_joints_are_within_a_tenth_of_the_height():
    truth = people(100)
    assert near_joints(truth, found([(9, 0), (0, 61), (0, 0)])) == 0.5
    assert near_joints(truth, []) == 0
    assert near_joints({"images": [], "annotations": []}, []) == -1


def test_near_joints_pair_every_person_once():
    truth = people(100, 100)
    right = [(100, 0), (100, 50), (0, 0)]
    assert near_joints(truth, found(right, right)) == 0.5
    assert near_joints(truth, found(right, [(0, 0), (90, 90), (0, 0)])) == 0.75


def test_the_first_pictures_come_with_their_truth(tmp_path):
    drawn = SynthPose("synthpose-coco", 4, size=(64, 64), split="val")
    part, truth = some(drawn, drawn.annotations, 2)
    assert (len(part), part[1].image_id) == (2, drawn[1].image_id)
    assert {one["id"] for one in truth["images"]} == set(drawn.image_ids[:2])
    assert {one["image_id"] for one in truth["annotations"]} <= set(drawn.image_ids[:2])
    one = SynthPose("synthpose-mpii", 3, size=(64, 64), split="val")
    assert some(one, one.annotations, 2)[1] == one.annotations


def test_mini_stands_for_every_task():
    for recipe in (one for family in zoo.FAMILIES.values() for one in family.recipes.values()):
        profile = MINI.of(recipe)
        made = changed(recipe, profile.recipe)
        rate = 1e-3 if recipe.task == "classification" else 3e-3
        assert (made.optimizer, made.rate, made.cosine, made.tracking) == ("adam", rate, True, 0.1)
        alone = recipe.task in ("single-person", "three-pass", "top-down")
        assert (made.heat == "entropy") == alone
    assert MINI.of(EFFICIENTHRNET).scale == 0.345
    assert MINI.of(None) is MINI


TINY = replace(
    MINI.of(CLASSIFICATION_IMAGENET),
    size=32,
    scale=0.0,
    picture=32,
    steps=4,
    batch=8,
    train_images=100,
    val_images=100,
    points=2,
)
RUN = Run(
    "efficientnet_b_4",
    128,
    {"classes": 100},
    "imagenet-val",
    CLASSIFICATION,
    CLASSIFICATION_IMAGENET,
)


def test_a_curve_is_kept_with_the_record(tmp_path):
    values, proof = score(RUN, TINY, seed=0, place=Place(tmp_path, tmp_path))
    assert [one["images"] for one in proof["curve"]] == [16, 32]
    assert all(0 <= one["top1"] <= 1 for one in proof["curve"])
    assert 0 <= values["top1"] <= 1


def test_looking_changes_no_weight(tmp_path):
    looked = train_run(RUN, TINY, seed=0, place=Place(tmp_path, tmp_path / "a", "cpu"))
    alone = train_run(
        RUN, replace(TINY, points=0), seed=0, place=Place(tmp_path, tmp_path / "b", "cpu")
    )
    assert looked.sha256 == alone.sha256


def mini_record(run, seed, **more):
    profile = MINI.of(run.recipe)
    values = {"PCKh@0.5": 60.0 + seed, "PCKh@0.1": 10.0}
    proof = {
        "seconds": 240.0,
        "curve": [{"images": 8000, "PCKh@0.5": 50.0}, {"images": 16000, "PCKh@0.5": 60.0}],
    }
    key, digest = accuracy.key(run, profile, seed), accuracy.digest(run, profile, seed)
    return Record(key, digest, "efficientpose_nas", values, provenance=proof, **more)


NAS_A = next(
    row.run for row in catalog.find("efficientpose-nas-2").rows if row.run and "_a" in row.run.model
)


def test_reduced_scores_stand_in_one_grid():
    records = {one.key: one for one in (mini_record(NAS_A, seed) for seed in (0, 2))}
    ((run, held),) = reduced.scores(records)
    assert run.protocol == MPII_CROP
    row = reduced.line(run, held)
    assert row[0].startswith("efficientpose_nas_a")
    assert row[2] == "16000"
    assert "61.0 ± 1.4 (2 seeds)" in row
    text = "\n".join(reduced.section(records))
    assert "synthpose-near, mini" in text
    assert "| smoke" in text


def test_a_failed_reduced_run_is_no_score():
    record = mini_record(NAS_A, 0, status="failed", error="it burnt")
    assert reduced.scores({record.key: record}) == []


def test_a_learning_curve_is_drawn_from_records():
    row = next(row.key for row in catalog.find("efficientpose-nas-2").rows if row.run == NAS_A)
    panel = LearningPanel("efficientpose-nas-2", row, "PCKh@0.5", "PCKh@0.5 [%]", "one person")
    with pytest.raises(MissingError, match="has a curve"):
        drawn(panel, {})
    records = {one.key: one for one in (mini_record(NAS_A, seed) for seed in (0, 1))}
    curve = drawn(panel, records)
    assert [line.name for line in curve.lines] == ["seed 0", "seed 1"]
    assert curve.lines[0].xs == (8.0, 16.0)
    assert curve.lines[0].ys == (50.0, 60.0)


def test_a_users_own_pictures_are_never_drawn_instead(tmp_path):
    folder = tmp_path / "mine"
    make("synthpose-coco", folder, {"train": 4, "val": 2}, size=(64, 64))
    own = replace(MINI.of(EFFICIENTHRNET), dataset=str(folder))
    run = Run("efficienthrnet_h_4", 384, {}, "coco-val", BOTTOM_UP, EFFICIENTHRNET)
    place = Place(tmp_path, tmp_path / "runs")
    assert len(open_pictures(run, own, "train", task="bottom-up", place=place).dataset) == 4
    with pytest.raises(MissingError, match="coco"):
        open_pictures(run, replace(own, dataset="coco-val"), "train", task="bottom-up", place=place)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]


def test_one_task_of_a_profile_does_not_age_the_others():
    changed = replace(MINI, tasks={}, points=0)
    assert accuracy.digest(NAS_A, MINI) == accuracy.digest(NAS_A, changed)
    assert accuracy.digest(NAS_A, MINI) != accuracy.digest(NAS_A, replace(MINI, steps=1))


# --- inputs of different sizes, weights that move -------------------------------------------------


def sized(model, size, scale, **changes):
    return shape_of(Run(model, size, changes), replace(MINI, size=0, scale=scale))


def test_one_factor_scales_every_network_to_what_it_accepts():
    """Strides are 32, 16, 8 and 1; halves are rounded up."""
    assert sized("efficienthrnet_h0", 512, 0.25) == (128, 128)
    assert sized("efficienthrnet_h_2", 448, 0.25) == (128, 128)  # 3.5 strides
    assert sized("efficienthrnet_h_4", 384, 0.25) == (96, 96)
    assert sized("litepose_s", 448, 0.25) == (112, 112)
    assert sized("efficientpose_rt", 224, 0.375) == (88, 88)
    assert sized("efficientnet_b_1", 195, 0.5) == (98, 98)
    assert sized("simplebaseline_r50", (256, 192), 0.5) == (128, 96)
    assert sized("efficienthrnet_h_4", 384, 0.01) == (32, 32)  # never nothing


def test_the_short_side_is_still_another_way():
    assert shape_of(NAS_A, replace(MINI, scale=0.0, size=96)) == (96, 96)
    assert shape_of(NAS_A, replace(MINI, scale=0.0, size=0)) == (256, 256)


def test_scaled_networks_are_tested_at_the_size_they_are_trained_at():
    """The papers round a short side of 96 up to 128."""
    run = Run("efficienthrnet_h_4", 384, {}, "coco-val", BOTTOM_UP, EFFICIENTHRNET)
    mini = MINI.of(EFFICIENTHRNET)
    scaled = as_trained(BOTTOM_UP, run, replace(mini, size=0, scale=0.25))
    assert (BOTTOM_UP.multiple, scaled.multiple) == (64, 32)
    assert frame(96, 96, 96).size == (128, 128)
    assert frame(96, 96, 96, multiple=scaled.multiple).size == (96, 96)
    assert as_trained(BOTTOM_UP, run, replace(mini, size=96, scale=0.0)) is BOTTOM_UP


def test_the_digest_holds_the_scaled_size_and_how_it_is_tested():
    """The same size by a short side is trained alike and tested otherwise: rounded up."""
    run = Run("efficienthrnet_h_4", 384, {}, "coco-val", BOTTOM_UP, EFFICIENTHRNET)
    scaled, sized_alike = replace(MINI, scale=0.25), replace(MINI, size=96, scale=0.0)
    assert accuracy.training_digest(run, scaled, 0) == accuracy.training_digest(run, sized_alike, 0)
    assert accuracy.digest(run, scaled) != accuracy.digest(run, sized_alike)
    assert accuracy.digest(run, scaled) != accuracy.digest(run, replace(scaled, scale=0.5))


def test_weights_of_the_loss_move_in_equal_ratios():
    recipe = changed(
        EFFICIENTHRNET, {"loss_weights": (1.0, 0.01, 0.1), "late_weights": (1.0, 0.1, 0.001)}
    )
    assert recipe_at(recipe, 0).loss_weights == pytest.approx((1, 0.01, 0.1))
    assert recipe_at(recipe, 0.5).loss_weights == pytest.approx((1, 0.0316, 0.01), rel=1e-3)
    assert recipe_at(recipe, 1).loss_weights == pytest.approx((1, 0.1, 0.001))
    assert recipe_at(EFFICIENTHRNET, 0.5) == EFFICIENTHRNET


def test_a_training_follows_the_moving_weights():
    """Two steps from one start: with weights that have moved, the same maps give another loss."""
    drawn = SynthPose("synthpose-coco", 4, size=(64, 64))
    recipe = changed(
        EFFICIENTHRNET, {"loss_weights": (1.0, 0.1, 0.1), "late_weights": (1.0, 0.001, 0.001)}
    )
    profile = Profile("tiny", steps=10, batch=2)
    plan, found = schedule(recipe, profile, images=4, seed=0), []
    for number in (0, 9):
        torch.manual_seed(0)
        network = zoo.build("efficienthrnet_h_4").train()
        training = Training(network, TASKS["bottom-up"], drawn.skeleton, recipe, profile, 64)
        step, prepared = Step(number, 0, (0, 1)), Prepared.of(training, drawn, plan)
        found.append(
            Stepper.begin(training, plan, torch.device("cpu")).take(prepared.batch(step), step)
        )
    # dropout differs by step
    assert found[1]["push"] / found[0]["push"] == pytest.approx(0.01**0.9, rel=0.05)


# --- a smaller network in the place of one that is too large --------------------------------------

LARGE = Run("higherhrnet_w48", 640, {"joints": 14}, "crowdpose-test", BOTTOM_UP, HIGHERHRNET)
MANY = MINI.of(HIGHERHRNET)


def test_the_same_change_is_measured_on_the_stand_in_at_a_size_in_proportion():
    done = run_done(LARGE, MANY)
    assert done == replace(LARGE, model="higherhrnet_w16", size=512)
    assert run_done(replace(LARGE, size=768), MANY).shape == (614, 614)  # 768 / 640 x 512
    assert shape_of(LARGE, MANY) == shape_of(done, MANY) == (192, 192)
    assert run_done(done, MANY) is done
    assert run_done(LARGE, accuracy.Weights(Path("a"), "0")) is LARGE
    assert run_done(LARGE, replace(MANY, stand_ins={})) is LARGE


def test_the_key_is_of_what_is_asked_the_digest_of_what_is_done():
    done = run_done(LARGE, MANY)
    assert accuracy.key(LARGE, MANY).startswith("evaluate higherhrnet_w48 joints=14 640x640 ")
    assert accuracy.digest(LARGE, MANY) == accuracy.digest(done, MANY)
    assert accuracy.digest(done, MANY) == accuracy.digest(done, replace(MANY, stand_ins={}))
    assert accuracy.digest(LARGE, MANY) != accuracy.digest(LARGE, replace(MANY, stand_ins={}))
    assert cost(LARGE, MANY) == cost(done, MANY) < cost(LARGE, replace(MANY, stand_ins={}))


def test_a_number_of_a_stand_in_says_so_and_is_compared_with_its_like_alone():
    held = {}
    for run in (LARGE, run_done(LARGE, MANY)):
        key, digest = accuracy.key(run, MANY), accuracy.digest(run, MANY)
        labels = accuracy.labels(run, MANY)
        held[key] = Record(key, digest, "higherhrnet", {"AP": 0.1}, labels=labels)
    large, own = (accuracy.find_profile(run, MANY, held) for run in (LARGE, run_done(LARGE, MANY)))
    assert large.labels == "synthpose-near, mini, on higherhrnet_w16, at 192x192 px"
    assert large.record.labels["network"] == "higherhrnet_w16"
    assert "network" not in own.record.labels
    assert large.basis != own.basis
    assert accuracy.made_alike(LARGE, run_done(LARGE, MANY)) == [
        "network higherhrnet_w48 and higherhrnet_w16",
        "size 640x640 and 512x512",
    ]


def test_the_stand_in_is_what_is_trained_and_tested(tmp_path):
    tiny = replace(MANY, scale=0.12, picture=64, steps=2, batch=2, train_images=4, val_images=2)
    values, proof = score(LARGE, replace(tiny, points=0), seed=0, place=Place(tmp_path, tmp_path))
    assert proof["tested_sizes"] == {"64x64": 2}
    (weights,) = tmp_path.glob("train-*/weights.safetensors")
    assert read_info(weights)["model"] == "higherhrnet_w16"
    assert "AP" in values


def test_stand_ins_are_smaller_networks_of_the_same_family_that_stand_for_themselves():
    for profile in (one for named in PROFILES.values() for one in (named, *named.tasks.values())):
        for large, small in profile.stand_ins.items():
            assert zoo.info(small).module == zoo.info(large).module
            assert small not in profile.stand_ins


def test_tables_that_vary_epochs_vary_a_profiles_steps():
    table = catalog.find("efficientpose-5")
    runs = {row.key: row.run for row in table.rows}
    steps = {
        key: schedule(recipe_at(run.recipe, 0), MINI.of(run.recipe), images=12000, seed=0).steps
        for key, run in runs.items()
    }
    assert [steps[f"II/{epochs}"] for epochs in (100, 200, 400)] == [250, 500, 1000]
    assert [steps[f"OpenPose/{epochs}"] for epochs in (100, 200, 400)] == [125, 250, 500]
    costs = {key: cost(run, MINI.of(run.recipe)) for key, run in runs.items()}
    assert costs["II/400"] == 2 * costs["II/200"] == 4 * costs["II/100"]


def test_maps_are_read_as_they_were_learnt():
    """Of a file of weights, as of a run of the same recipe."""
    for run in (
        Run("efficientpose_nas_a", 256, {}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
        Run("efficientpose_i", 256, {}, "mpii-val", MPII_GROOS, EFFICIENTPOSE),
    ):
        recipe = MINI.of(run.recipe).applied(run.recipe)
        told = {f"recipe {name}": value for name, value in values(recipe).items()}
        read = accuracy.as_learnt(run.protocol, {"settings": told})
        assert read.softmax == as_trained(run.protocol, run, MINI.of(run.recipe)).softmax > 0
    assert accuracy.as_learnt(MPII_CROP, {"settings": {"recipe heat": "mse"}}) is MPII_CROP
    assert accuracy.as_learnt(MPII_CROP, {}) is MPII_CROP
