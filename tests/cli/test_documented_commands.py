"""Every command that README.md or a --help prints is run: as it stands, with words in the place of
its placeholders, or with options added that keep it short. What is not run is named with the reason.
"""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from where import CHECKOUT, SHARED

from repro import places
from repro.cli.main import main

WORDS = {  # what stands in the place of a placeholder
    "A": "HEAD",
    "B": "results",
    "COLUMN": "params_m",
    "DIR": "data",
    "GT": "person_keypoints_val2017.json",
    "ID": "efficientpose-nas-8",
    "IMAGE": "street.jpg",
    "MODEL": "efficienthrnet_h_4",
    "NAME": "efficienthrnet_h_4",
    "PREDICTIONS": "predictions.json",
    "ROW": "H0",
    "TABLE": "efficienthrnet-3",
    "W": "h4.safetensors",
}
ADDED = {  # options and words that complete a command or keep it short and off the checkout
    "repro ablation sic --run --profile mini": "--dry-run",
    "repro bench decode --repeats 9": "--repeats 1",
    "repro data make": "synthpose-mpii --train 1 --val 1 --out made",
    "repro data make synthpose-crowd --out DIR": "--out made --train 1 --val 1",
    "repro evaluate MODEL --weights W --data DIR": "--no-flip",
    "repro figure efficienthrnet-f1": "--out pictures",
    "repro figure pareto --task bottom-up": "--out pictures",
    "repro layer-costs nas-small --out costs.json": "--rounds 10 --seconds 0.1 --anyway",
    "repro layer-costs nas-small --out nas-small.json": "--rounds 10 --seconds 0.1 --anyway",
    "repro measure --all --profile mini --budget 2h --jobs 2": "--dry-run",
    "repro render": "--out rendered",
    "repro table efficienthrnet-3 --run --profile paper --data DIR": "--dry-run",
    "repro table efficienthrnet-3 --run --profile smoke": "--row H-4",
    "repro table efficienthrnet-3 --run --weights DIR --data DIR": "--row H-4 --dry-run",
    "repro table efficientpose-3 --row RT --run --profile mini --seeds 0,1,2 --jobs 2": "--dry-run",
    "repro time litepose_xs --backend eager": "--rounds 20 --seconds 1 --anyway",
    "repro time litepose_xs efficienthrnet_h_4 --backend eager --backend onnxruntime --interleave": (
        "--rounds 20 --seconds 1 --anyway"
    ),
    "repro train efficienthrnet_h_4 --profile smoke": "--steps 1",
}
CODES = {  # where the answer is another exit code than 0
    "repro data check coco-val": (4,),  # drawn pictures are not the 5,000 of COCO
    "repro data check coco-val --data data": (4,),
    "repro gate": (0, 3),  # as the records are
    "repro gate --profile mini": (0, 3),
}
NETWORK = "it downloads: tests/data/test_fetch.py and tests/weights run it against a server here"
LONG = "it trains for minutes on thousands of drawn pictures: profile smoke is run in its place"
BENCH = (
    "minutes of an idle machine: the shorter benchmarks are run, tests/benchmarks the others' parts"
)
SEARCH = "it trains for minutes: tests/search search by profile smoke"
FOUND = "it reads what a search has found: tests/models/test_architecture.py has such a file"
LARGE = "its file is not here, and large: tests/weights take in files of the same names and shapes"
NOT_RUN = {
    "git clone URL repro && cd repro": "the network",
    "source .venv/bin/activate": "the shell's own",
    "python3 -m venv .venv": "Python's own",
    ".venv/bin/pip install -c constraints.txt torch torchvision "
    "--index-url https://download.pytorch.org/whl/cpu": "the network",
    "pip install .": "the network; tests/test_places.py builds the wheel and runs it",
    'eval "$(_REPRO_COMPLETE=bash_source repro)"': "tests/cli/test_completion.py reads the script",
    "_REPRO_COMPLETE=fish_source repro | source": "tests/cli/test_completion.py reads the script",
    "torchrun --nproc-per-node 4 -m repro train litepose_s --profile paper --data DIR": (
        "four devices and COCO; tests/train runs two processes"
    ),
    "repro weights fetch efficientpose_i": NETWORK,
    "repro weights fetch efficientpose_rt": NETWORK,
    "repro weights fetch mmpose_higherhrnet_w32_512": NETWORK,
    "repro data fetch coco-val": NETWORK,
    "repro data fetch coco-val --data data": NETWORK,
    "repro weights import higherhrnet_w32 "
    "weights/higher_hrnet32_coco_512x512-8ae85183_20200713.pth --out w32.safetensors": LARGE,
    "repro weights import hrnet_w32 hrnet_w32_coco_256x192-c78dce93_20200708.pth "
    "--out hrnet_w32.safetensors": LARGE,
    "repro evaluate higherhrnet_w32 --weights w32.safetensors --data DIR": LARGE,
    "repro train efficienthrnet_h_4 --profile mini": LONG,
    "repro figure efficientpose-nas-f7 --run": LONG,
    "repro search efficientpose-nas --out found": SEARCH,
    "repro search litepose --check 20 --profile mini --out checked": SEARCH,
    "repro search litepose --limit macs=0.9G --profile mini --out found": SEARCH,
    "repro search random --out other": SEARCH,
    "repro count found/architecture.json": FOUND,
    "repro train found/architecture.json --start found/weights.safetensors": FOUND,
    "repro bench all": BENCH,
    "repro bench all --format md": BENCH,
    "repro bench train --device cpu": BENCH,
    "repro data convert-mpii MAT --out DIR": "MPII's file: tests/data/test_convert_mpii.py has one",
    "repro data convert-mpii mpii_human_pose_v1_u12_1.mat --valid names.txt "
    "--out data/mpii/annot": "MPII's file: tests/data/test_convert_mpii.py has one",
    "repro table ... --run --profile mini": "a form of words: its parts are run above",
    "repro verify --update": "what `repro verify` does, and writes records",
}
SLOW = (  # more than about a second: they build or run a network, draw many pictures, or count all
    "repro bench",
    "repro data make",
    "repro data show",
    "repro evaluate",
    "repro export",
    "repro layer-costs",
    "repro measure",
    "repro predict",
    "repro render",
    "repro time",
    "repro train",
    "repro verify",
    "repro ablation sic --run",
    "repro doctor",
    "repro figure",
    "repro weights import",
    "repro weights verify",
    "repro table efficienthrnet-3 --run",
    "repro table efficienthrnet-3 --row H-4 --run",
    "repro table efficientpose-3 --row RT --run",
    "repro table litepose-1 --run",
    "repro table ID --run",
)


def of_readme() -> Iterator[str]:
    """Every line of a code block but Python's, and every `repro` and `make` of the prose."""
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"^```\n(.*?)^```", text, re.S | re.M):
        for line in block.splitlines():
            yield re.split(r"\s#\s", line)[0].strip()
    prose = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    yield from (found for found in re.findall(r"`([^`\n]+)`", prose) if _is_command(found))


def _is_command(text: str) -> bool:
    return text.startswith(("repro ", "make "))


def of_help() -> Iterator[str]:
    """The example of every command's help."""

    def leaves(command: click.Command) -> Iterator[click.Command]:
        for one in getattr(command, "commands", {}).values():
            yield from leaves(one)
        if not isinstance(command, click.Group):
            yield command

    for command in leaves(main):
        told = (command.help or "").partition("Example:\n")[2]
        yield from (line.strip() for line in told.splitlines() if line.strip())


DOCUMENTED = sorted({*of_readme(), *of_help()} - {""})
RUN = [text for text in DOCUMENTED if text.startswith("repro ") and text not in NOT_RUN]


def marked(text: str) -> object:
    slow = text.startswith(SLOW) and "--help" not in text
    return pytest.param(text, marks=[pytest.mark.slow] if slow else [])


def weights(model: str, path: Path) -> None:
    from safetensors.torch import save_file

    from repro.models import zoo

    save_file(zoo.build(model).state_dict(), path)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the documented commands find in a user's: weights, pictures, drawn COCO."""
    folder = tmp_path_factory.mktemp("workplace")
    for model, name in (
        ("efficienthrnet_h_4", "h4"),
        ("efficientpose_rt", "rt"),
        ("efficientpose_rt", "hrnet_w32"),
        ("efficientpose_i", "i"),
    ):
        weights(model, folder / f"{name}.safetensors")
    for name, where in (("synthpose-coco", "data/coco"), ("synthpose-mpii", "drawn")):
        asked = ["data", "make", name, "--train", "1", "--val", "2", "--out", str(folder / where)]
        assert CliRunner().invoke(main, asked).exit_code == 0
    # a folder of weights has one file per model
    shutil.copy(folder / "h4.safetensors", folder / "data/efficienthrnet_h_4.safetensors")
    truth = folder / "data/coco/annotations/person_keypoints_val2017.json"
    images = json.loads(truth.read_text())["images"]
    shutil.copy(truth, folder)
    shutil.copy(folder / "drawn/images/000000001.jpg", folder / "street.jpg")
    person = {"image_id": images[0]["id"], "category_id": 1, "score": 0.5}
    points = [value for joint in range(17) for value in (joint + 0.5, 7, 0.25)]
    (folder / "predictions.json").write_text(json.dumps([{**person, "keypoints": points}]))
    (folder / "image_info_test-dev2017.json").write_text(json.dumps({"images": images}))
    shutil.copytree(places.committed(), folder / "results/records")
    return folder


def arguments(text: str, folder: Path) -> list[str]:
    """What a documented command is run with."""
    told = [WORDS.get(word, word) for word in shlex.split(text)[1:]]
    added = shlex.split(ADDED.get(text, ""))
    if "--out" in added and "--out" in told:  # the added one stands in its place
        place = told.index("--out")
        told = told[:place] + told[place + 2 :]
    if any(word.startswith("weights/EfficientPose") for word in told):
        own = SHARED / "weights/efficientpose"
        if not own.is_dir():
            pytest.skip("the authors' weights are not kept beside this checkout")
        (folder / "weights").mkdir(exist_ok=True)
        shutil.copy(own / "EfficientPoseI", folder / "weights")
    if "HEAD" in told and not (CHECKOUT / ".git").exists():
        pytest.skip("this is no git checkout")
    return [*told, *added]


@pytest.mark.parametrize("text", [marked(text) for text in RUN])
def test_a_documented_command_runs(
    text: str, workplace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(workplace, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPRO_RESULTS", str(tmp_path / "own"))
    monkeypatch.setenv("REPRO_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("REPRO_OFFLINE", "1")
    if text.startswith("repro data make"):
        shutil.rmtree("drawn")
    result = CliRunner().invoke(main, arguments(text, tmp_path))
    assert result.exit_code in CODES.get(text, (0,)), result.output


@pytest.mark.parametrize("text", [one for one in DOCUMENTED if one.startswith("make ")])
def test_a_documented_target_of_make_exists(text: str) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    done = subprocess.run(
        [*shlex.split(text), "--dry-run"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_nothing_is_left_out_without_a_reason() -> None:
    run = {*RUN, *(text for text in DOCUMENTED if text.startswith("make "))}
    assert {*DOCUMENTED} - run == {*NOT_RUN}
    assert {*ADDED, *CODES} <= {*RUN}
