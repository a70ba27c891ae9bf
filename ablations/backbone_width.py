"""HigherHRNet, section 4.2 and Table 6: width of the backbone.

    repro ablation backbone-width --run                             counts the three networks
    repro ablation backbone-width --run --profile smoke             trains and tests each, synthetic

All three are trained and tested at 640 px.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="backbone-width",
    paper="higherhrnet",
    title="Width of the backbone of HigherHRNet at 640 px, COCO val2017",
    question="Does a wider backbone raise AP, and for people of which size?",
    table_id="higherhrnet-6",
    columns=("params_m", "ap", "ap_m", "ap_l", "macs_640_g", "params_true_m", "macs_true_g"),
    measures=("joints10_short", "joints10_middle", "joints10_tall"),
    series=(Series("", {"W32": "HRNet-W32", "W40": "HRNet-W40", "W48": "HRNet-W48"}),),
)
