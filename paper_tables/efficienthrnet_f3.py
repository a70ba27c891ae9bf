"""EfficientHRNet, Fig. 3: key points found by H0 to H-4.

    repro figure efficienthrnet-f3 --run                                   drawn people, networks of profile mini
    repro figure efficienthrnet-f3 --weights DIR --images a.jpg --images b.jpg

The paper shows pictures of COCO's test set, which are simple, medium and complex; here three drawn
ones, of few people and of more.
"""

from repro.spec import Figure, PeoplePanel

FIGURE = Figure(
    id="efficienthrnet-f3",
    paper="efficienthrnet",
    number="Fig. 3",
    title="Key points found by H0 to H-4",
    panels=(
        PeoplePanel(
            table="efficienthrnet-3",
            rows=("H0", "H-1", "H-2", "H-3", "H-4"),
            pictures=(0, 1, 2, 3, 4),
        ),
    ),
)
