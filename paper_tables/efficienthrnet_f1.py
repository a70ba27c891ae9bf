"""EfficientHRNet, Fig. 1: accuracy against compute of bottom-up methods on COCO val2017.

    repro figure efficienthrnet-f1

Fed by Table 3. The paper draws its own counts; the open marks are the same accuracies at the true
count.
"""

from repro.spec import Figure, Group, ScatterPanel

FIGURE = Figure(
    id="efficienthrnet-f1",
    paper="efficienthrnet",
    number="Fig. 1",
    title="AP on COCO val2017 against compute, bottom-up methods",
    panels=(
        ScatterPanel(
            table="efficienthrnet-3",
            x="gflops_reported",
            y="ap",
            x_also="macs_true_g",
            groups=(Group("EfficientHRNet", ("H0", "H-1", "H-2", "H-3", "H-4"), joined=True),),
            log_x=True,
        ),
    ),
)
