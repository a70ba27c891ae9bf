"""Records: their JSON form, merging, damage, and the verdict on a cell."""

import json
from pathlib import Path

import pytest

from repro.errors import RecordError, ReproError
from repro.record.record import Record, from_json, to_json
from repro.record.store import Store, file_name, read_file, write_atomically
from repro.record.verdict import judge
from repro.spec.columns import column


def record(key: str = "count litepose_s 448x448 rule=true", **changes: object) -> Record:
    return Record(
        **{
            "key": key,
            "digest": "d1",
            "family": "litepose",
            "values": {"params": 10, "macs": 20},
            **changes,
        }
    )


def test_a_record_survives_its_json_form() -> None:
    one = record(
        labels={"data": "synthetic-coco"}, samples=(1.0, 2.0), provenance={"commit": "abc"}
    )
    assert from_json(json.loads(json.dumps(to_json(one))), "here") == one


def test_one_file_per_kind_family_and_data_set() -> None:
    assert file_name(record()) == "count-litepose.json"
    evaluated = record(
        "evaluate litepose_s 448x448 data=synthetic-coco protocol=bottom-up profile=smoke seed=0"
    )
    assert file_name(evaluated) == "evaluate-litepose-synthetic-coco.json"


def test_an_equal_measurement_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.merge([record(provenance={"commit": "first"})]) == 1
    before = (tmp_path / "count-litepose.json").read_bytes()
    assert store.merge([record(provenance={"commit": "second"})]) == 0
    assert (tmp_path / "count-litepose.json").read_bytes() == before


def test_a_new_measurement_replaces_only_its_own_key(tmp_path: Path) -> None:
    store, other = Store(tmp_path), record("count litepose_m 448x448 rule=true")
    store.merge([record(), other])
    assert store.merge([record(values={"params": 11, "macs": 20})]) == 1
    held = store.load()
    assert held[record().key].values["params"] == 11
    assert held[other.key] == other


def test_a_key_held_twice_names_both_files(tmp_path: Path) -> None:
    Store(tmp_path).merge([record()])
    copy = tmp_path / "count-other.json"
    copy.write_bytes((tmp_path / "count-litepose.json").read_bytes())
    with pytest.raises(RecordError, match=r"count-litepose\.json and .*count-other\.json"):
        Store(tmp_path).load()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[\n {"key": "a",\n', "line 3: not valid JSON"),
        ('{"key": "a"}', "holds a JSON list"),
        ('[{"key": "a", "schema": 99}]', "unknown record schema 99"),
        ('[{"key": "a", "schema": 1}]', "entry 1: missing"),
    ],
)
def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "count-litepose.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=message):
        Store(tmp_path).merge([record()])
    assert path.read_text(encoding="utf-8") == text


GOOD = {
    "key": "count m 1x1 rule=true",
    "digest": "d",
    "family": "m",
    "values": {"params": 1},
    "schema": 1,
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"family": "../../../../OWNED"}, "at family"),
        ({"family": "a/b"}, "at family"),
        ({"key": "../../x data=../../../y"}, "at key"),
        ({"key": [1]}, "expected a text, found a list, at key"),
        ({"key": 5}, "expected a text, found a whole number, at key"),
        ({"key": ""}, "at key"),
        ({"samples": 5}, "expected a list, found a whole number, at samples"),
        ({"values": "x"}, "expected an object, found a text, at values"),
        ({"values": None}, "expected an object, found nothing, at values"),
        ({"values": {"params": float("nan")}}, "at values"),
        ({"values": {"params": "many"}}, "a text among the values"),
        ({"provenance": {"curve": 5}}, "at provenance.curve"),
        ({"labels": {"data": [1]}}, "at labels"),
        ({"status": [1]}, "unknown status"),
        ({"key": "count other 1x1", "family": "other"}, "but belongs into count-other.json"),
    ],
)
def test_a_record_of_wrong_values_is_named(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    (tmp_path / "count-m.json").write_text(json.dumps([{**GOOD, **change}]), encoding="utf-8")
    with pytest.raises(RecordError, match=message) as fault:
        Store(tmp_path).load()
    assert fault.value.hint


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe[",
        b"[" * 100_000,
        b'[{"key": "a", "key": "b"}]',
        b"\x1f\x8b\x08",
        b'[{"schema": 1, "key": "\\ud800"}]',
    ],
)
def test_a_file_that_is_no_list_of_records_is_named(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "count-m.json").write_bytes(raw)
    with pytest.raises(RecordError, match=r"count-m\.json"):
        Store(tmp_path).load()


def test_what_stands_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "count-m.json"
    path.mkdir()
    for make in (
        path.rmdir,
        lambda: path.symlink_to(path.name),
        lambda: (path.unlink(), path.symlink_to("nowhere")),
    ):
        with pytest.raises(RecordError, match=r"cannot read the records .*count-m\.json"):
            read_file(path)
        make()


def test_a_finished_run_that_names_a_path_is_measured_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from repro.measure import sweep
    from repro.measure.place import Place
    from repro.spec.catalog import find
    from repro.spec.profiles import SMOKE
    from repro.spec.table import PaperTable

    table = find("efficientpose-nas-3", PaperTable)
    assert isinstance(table, PaperTable)
    job = sweep.plan(table, {}, how=SMOKE).jobs[0]
    folder = tmp_path / job.digest
    folder.mkdir()
    body = {**GOOD, "key": job.key, "digest": job.digest, "family": "../../../../OWNED"}
    (folder / "record.json").write_text(json.dumps([body]), encoding="utf-8")
    assert sweep._finished(job, Place(tmp_path, tmp_path)) is None
    assert "measuring it again" in capsys.readouterr().err


def test_a_target_that_cannot_be_written_is_one_clear_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(ReproError, match="cannot write"):
        write_atomically(tmp_path / "file" / "below", "text")


@pytest.mark.parametrize(
    ("reported", "measured", "name", "status"),
    [
        ("23.3", 23.319, "params_m", "match"),
        ("10.3", 10.389, "params_m", "match"),  # cut, not rounded
        ("16", 16.054, "params_m", "match"),
        ("9.2", 9.148, "macs_g", "close"),
        ("38.9", 40.78, "macs_g", "differs"),
        ("64.8", 64.61, "ap", "close"),
        ("64.8", 64.2, "ap", "differs"),
        ("", 19.72, "params_m", "measured"),
        ("64.8", None, "ap", "not run"),
    ],
)
def test_verdicts(reported: str, measured: float | None, name: str, status: str) -> None:
    assert judge(reported, measured, column(name)).status == status


def test_a_reduced_run_is_never_compared() -> None:
    verdict = judge("64.8", 64.8, column("ap"), state="reduced")
    assert verdict.status == "reduced"
    assert verdict.difference is None
