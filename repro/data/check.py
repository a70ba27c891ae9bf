"""Is a data set whole? What is expected, what is found, and what to do about the difference."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from repro.console import track
from repro.data import mpii
from repro.data.coco import (
    CocoKeypoints,
    check_content,
    person_categories,
    read_annotations,
    read_image,
)
from repro.data.datasets import PUBLIC, DataSet, Part
from repro.data.fetch import by_hand, digests, read_hashes
from repro.data.open import NAMES, Opened, no_folder, open_split
from repro.errors import MissingError
from repro.grid import Grid

FAULTS = ("missing", "incomplete", "differs", "damaged")
TAIL = 64  # bytes at the end of a picture in which its end marker usually lies
NAMED = 3  # pictures named in a line
REPAIR = "copy or download the named file again; repro data make synthetic-coco --out DIR draws a set that is whole"


@dataclass(frozen=True)
class Line:
    """One thing looked at. state: ok, unverified (nothing to compare with), or one of FAULTS."""

    what: str
    expected: str
    found: str
    state: str
    advice: str = ""


@dataclass(frozen=True)
class Report:
    """What was found, the expected tree and licence as `notes`."""

    name: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    @property
    def faults(self) -> tuple[Line, ...]:
        """The lines that are not as they should be."""
        return tuple(line for line in self.lines if line.state in FAULTS)

    def grid(self) -> Grid:
        """As a table."""
        rows = tuple(
            (line.what, line.expected, line.found, line.state, line.advice) for line in self.lines
        )
        return Grid(
            ("what", "expected", "found", "state", "what to do"),
            rows,
            title=self.name,
            notes=self.notes,
        )

    def fault(self) -> MissingError:
        """The error of an incomplete set: what is wrong, and the first thing to do."""
        text = "; ".join(f"{line.what} {line.state}" for line in self.faults)
        advice = next((line.advice for line in self.faults if line.advice), "")
        return MissingError(f"{self.name} is not whole: {text}", advice)


def check(name: str, data: Path) -> Report:
    """Look at every file of a data set, of all sets in a folder (coco, mpii), or of any folder of
    pictures.

    Every picture is looked at, its end included. Raises UsageError for an unknown name; what is
    missing or damaged is in the report.
    """
    if name in PUBLIC:
        dataset = PUBLIC[name]
        return Report(name, tuple(_known(name, dataset, data)), _notes(dataset, data))
    family = {member: dataset for member, dataset in PUBLIC.items() if dataset.folder == name}
    if family:
        lines = [
            replace(line, what=f"{member}, {line.what}")
            for member, dataset in family.items()
            for line in _known(member, dataset, data)
        ]
        notes = [note for dataset in family.values() for note in _notes(dataset, data)]
        return Report(name, tuple(lines), tuple(dict.fromkeys(notes)))
    if name not in NAMES and not os.path.isdir(name):
        known = {*NAMES, *PUBLIC, *(dataset.folder for dataset in PUBLIC.values())}
        raise no_folder(
            name, known, "repro data check FOLDER looks at any folder of pictures and annotations"
        )
    try:
        opened = open_split(name, "val", data)
    except MissingError as fault:
        advice = fault.hint if "data check" not in fault.hint else REPAIR  # this is that command
        return Report(
            name, (Line("files", "pictures and annotations", fault.message, "missing", advice),)
        )
    return Report(opened.name, tuple(_folder(opened)))


def _notes(dataset: DataSet, data: Path) -> tuple[str, ...]:
    tree = [
        f"  "
        f"{part.paths[0]}{f'/  ({part.files:,} files)' if part.files > 1 else '/' if part.files else ''}"
        for part in dataset.parts
    ]
    home = data / dataset.folder
    return (f"expected in {home}:", *tree, f"source: {dataset.page}", f"licence: {dataset.licence}")


# --- public sets ----------------------------------------------------------------------------------


def _known(name: str, dataset: DataSet, data: Path) -> Iterator[Line]:
    listed: list[str] | None = None  # the pictures the annotations name
    for part in dataset.parts:
        advice = (
            f"repro data fetch {name} --data {data}"
            if part.archive
            else by_hand(part, dataset, data)
        )
        found = dataset.find(part, data)
        if found is None:
            advice = _conversion(part, dataset, data) or advice
            holds = f" ({part.files:,} files)" if part.files > 1 else ""
            yield Line(
                part.what,
                str(data / dataset.folder / part.paths[0]) + holds,
                "-",
                "missing",
                advice,
            )
        elif dataset.kind == "imagenet":
            yield from _classes(found[1], part, advice)
        elif part.files:
            yield _pictures(found[1], listed, part, advice=advice)
        else:
            base, path = found
            advice = f"remove {path}, then: {advice}"
            yield _hash(base, path, part, advice)
            try:
                content = _content(path, dataset)
            except MissingError as fault:
                yield Line(part.what, "complete", fault.message, "damaged", advice)
                continue
            listed = content[1] if content else listed
            yield from _counts(content[0] if content else {}, part, advice)


def _conversion(part: Part, dataset: DataSet, data: Path) -> str:
    """How to make one of HRNet's files of MPII from the official one, where only that is there."""
    if dataset.kind != "mpii" or part.files:
        return ""
    base = data / dataset.folder
    folders = [
        folder
        for home in (base, data)
        for folder in (home, home / "annot", *home.glob("mpii_human_pose*"))
    ]
    official = next(
        (folder / mpii.OFFICIAL for folder in folders if (folder / mpii.OFFICIAL).is_file()), None
    )
    made = f"repro data convert-mpii {official} --valid NAMES --out {base / 'annot'}"
    return f"{made} (NAMES: a text file of the validation pictures)" if official else ""


def _hash(base: Path, path: Path, part: Part, advice: str) -> Line:
    """The file's SHA-256 against the published sum or the recorded one."""
    found = digests(path)
    kind, _, published = part.digest.partition(":")
    try:
        known = read_hashes(base).get(path.relative_to(base).as_posix(), {})
    except MissingError as fault:
        return Line(f"{part.what}: hash", "-", fault.message, "damaged", fault.hint)
    first, origin = known.get("sha256", ""), known.get("published", "")
    what, text = f"{part.what}: hash", f"{path}: sha256 {found['sha256']}"
    if published:
        return Line(
            what, part.digest, text, "ok" if found[kind] == published else "differs", advice
        )
    if not first:
        return Line(what, "none published", text, "unverified")
    expected = f"sha256 {first}, {'of an archive with ' + origin if origin else 'recorded when first seen'}"
    if found["sha256"] != first:
        return Line(what, expected, text, "differs", advice)
    return Line(what, expected, text, "ok" if origin else "unverified")


def _content(path: Path, dataset: DataSet) -> tuple[dict[str, int], list[str]] | None:
    """What a file counts, and the pictures it names; None for a file of another kind."""
    if path.suffix != ".json":
        return None
    if dataset.kind == "mpii":
        people = mpii.read_people(path)
        return {"people": len(people)}, sorted({person["image"] for person in people})
    return _coco_content(path)


def _coco_content(path: Path) -> tuple[dict[str, int], list[str]]:
    content = read_annotations(path)
    check_content(content, path)
    wanted = person_categories(content)
    people = [
        person
        for person in content["annotations"]
        if wanted is None or person.get("category_id") in wanted
    ]
    counts = {
        "images": len({image["id"] for image in content["images"]}),
        "images with a person": len({person["image_id"] for person in people}),
        "people": len(people),
    }
    return counts, [image["file_name"] for image in content["images"]]


def _counts(found: Mapping[str, int], part: Part, advice: str) -> Iterator[Line]:
    for what, number in found.items():
        expected = part.counts.get(what)
        if expected is None:
            yield Line(f"{part.what}: {what}", "-", str(number), "ok")
        else:
            state, todo = ("ok", "") if number == expected else ("differs", advice)
            yield Line(f"{part.what}: {what}", str(expected), str(number), state, todo)


def _pictures(folder: Path, listed: list[str] | None, part: Part, *, advice: str) -> Line:
    """The pictures of a folder: those the annotations name, or their number when these are not
    there."""
    if listed is None:
        with os.scandir(folder) as entries:
            number = sum(1 for _ in entries)
        state = "ok" if number >= part.files else "incomplete"
        return Line(
            "pictures",
            f"{part.files:,} or more",
            f"{number} in {folder}",
            state,
            advice * (state != "ok"),
        )
    absent, broken = _search(folder, listed)
    found = f"{len(listed) - len(absent) - len(broken)} in {folder}"
    if not absent and not broken:
        return Line("pictures", str(len(listed)), found, "ok")
    text = "".join(
        f"; {label}: {_some(names)}"
        for label, names in (("absent", absent), ("cut short", broken))
        if names
    )
    remove = "remove those cut short, then " if broken else ""
    return Line("pictures", str(len(listed)), found + text, "incomplete", remove + advice)


def _search(folder: Path, names: list[str]) -> tuple[list[str], list[str]]:
    """Pictures that are not there, and those that are not whole."""
    absent, broken = [], []
    for name in track(names, "looking at pictures"):
        path = folder / name
        if not os.path.isfile(path):
            absent.append(name)
        elif not _whole(path):
            broken.append(name)
    return absent, broken


def _whole(path: Path) -> bool:
    """Whether a picture ends as it should; it is decoded only where its last bytes do not tell."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
            file.seek(max(0, path.stat().st_size - TAIL))
            tail = file.read(TAIL)
        if (head.startswith(b"\xff\xd8") and b"\xff\xd9" in tail) or (
            head == b"\x89PNG" and b"IEND" in tail
        ):
            return True
        read_image(path)
    except (MissingError, OSError):
        return False
    return True


def _some(names: list[str]) -> str:
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _classes(folder: Path, part: Part, advice: str) -> Iterator[Line]:
    """A folder per class, each with its pictures."""
    classes = sorted(entry for entry in folder.iterdir() if entry.is_dir())
    pictures = sum(1 for of_class in track(classes, "counting") for _ in os.scandir(of_class))
    yield from _counts({"classes": len(classes), "pictures": pictures}, part, advice)


# --- any other folder -----------------------------------------------------------------------------


def _folder(opened: Opened) -> Iterator[Line]:
    """A folder or a drawn set: nothing is known of it but what its own annotations say."""
    path = opened.annotations
    if path.is_dir():  # of classes
        yield from _classes(path, Part("classes", ()), "")
        return
    yield Line("annotations", "-", str(path), "ok")
    yield Line(
        "annotations: hash", "none published", f"sha256 {digests(path)['sha256']}", "unverified"
    )
    advice = "copy the pictures again"
    if isinstance(opened.dataset, CocoKeypoints):
        counts, listed = _coco_content(path)
        yield from _counts(counts, Part("annotations", ()), "")
    else:
        people: list[dict[str, Any]] = opened.dataset.people
        listed = sorted({person["image"] for person in people})
        yield Line("annotations: people", "-", str(len(people)), "ok")
    yield Line("joints", "-", f"{len(opened.skeleton)} ({opened.skeleton.name})", "ok")
    yield _pictures(opened.dataset.images, listed, Part("pictures", (), 1), advice=advice)
