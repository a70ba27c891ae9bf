"""Every column a table can print: label, unit, decimals, direction, tolerance. Nothing else formats a number."""

from dataclasses import dataclass
from typing import Literal

from repro.errors import SpecError

Kind = Literal["config", "count", "time", "evaluate", "derived"]


@dataclass(frozen=True)
class Column:
    """`value` names the record's value, which times `scale` is in `unit`.

    `tolerance` bounds what is still called close: relative to the reported value for count and time,
    absolute in `unit` for evaluate. `better` is "higher", "lower" or "".
    """

    label: str
    unit: str = ""
    kind: Kind = "config"
    value: str = ""
    scale: float = 1.0
    decimals: int = 1
    better: str = ""
    tolerance: float = 0.0

    @property
    def title(self) -> str:
        """Label with its unit, e.g. `params (M)`."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def text(self, value: float) -> str:
        """A measured number with this column's decimals."""
        return f"{value:.{self.decimals}f}"


def _count(label: str, unit: str, value: str, scale: float, decimals: int = 3) -> Column:
    return Column(label, unit, "count", value, scale, decimals, "lower", tolerance=0.01)


def _percent(label: str, value: str, tolerance: float = 0.3) -> Column:
    return Column(label, "%", "evaluate", value, 100.0, 1, "higher", tolerance)


COLUMNS: dict[str, Column] = {
    # what a row is
    "model": Column("model"),
    "method": Column("method"),
    "backbone": Column("backbone"),
    "input_size": Column("input", "px"),
    # compute; the rule is named with the cell
    "params_m": _count("params", "M", "params", 1e-6),
    "macs_g": _count("MACs", "G", "macs", 1e-9),
    "macs_gi": _count("MACs", "2^30", "macs", 2.0**-30),
    "macs_m": _count("MACs", "M", "macs", 1e-6, 1),
    "flops_g": _count("FLOPs", "G", "flops", 1e-9),
    # COCO and CrowdPose
    "ap": _percent("AP", "AP"),
    "ap50": _percent("AP50", "AP50"),
    "ap75": _percent("AP75", "AP75"),
    "ap_m": _percent("APm", "APm"),
    "ap_l": _percent("APl", "APl"),
    "ar": _percent("AR", "AR"),
}


def column(name: str) -> Column:
    """The column called `name`; raises SpecError when there is none."""
    if name not in COLUMNS:
        raise SpecError(f"unknown column '{name}'", "columns are declared in repro/columns.py")
    return COLUMNS[name]
