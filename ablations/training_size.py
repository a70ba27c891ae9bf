"""HigherHRNet, section 4.2 and Table 5: size of the training pictures.

    repro ablation training-size --run                              counts W32 at the three sizes
    repro ablation training-size --run --profile paper --data DIR   trains and tests at the three sizes

Each is tested at the size it was trained with.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="training-size",
    paper="higherhrnet",
    title="Size of the training pictures, HigherHRNet-W32, COCO val2017",
    question="Do larger training and test pictures raise AP, and for people of which size?",
    table_id="higherhrnet-5",
    columns=("ap", "ap_m", "ap_l", "params_true_m", "macs_true_g"),
    measures=("joints10_short", "joints10_middle", "joints10_tall"),
    series=(Series("", {"512": "512", "640": "640", "768": "768"}),),
)
