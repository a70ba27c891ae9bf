"""EfficientHRNet, Fig. 3: key points found by H0 to H-4 on COCO test pictures.

repro figure efficienthrnet-f3
"""

from repro.spec import Figure

FIGURE = Figure(
    id="efficienthrnet-f3",
    paper="efficienthrnet",
    number="Fig. 3",
    title="Key points found by H0 to H-4 on COCO test pictures",
    waits="trained weights of H0 to H-4 and COCO test pictures; `repro predict` draws one picture",
)
