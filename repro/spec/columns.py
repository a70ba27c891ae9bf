"""Every column a table can print: label, unit, decimals, direction, tolerance. Nothing else formats
a number."""

from dataclasses import dataclass
from typing import Literal

from repro.errors import SpecError

Kind = Literal["config", "count", "memory", "time", "latency", "evaluate", "derived"]


@dataclass(frozen=True)
class Column:
    """What a column prints.

    value: the name of the record's value; times `scale` it is in `unit`.
    tolerance: how far a measured value may be off and is still called close: relative to the
    reported value for counts and times, absolute in `unit` for accuracies.
    better: "higher", "lower" or "".
    how: of a latency of ours, the back end and its threads.
    """

    label: str
    unit: str = ""
    kind: Kind = "config"
    value: str = ""
    scale: float = 1.0
    decimals: int = 1
    better: str = ""
    tolerance: float = 0.0
    how: str = ""

    @property
    def title(self) -> str:
        """Label with its unit, e.g. `params (M)`."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def text(self, value: float) -> str:
        """A measured number with this column's decimals."""
        return f"{value:.{self.decimals}f}"


def _count(label: str, unit: str, value: str, scale: float, decimals: int = 3) -> Column:
    return Column(label, unit, "count", value, scale, decimals, "lower", tolerance=0.01)


def _percent(
    label: str, value: str, *, tolerance: float = 0.3, decimals: int = 1, scale: float = 100.0
) -> Column:
    return Column(label, "%", "evaluate", value, scale, decimals, "higher", tolerance)


def _pckh(label: str, value: str) -> Column:
    return _percent(label, value, tolerance=0.3, decimals=2, scale=1.0)


def _latency(label: str) -> Column:
    return Column(label, "ms", "time", "latency_ms", 1.0, 1, "lower", tolerance=0.1)


def _ours(how: str) -> Column:
    return Column(f"latency here, {how}", "ms", "latency", "median_ms", 1.0, 1, "lower", how=how)


def _fact(label: str, unit: str = "") -> Column:
    return Column(label, unit, "config")


COLUMNS: dict[str, Column] = {
    # what a row is: texts, quoted as printed
    **{
        name: _fact(name.replace("_", " "))
        for name in (
            "model",
            "task",
            "method",
            "backbone",
            "group",
            "arch",
            "name",
            "network",
            "paradigm",
            "pretrain",
            "refinement",
            "multi_scale",
            "extra_data",
            "ensemble",
            "own_implementation",
            "phi",
            "epochs",
            "sic",
            "cross_resolution",
            "skeleton_estimation",
            "detection_passes",
            "upscaling",
            "transposed_conv",
            "supernet_training",
            "distillation",
            "heatmap_aggregation",
            "stage",
        )
    },
    "input_size": _fact("input", "px"),
    "training_size": _fact("training size", "px"),
    # what a network is: texts, read off the built network
    "widths": Column("branch widths", "", "config", "widths"),
    "blocks": Column("modules per stage", "", "config", "blocks"),
    "tags_size": Column("tags", "px", "config", "tags_size"),
    "heatmaps_size": Column("heatmaps", "px", "config", "heatmaps_size"),
    "resolution": Column("heatmap side", "px", "config", "heatmaps_size"),
    "feature_stride": Column("feature stride", "px", "config", "feature_stride"),
    "scaled_backbone": Column("backbone", "", "config", "backbone"),
    **{
        name: Column(name.replace("_", " "), "", "config", name)
        for name in (
            "multi_resolution_supervision",
            "feature_concat",
            "extra_residual_blocks",
        )
    },
    **{
        f"stage{n}": Column(f"blocks in stage {n}", "", "config", f"stage{n}") for n in (1, 2, 3, 4)
    },
    "base_channel": Column("base channel", "", "config", "base_channel"),
    "kernel": Column("kernel", "px", "config", "kernel"),
    "fusion_deconv_head": Column("fusion deconv head", "", "config", "fusion_deconv_head"),
    **{
        f"part_{name}": Column(label, unit, "config", f"part_{name}")
        for name, label, unit in (
            ("input", "input", "px"),
            ("output", "output", "px"),
            ("width", "width", ""),
            ("layers", "layers", ""),
            ("first", "first layer (width, stride)", ""),
            ("rest", "other layers (width, stride)", ""),
            ("rest_count", "number of other layers", ""),
        )
    },
    **{
        name: Column(name.replace("_", " "), "", "config", name)
        for name in (
            "high_backbone",
            "high_blocks",
            "low_backbone",
            "low_blocks",
            "md_width",
            "md_count",
        )
    },
    # compute; the rule is named with the cell
    "params_m": _count("params", "M", "params", 1e-6),
    "macs_g": _count("MACs", "G", "macs", 1e-9),
    "macs_gi": _count("MACs", "2^30", "macs", 2.0**-30),
    "macs_m": _count("MACs", "M", "macs", 1e-6, 1),
    "macs_mi": _count("MACs", "2^30 / 1000", "macs", 1000 * 2.0**-30, 1),
    "flops_g": _count("FLOPs", "G", "flops", 1e-9),
    "ratio_x": Column("reduction", "x", "derived", decimals=1, better="higher", tolerance=0.01),
    "gain": Column("gain", "points", "derived", decimals=2, better="higher", tolerance=0.3),
    "memory_mb": Column(
        "peak activations", "MB", "memory", "peak_bytes", 1e-6, 1, "lower", tolerance=0.01
    ),
    # latency
    "latency_nano_ms": _latency("latency, Jetson Nano"),
    "latency_mobile_ms": _latency("latency, Snapdragon 855"),
    "latency_pi_ms": _latency("latency, Raspberry Pi 4B+"),
    "latency_gpu_ms": _latency("GPU latency, device not named"),
    "latency_eager_ms": _ours("eager, 1 thread"),
    "latency_best_ms": _ours("openvino, 1 thread"),
    "latency_eager_2_ms": _ours("eager, 2 threads"),
    "latency_best_2_ms": _ours("openvino, 2 threads"),
    # COCO and CrowdPose
    "ap": _percent("AP", "AP"),
    "ap50": _percent("AP50", "AP50"),
    "ap75": _percent("AP75", "AP75"),
    "ap_m": _percent("APm", "APm"),
    "ap_l": _percent("APl", "APl"),
    "ar": _percent("AR", "AR"),
    "ap_easy": _percent("AP easy", "AP_easy"),
    "ap_medium": _percent("AP medium", "AP_medium"),
    "ap_hard": _percent("AP hard", "AP_hard"),
    # MPII: PCKh in percent, as the scorer gives it
    "pckh50": _pckh("PCKh@50", "PCKh@0.5"),
    "pckh10": _pckh("PCKh@10", "PCKh@0.1"),
    **{
        part: _pckh(f"PCKh@50 {part}", f"PCKh@0.5 {part}")
        for part in (
            "head",
            "shoulder",
            "elbow",
            "wrist",
            "hip",
            "knee",
            "ankle",
            "mean",
        )
    },
    # scores of the suite, which no paper prints: `repro.pose.measures`
    "joints10": _percent("joints@0.1", "joints@0.1"),
    **{
        f"joints10_{third}": _percent(f"joints@0.1 {third}", f"joints@0.1 {third}")
        for third in ("short", "middle", "tall", "apart", "close", "crowded")
    },
    **{
        f"pckh10_{third}": _pckh(f"PCKh@10 {third}", f"PCKh@0.1 {third}")
        for third in ("short", "middle", "tall")
    },
    "swapped": Column(
        "left and right swapped", "%", "evaluate", "swapped", 100.0, 1, "lower", tolerance=0.3
    ),
    "grouped_right": _percent("found joints with the right person", "grouped right"),
    # classification
    "top1": _percent("top-1", "top1"),
}


def column(name: str) -> Column:
    """The column called `name`; raises SpecError when there is none."""
    if name not in COLUMNS:
        raise SpecError(f"unknown column '{name}'", "columns are declared in repro/spec/columns.py")
    return COLUMNS[name]
