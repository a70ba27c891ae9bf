"""Bad input made from good input, for `test_attack_*.py`; the same seed and count make the same
inputs.

ATTACK_SEED and ATTACK_COUNT (inputs per reader), as `make attack SEED=1 COUNT=500` sets them.
"""

import copy
import json
import math
import os
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis
from hypothesis import strategies as st

from repro.console import one_line
from repro.errors import ReproError

SEED, COUNT = int(os.environ.get("ATTACK_SEED", "0")), int(os.environ.get("ATTACK_COUNT", "100"))


def attacked(
    *strategies: st.SearchStrategy[Any], share: float = 1.0
) -> Callable[[Callable[..., None]], Any]:
    """A slow test that is given COUNT x share inputs; what fails is made small and shown, nothing
    is kept on disk."""
    settings = hypothesis.settings(
        max_examples=max(1, int(COUNT * share)),
        deadline=None,
        database=None,
        derandomize=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        print_blob=False,
    )

    def decorate(test: Callable[..., None]) -> Any:
        return hypothesis.seed(SEED)(settings(hypothesis.given(*strategies)(test)))

    return decorate


@contextmanager
def one_clear_line() -> Iterator[None]:
    """Nothing but a fault of ours may come out, in one line that can be shown, and with a next
    step."""
    try:
        yield
    except ReproError as fault:
        text = one_line(fault.message)
        assert 0 < len(text) <= 1100 and fault.hint
        assert all(
            unicodedata.category(one) not in ("Cc", "Cs") and one != "\u202e" for one in text
        )


def deep(levels: int) -> Any:
    found: Any = 1
    for _ in range(levels):
        found = [found]
    return found


STRANGE = [
    "",
    "x",
    "-",
    "../../../etc/passwd",
    "/etc/passwd",
    "a\x00b",
    "\ud800",
    "ü😀\u202e",
    "\x1b[31mred",
    "new\nline",
    "9" * 5000,
    "1e999",
    "nan",
    "🙂" * 300,
    "9" * 300,
    "<script>",
    "\\input{x}",
    -1,
    0,
    1,
    1.5,
    1e308,
    -1e308,
    math.nan,
    math.inf,
    -math.inf,
    10**30,
    10**400,
    2**63,
    -(2**63) - 1,
    2**31,
    [],
    {},
    [[]],
    [None],
    {"a": 1},
    deep(60),
    [1] * 1000,
    [math.nan],
    None,
    True,
    False,
]
odd = st.one_of(
    st.sampled_from(STRANGE),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=4),
)


@st.composite
def spoilt(draw: st.DrawFn, body: Any) -> Any:
    """A copy of a JSON body with one to three places changed, removed, doubled or renamed."""
    body = copy.deepcopy(body)
    for _ in range(draw(st.sampled_from([1, 1, 1, 3]))):
        where, key = None, None
        inner = body
        while isinstance(inner, (dict, list)) and inner:
            keys = list(inner) if isinstance(inner, dict) else range(len(inner))
            where, key = inner, draw(st.sampled_from(list(keys)))
            inner = where[key]
            if draw(st.integers(0, 4)) == 0:
                break
        if where is None or draw(st.integers(0, 30)) == 0:
            return copy.deepcopy(draw(odd))
        change = draw(st.integers(0, 5))
        if change == 0:
            del where[key]
        elif change == 1 and isinstance(where, list):
            where.insert(key, copy.deepcopy(inner))
        elif change == 2 and type(inner) in (int, float) and abs(inner) < 1e300:
            where[key] = draw(
                st.sampled_from([-inner, str(inner), [inner], bool(inner), inner + 0.5])
            )
        elif change == 3 and isinstance(where, dict):
            where[f"{key} "] = where.pop(key)
        else:
            where[key] = copy.deepcopy(draw(odd))
    return body


def as_json(body: Any) -> bytes:
    return json.dumps(body).encode("utf-8", "surrogatepass")


@st.composite
def damaged(draw: st.DrawFn, raw: bytes) -> bytes:
    """The bytes of a file cut, flipped, doubled, in another alphabet, or replaced."""
    place = draw(st.integers(0, max(0, len(raw) - 1)))
    return draw(
        st.one_of(
            st.just(raw[:place]),
            st.just(raw[:place] + b"\xff\xfe\x80" + raw[place:]),
            st.just(raw[:place] + bytes(10) + raw[place:]),
            st.builds(
                lambda value: raw[:place] + bytes([value]) + raw[place + 1 :], st.integers(0, 255)
            ),
            st.sampled_from(
                [
                    b"",
                    raw + raw,
                    b"\xef\xbb\xbf" + raw,
                    b"[" * 100_000,
                    b'{"a":' * 50_000,
                    b"\x1f\x8b" + raw,
                ]
            ),
            st.just(raw.decode("utf-8", "replace").encode("utf-16")),
            st.binary(max_size=500),
        )
    )


def json_files(body: Any) -> st.SearchStrategy[bytes]:
    """The bytes of a spoilt or damaged JSON file."""
    return st.one_of(spoilt(body).map(as_json), spoilt(body).map(as_json), damaged(as_json(body)))
