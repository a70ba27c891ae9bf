"""EfficientPose-NAS (Zhang et al.), Fig. 7: key points found in pictures of one person.

    repro figure efficientpose-nas-f7 --run                                drawn people, networks of profile mini
    repro figure efficientpose-nas-f7 --weights DIR --images a.jpg         each picture counts as one person

The paper shows MPII's validation pictures.
"""

from repro.spec import Figure, PeoplePanel

FIGURE = Figure(
    id="efficientpose-nas-f7",
    paper="efficientpose-nas",
    number="Fig. 7",
    title="Key points found by EfficientPose-A, B and C in pictures of one person",
    panels=(PeoplePanel(table="efficientpose-nas-2", rows=("A", "B", "C"), pictures=(0, 1, 2, 3, 4)),),
)
