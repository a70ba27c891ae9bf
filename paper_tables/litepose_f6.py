"""LitePose, Fig. 6: fusion deconv head against plain head: AP gain.

repro figure litepose-f6
"""

from repro.spec import Figure

FIGURE = Figure(
    id="litepose-f6",
    paper="litepose",
    number="Fig. 6",
    title="Fusion deconv head against plain head: AP gain",
    waits="networks of Table 3 trained on CrowdPose with and without the fusion head; the printed "
    "gain of 7.6 is in table litepose-3",
)
