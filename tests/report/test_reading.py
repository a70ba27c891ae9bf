"""What ablations say together, in sentences."""

from repro.measure.answers import Answer
from repro.report.ablations import answered, reading
from repro.spec.table import Field, Row

ROW, FIELD = Row("x", ()), Field("ap")


def test_every_difference_is_counted_once_under_its_verdict() -> None:
    blank = Answer(ROW, ROW, FIELD, None)
    verdicts = ("supported", "supported", "contradicted", "not run", "not asked here")
    found = {
        "upscaling": [blank.judged(one) for one in verdicts],  # type: ignore[arg-type]
        "sic": [blank.judged("supported"), blank.judged("not resolved")],
    }
    text = reading(found)
    assert text.startswith("Of 7 differences that ablations ask about, on drawn people ")
    assert "3 (upscaling 2, sic) carry over; 1 (upscaling) go the other way;" in text
    assert "1 (sic) are not resolved by the seeds there are; 2 have not been run" in text


def test_without_records_nothing_carries_over() -> None:
    assert "0 carry over; 0 go the other way" in reading(answered({}))
