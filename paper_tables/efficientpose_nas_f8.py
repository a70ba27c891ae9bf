"""EfficientPose-NAS (Zhang et al.), Fig. 8: key points found in people's crops, COCO's joints.

    repro figure efficientpose-nas-f8 --run                                drawn people, networks of profile mini
    repro figure efficientpose-nas-f8 --weights DIR --images a.jpg         each picture counts as one person

The paper shows COCO's validation pictures. A network sees one person's box at a time, as here: a
picture shows the person meant.
"""

from repro.spec import Figure, PeoplePanel

FIGURE = Figure(
    id="efficientpose-nas-f8",
    paper="efficientpose-nas",
    number="Fig. 8",
    title="Key points found by EfficientPose-A, B and C, one person of a picture at a time",
    panels=(PeoplePanel(table="efficientpose-nas-4", rows=("A", "B", "C"), pictures=(0, 1, 2, 3, 4)),),
)
