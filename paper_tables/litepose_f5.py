"""LitePose, Fig. 5: key points found with and without large kernels and fusion head.

repro figure litepose-f5
"""

from repro.spec import Figure

FIGURE = Figure(
    id="litepose-f5",
    paper="litepose",
    number="Fig. 5",
    title="Key points found with and without large kernels and fusion head",
    waits="networks of Table 3 trained on CrowdPose with the published recipe; `repro predict` draws one picture",
)
