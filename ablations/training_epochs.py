"""EfficientPose (Groos et al.), Table 5: training for 100, 200 and 400 epochs, MPII validation set.

    repro ablation training-epochs --run

Every cell needs MPII and training.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="training-epochs",
    paper="efficientpose",
    title="Training epochs",
    question="What do twice as many epochs add, to OpenPose and to EfficientPose II?",
    table_id="efficientpose-5",
    columns=("pckh50",),
    series=(
        Series("OpenPose", {"100 epochs": "OpenPose/100", "200 epochs": "OpenPose/200", "400 epochs": "OpenPose/400"}),
        Series("EfficientPose II", {"100 epochs": "II/100", "200 epochs": "II/200", "400 epochs": "II/400"}),
    ),
)
