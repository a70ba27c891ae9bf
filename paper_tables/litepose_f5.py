"""LitePose, Fig. 5: key points found with and without large kernels and fusion head.

    repro figure litepose-f5 --run                                         drawn crowds, networks of profile mini
    repro figure litepose-f5 --weights DIR --images a.jpg

The paper shows pictures of CrowdPose. Networks of Table 3, at half of every width.
"""

from repro.spec import Figure, PeoplePanel

FIGURE = Figure(
    id="litepose-f5",
    paper="litepose",
    number="Fig. 5",
    title="Key points found with and without large kernels (k7, k3) and fusion head (fsn)",
    panels=(
        PeoplePanel(
            table="litepose-3",
            rows=("0.5/k3/fsn", "0.5/k7", "0.5/k7/fsn"),
            pictures=(0, 1, 2, 3, 4),
        ),
    ),
)
