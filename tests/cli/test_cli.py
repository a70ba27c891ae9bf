"""The command line: help with an example, exit codes, data on stdout, talk on stderr."""

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from where import CHECKOUT

from repro.cli.main import main

COMMANDS = sorted(main.commands)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def leaf_commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in main.commands.items():
        inner = command.commands if isinstance(command, click.Group) else {}
        found += [(name, one) for one in inner] or [(name,)]
    return sorted(found)


@pytest.mark.parametrize("command", leaf_commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert f"Example:\n    repro {' '.join(command)}" in result.stdout


def test_the_readme_names_every_command() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"repro {name}" not in readme] == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("table", "efficienthrnet-33"), 2, "unknown table 'efficienthrnet-33'; did you mean"),
        (("count", "efficienthrnet_h9"), 2, "unknown model 'efficienthrnet_h9'; did you mean"),
        (
            ("why", "efficienthrnet-3", "H0", "param"),
            2,
            "unknown column of efficienthrnet-3 'param'; did you mean params",
        ),
        (
            ("why", "efficienthrnet-3", "H9", "params_m"),
            2,
            "unknown row of efficienthrnet-3 'H9'; did you mean",
        ),
        (("table", "efficienthrnet-3", "--row", "H7"), 2, "unknown row of efficienthrnet-3 'H7'"),
        (
            ("table", "efficienthrnet-3", "--run", "--profile", "smokey"),
            2,
            "unknown profile 'smokey'; did you mean smoke",
        ),
        (("table", "efficienthrnet-3", "--profile", "smoke"), 2, "only work with --run"),
        (("count", "efficienthrnet_h0", "--size", "500", "500"), 2, "32"),
        (("count", "efficienthrnet_h0", "--set", "joints=0"), 2, "joints"),
        (
            ("count", "efficienthrnet_h0", "--set", "joint=14"),
            2,
            "unknown switch of efficienthrnet_h0 'joint'",
        ),
        (("score", "coco", "absent.json", "absent.json"), 4, "absent.json"),
        (
            ("evaluate", "efficienthrnet_h_4", "--weights", "absent.safetensors"),
            4,
            "no coco val data in 'data'",
        ),
        (
            ("predict", "efficienthrnet_h_4", "absent.jpg", "--weights", "absent.safetensors"),
            4,
            "absent.jpg",
        ),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_its_exit_code(
    arguments: tuple[str, ...], code: int, message: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert result.stdout == ""
    fault, *rest = result.stderr.strip().splitlines()
    assert fault.startswith("error: ")
    assert message in fault
    assert all(line.startswith("  next: ") for line in rest)


def test_a_table_as_json_carries_rule_unit_and_status() -> None:
    body = json.loads(run("table", "efficienthrnet-3", "--format", "json").stdout)
    cells = {(one["row"], one["column"]): one for one in body["cells"]}
    cell = cells["H0", "params_m"]
    assert (cell["rule"], cell["unit"], cell["reported"], cell["status"]) == (
        "hrnet",
        "M",
        "23.3",
        "match",
    )
    assert cell["reported_value"] == 23.3
    assert cell["measured"] == pytest.approx(23.3198, abs=1e-4)
    assert cells["H0", "params_true_m"]["measured"] == pytest.approx(19.7249, abs=1e-3)


@pytest.mark.parametrize(
    ("row", "params", "params_hrnet", "macs", "macs_hrnet"),
    [
        ("H0", 19.72, 23.32, 23.96, 25.62),
        ("H-1", 13.00, 16.05, 13.13, 14.21),
        ("H-2", 8.26, 10.39, 7.03, 7.73),
        ("H-3", 5.36, 6.96, 3.76, 4.21),
        ("H-4", 2.76, 3.76, 1.81, 2.10),
    ],
)
def test_the_compute_columns_of_efficienthrnet_3(
    row: str, params: float, params_hrnet: float, macs: float, macs_hrnet: float
) -> None:
    body = json.loads(run("table", "efficienthrnet-3", "--format", "json").stdout)
    found = {one["column"]: one["measured"] for one in body["cells"] if one["row"] == row}
    expected = {
        "params_true_m": params,
        "params_m": params_hrnet,
        "macs_true_g": macs,
        "gflops_reported": macs_hrnet,
    }
    # half a percent
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("form", ["rich", "md", "csv", "latex", "json"])
def test_every_form_of_a_table_holds_the_printed_number(form: str) -> None:
    assert "405.5" in run("table", "efficienthrnet-3", "--format", form).stdout


def test_why_tells_record_rule_and_commit() -> None:
    out = run("why", "efficienthrnet-3", "H0", "params_m").stdout
    assert "count efficienthrnet_h0 512x512 rule=hrnet" in out
    assert "commit: " in out


def test_why_tells_formula_and_sources_of_a_derived_cell() -> None:
    out = run("why", "efficientpose-3", "RT", "flop_reduction_x").stdout
    assert "formula:  FLOPs (G), rule flop2, 'OpenPose' / 'RT'" in out
    assert "source:   'RT': 0.875; record count efficientpose_rt 224x224 rule=flop2" in out
    gain = run("why", "efficientpose-nas-6", "A/with", "gain").stdout
    assert "'A/with' - 'A/without'" in gain
    assert "evaluate efficientpose_nas_a sic=False 256x256 data=" in gain


def test_the_doctor_leaves_by_the_one_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from repro.cli import doctor

    monkeypatch.setitem(doctor.CHECKS, "torch", (lambda: str(1 / 0), "make setup"))
    result = run("doctor")
    assert result.exit_code == 1
    assert "error: the installation is not whole: torch" in result.stderr
    assert "ZeroDivisionError" in result.stdout


def test_dry_run_lists_and_measures_nothing() -> None:
    result = run(
        "table",
        "efficienthrnet-3",
        "--dry-run",
        "--profile",
        "smoke",
        "--row",
        "H-4",
        "--force",
        "--format",
        "csv",
    )
    assert result.exit_code == 0
    assert "evaluate efficienthrnet_h_4 384x384 data=synthpose-easy" in result.stdout


def test_an_arm_can_be_measured_without_its_base(tmp_path: Path) -> None:
    asked = (
        "--run",
        "--dry-run",
        "--force",
        "--profile",
        "mini",
        "--row",
        "EfficientPose-A/without",
    )
    result = run("ablation", "sic", *asked, "--runs", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert re.search(r"1 training of [\d.e-]+ P MACs, about \d+ min in all", result.stdout)
    assert "efficientpose_nas_a sic=False" in result.stdout
