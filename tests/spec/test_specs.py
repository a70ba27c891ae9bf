"""Every spec file: declarative, loads, names exist, and every printed cell as the transcription has
it."""

import ast
import tomllib
from pathlib import Path

import pytest
from where import CHECKOUT

from repro.counting.trace import RULES
from repro.errors import SpecError, UsageError
from repro.measure import count
from repro.measure.cells import cells
from repro.models import zoo
from repro.record.store import Store
from repro.spec import catalog
from repro.spec.run import Run
from repro.spec.table import Field, PaperTable, Row

SPEC_FILES = sorted((CHECKOUT / "paper_tables").glob("[a-z]*.py")) + sorted(
    (CHECKOUT / "ablations").glob("[a-z]*.py")
)
TRANSCRIPTIONS = CHECKOUT / "tests" / "transcriptions"


@pytest.mark.parametrize("path", SPEC_FILES, ids=lambda path: path.stem)
def test_a_spec_file_holds_values_only(path: Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(body[0], ast.Expr), (
        "opens with a docstring that names paper, table and command"
    )
    imports = [node for node in body[1:] if isinstance(node, ast.ImportFrom)]
    assert {node.module for node in imports} <= {"repro.spec"}
    assert len(body) == 2 + len(imports)
    assert isinstance(body[-1], ast.Assign)
    assert not [
        node
        for node in ast.walk(body[-1])
        if isinstance(node, (ast.Lambda, ast.comprehension, ast.BinOp))
    ]


@pytest.mark.parametrize("path", SPEC_FILES, ids=lambda path: path.stem)
def test_a_spec_file_loads_under_its_own_name(path: Path) -> None:
    assert catalog.load(path).id == path.stem.replace("_", "-")


@pytest.mark.parametrize("table", catalog.tables(), ids=lambda table: table.id)
def test_models_switches_and_rules_of_a_table_exist(table: PaperTable) -> None:
    for row in table.rows:
        assert row.run or row.runs or row.quoted, f"{row.key}: a quoted row says why"
        assert set(row.rules.values()) <= set(RULES)
        for run in (row.run, *row.runs.values()):
            if run is not None:
                zoo.check(run.model, run.changes)
    assert {item.rule for item in (*table.columns, *table.also)} <= {"", *RULES}


def transcribed(name: str) -> dict[str, dict[str, object]]:
    body = tomllib.loads(
        (TRANSCRIPTIONS / f"{name}.toml").read_text(encoding="utf-8"), parse_float=str
    )
    return {row["key"]: row for row in body["row"]}


def as_printed(value: object) -> str:
    """Marks are yes or no, lists are joined with commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(as_printed, value)) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("table", catalog.tables(), ids=lambda table: table.id)
def test_every_printed_cell_equals_the_transcription(table: PaperTable) -> None:
    rows = transcribed(table.id)
    assert [row.key for row in table.rows] == list(rows)
    for row in table.rows:
        for item in table.columns:
            expected = as_printed(rows[row.key].get(item.name, ""))
            assert table.reported(row, item.name) == expected, f"{table.id}, {row.key}, {item.name}"


def test_the_rebuilt_table_reports_nothing_and_measures_the_released_networks() -> None:
    table = catalog.find("efficientpose-1")
    assert isinstance(table, PaperTable)
    assert [item.name for item in table.columns] == ["backbone"]
    facts = transcribed(table.id)
    held = Store(CHECKOUT / "results" / "records").load()
    for line in cells(table, held):
        for one in (one for one in line if one.key):
            assert (one.status, one.text) == (
                "measured",
                as_printed(facts[one.row][one.field.name]),
            )


def test_a_row_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(SpecError, match="1 values for 2 columns"):
        PaperTable("t-1", "p", "Table 1", "t", (Field("model"), Field("ap")), (Row("a", ("a",)),))


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(SpecError, match="unknown column 'accuracy'"):
        PaperTable("t-1", "p", "Table 1", "t", (Field("accuracy"),), (Row("a", ("1",)),))


def test_an_unknown_counting_rule_is_refused() -> None:
    with pytest.raises(SpecError, match="column params_m: unknown counting rule 'ptflopz'"):
        PaperTable(
            "t-1", "p", "Table 1", "t", (Field("params_m", rule="ptflopz"),), (Row("a", ("1",)),)
        )


def test_a_file_with_another_id_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other_9.py"
    path.write_text(
        (CHECKOUT / "paper_tables" / "efficienthrnet_3.py").read_text(encoding="utf-8"),
        encoding="utf-8",
    )
    with pytest.raises(SpecError, match="its file name says 'other-9'"):
        catalog.load(path)


def test_an_unknown_table_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"did you mean .*efficienthrnet-3"):
        catalog.find("efficienthrnet-33", PaperTable)


def test_a_change_that_is_no_argument_of_the_builder_is_refused() -> None:
    with pytest.raises(
        UsageError, match="unknown switch of efficienthrnet_h0 'joint'; did you mean joints"
    ):
        zoo.check("efficienthrnet_h0", {"joint": 14})


def test_the_key_of_a_run_holds_every_change() -> None:
    run = Run("litepose_s", 448, {"kernel": 7, "joints": 14})
    assert count.key(run, "true") == "count litepose_s joints=14 kernel=7 448x448 rule=true"
    assert count.digest(run, "true") != count.digest(Run("litepose_s", 448, {"joints": 14}), "true")
