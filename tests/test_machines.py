"""The tests once more as on other processors: libraries are told to leave out instructions that
this one has.

Each library has a switch of its own; what it does not know, or the processor does not have, is not
named to it.
"""

import os
import subprocess
import sys
import time

import pytest
from where import CHECKOUT

GLIBC = "glibc.cpu.hwcaps="  # decides which of its sine, exponential and the like are used


def numpy_features(kept: str) -> str:
    """What NumPy can leave out beyond the level `kept`, of what this processor has."""
    from numpy._core._multiarray_umath import __cpu_dispatch__ as dispatched
    from numpy._core._multiarray_umath import __cpu_features__ as held

    names = [name for name in dispatched if held.get(name)]
    return " ".join(names[names.index(kept) + 1 :] if kept in names else names)


SETTINGS = {
    "without-avx512": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "OPENCV_CPU_DISABLE": "AVX512_SKX",
        "NPY_DISABLE_CPU_FEATURES": numpy_features(kept="X86_V3"),
        "GLIBC_TUNABLES": f"{GLIBC}-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ",
    },
    "without-avx": {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "OPENCV_CPU_DISABLE": "SSE4_1,SSE4_2,AVX,FP16,AVX2,AVX512_SKX",
        "NPY_DISABLE_CPU_FEATURES": numpy_features(kept=""),
        "GLIBC_TUNABLES": f"{GLIBC}-AVX,-AVX2,-FMA,-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ",
    },
    "torch-alone-without-avx": {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_everything_passes_with_fewer_instructions(name: str) -> None:
    env = {**os.environ, **{key: value for key, value in SETTINGS[name].items() if value}}
    for arguments in (
        ["repro", "verify"],
        ["repro", "render", "--check"],
        ["pytest", "-p", "no:cacheprovider"],
    ):
        start = time.perf_counter()
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(
            command, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False
        )
        print(
            f"{name}: {' '.join(arguments[:2])}: exit {done.returncode}, "
            f"{time.perf_counter() - start:.0f} s"
        )
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
