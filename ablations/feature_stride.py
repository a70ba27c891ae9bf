"""HigherHRNet, section 4.2 and Table 3: stride of the finest heatmaps, by the number of
deconvolution modules.

    repro ablation feature-stride --run                             counts the three networks
    repro ablation feature-stride --run --profile smoke             trains and tests each, synthetic

As in the paper there are no extra residual blocks, and the heatmaps of all resolutions are
averaged.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="feature-stride",
    paper="higherhrnet",
    title="Stride of the finest heatmaps, W32, COCO val2017",
    question="Do finer heatmaps help, most of all medium people, and when does it stop?",
    table_id="higherhrnet-3",
    columns=("feature_stride", "resolution", "ap", "ap_m", "ap_l", "params_true_m", "macs_true_g"),
    measures=("joints10_short", "joints10_middle", "joints10_tall"),
    series=(Series("", {"HRNet, stride 4": "HRNet", "stride 2": "HigherHRNet/2", "stride 1": "HigherHRNet/1"}),),
    differences=("All three predict at 1/4 as well, and tags are there only.",),
)
