"""Kind `latency`: times of this suite's own devices, which stand beside those that papers print.

`repro time --record` writes the records, on purpose only: a time needs a quiet machine, so `--run`
measures none. No torch.
"""

from repro.measure.kind import Kind, family_of
from repro.record.found import RANKS, Found, Records, state_of
from repro.record.record import Record
from repro.spec.run import Run, digest_of
from repro.spec.table import Field, Row
from repro.spec.versions import versions


def way(backend: str, threads: int) -> str:
    """How a network is computed, as columns name it: `openvino, 1 thread`."""
    return f"{backend}, {threads} thread{'s' if threads > 1 else ''}"


WAYS = (way("eager", 1), way("openvino", 1))
"""How the records that tables and figures show are computed."""


def start(run: Run, how: str) -> str:
    """What the keys of a run's latencies begin with, one picture at a time in fp32; how: `way`."""
    backend, _, threads = how.partition(", ")
    count = threads.split()[0]
    return f"time {run.what} backend={backend} batch=1 threads={count} precision=fp32 device="


def digest(key: str, family: str) -> str:
    """Hash of everything that can change the work that is timed."""
    return digest_of(key, versions(family, "timing"))


def device_of(record: Record) -> str:
    """The device that a latency was taken on."""
    return record.labels.get("device", "")


class LatencyKind(Kind):
    """Fills the columns of our own latencies."""

    column = "latency"
    title = "Latency here"

    def rule(self, row: Row, field: Field) -> str:
        """Back end and threads, as the column names them."""
        return field.definition.how

    def key(self, run: Run, rule: str) -> str:
        """What the keys of its records begin with, as the device is not known before."""
        return start(run, rule)

    def find(self, run: Run, rule: str, records: Records) -> Found | None:
        """The record of a run's network; of several devices the first by name, a fresh one before a
        stale one."""
        family, begin = family_of(run), start(run, rule)
        found = [
            Found(one, state_of(one, digest(key, family)), _told(one), basis=device_of(one))
            for key, one in sorted(records.items())
            if key.startswith(begin)
        ]
        return min(found, key=lambda one: RANKS[one.state], default=None)


def _told(record: Record) -> str:
    return ", ".join(
        [device_of(record), *(["not stable"] if "not stable" in record.labels else [])]
    )


KIND = LatencyKind()


def measured_ms(run: Run, how: str, records: Records) -> float | None:
    """Our latency of a run, None where there is none that is fresh."""
    found = KIND.find(run, how, records)
    return None if found is None or found.state else float(found.record.values["median_ms"])
