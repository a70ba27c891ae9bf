"""Remarks that several tables make, written once."""

GROOS_ONE_SCALE = (
    "All PCKh values need MPII and training. The paper averages over several test scales that it "
    "does not state; here the test is at one scale, with the blur and the maximum of the authors' "
    "released code."
)

GROOS_SPLIT = (
    "The paper's split of 26 thousand and 3 thousand people is random and not published; here it is "
    "the 22,246 and 2,958 people of the files that go with HRNet."
)

GROOS_COUNTS = (
    "The printed parameters hold the running statistics of the batch norms and the dense, fixed "
    "kernels of the bilinear upscaling; the printed FLOPs are two per multiply-add, and products, "
    "sums and biases besides (TensorFlow's profiler). The heads of the passes before the last are "
    "in neither. The `true` columns leave the running statistics out and give plain MACs."
)

GROOS_100_EPOCHS = (
    "All rows after 100 epochs, so the full networks score less than in Table 3 (I 83.56 for 85.18, "
    "II 87.05 for 88.18)."
)

NAS_COUNTS = (
    "The printed GFLOPs are multiply-adds (MACs) divided by 2^30, with a stride-2 transposed "
    "convolution counted at its output size, four times its cost. The `true` column counts it at "
    "its input size and divides by 1e9."
)

NAS_SCHEDULE = (
    "Compared methods are run here by this paper's own schedule, not by that of their papers, "
    "unless weights are given."
)

NAS_C_UNIT = (
    "C: 1.6 comes out in 1e9 (1.567); in the unit of A and B it has 1.459. Table 2 prints 2.0 for "
    "it at 256x256, where it has 2.089 in 1e9, cut, and 1.945 in 2^30. Which counter was used for "
    "which row is inferred."
)

NAS_CUT = (
    "Several printed values are cut, not rounded: SimpleBaseline-R50 8.991 to 8.9, R152 15.765 to "
    "15.7, LPN-101 5.353 M to 5.3."
)

SIMPLEBASELINE_R101 = "SimpleBaseline-R101 has 52.99 M parameters; the printed 52.0 is wrong."

HIGHERHRNET_SCALES = (
    "The scales of the multi-scale test are not stated: 2, 1 and 0.5 are those of the released "
    "configuration."
)

HIGHERHRNET_NO_COSTS = "The paper prints no costs here: the measured columns are ours."

HRNET_38_9 = (
    "HRNet's 38.9 is not reproduced by any rule: the network with 28.5 M parameters has 40.78 G "
    "(37.98 in units of 2^30). Open."
)

HOURGLASS_TWICE = (
    "Hourglass has 138.9 M parameters: 277.8 M is twice that, as the summary of rule `hrnet` gives "
    "for its blocks, and 206.9 is in units of 2^30 multiply-adds (222.2 G)."
)

TEST_SERVER = "needs the COCO evaluation server"

PERSONLAB_OTHER = "only its ResNet-152 backbone is public, and that does not give these numbers"

PERSONLAB = "only its ResNet-152 backbone is public"

NO_BASELINE = "not built: not among the baselines of this suite"

NO_COUNTS = "no counts are printed, and it is not built here"

SEARCHED = "not built: its searched cells are not published for this setting"

JETSON = "needs an NVIDIA Jetson Nano GPU"

SNAPDRAGON = "needs a Qualcomm Snapdragon 855"

RASPBERRY = "needs a Raspberry Pi 4B+"
