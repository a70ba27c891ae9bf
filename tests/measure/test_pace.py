"""How fast a family trains: timed once as the profile computes it, then read."""

from pathlib import Path

import pytest
import torch

from repro.measure import pace
from repro.spec.profiles import MINI, SMOKE

CPU = torch.device("cpu")


def test_a_family_is_timed_once_for_each_way_of_computing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed = []

    def time(family: str, *_: object) -> float:
        timed.append(family)
        return 1e9

    monkeypatch.setattr(pace, "_time", time)
    for profile in (MINI, MINI, SMOKE):
        assert pace.pace(CPU, profile, tmp_path)("litepose") == 1e9
    assert timed == ["litepose", "litepose"]  # channels last, and first


def test_a_damaged_file_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_time", lambda *_: 2e9)
    (tmp_path / pace.FILE).write_text("{")
    assert pace.pace(CPU, MINI, tmp_path)("litepose") == 2e9
    assert '"litepose": 2000000000.0' in (tmp_path / pace.FILE).read_text()


def test_a_rate_is_of_one_thread_and_leaves_the_threads_as_they_were(tmp_path: Path) -> None:
    before = torch.get_num_threads()
    assert pace.pace(CPU, MINI, tmp_path)("efficientnet") > 0
    assert torch.get_num_threads() == before
