"""How large the test sets are, so that a score of a part is told from a score of the whole."""

TEST_IMAGES: dict[str, int] = {
    "coco-val": 5000, "crowdpose-test": 8000, "mpii-val": 2958, "imagenet-val": 10000, "cifar100-test": 10000,
}  # fmt: skip
"""Pictures of each test set (people of MPII's; the papers' 10,000 of ImageNet's): fewer are no score of the set."""


def part_of(dataset: str, images: object) -> str:
    """`11 of 5000 images` where fewer were tested than the set holds, else an empty text."""
    whole = TEST_IMAGES.get(dataset, 0)
    return f"{images} of {whole} images" if isinstance(images, int) and images < whole else ""
