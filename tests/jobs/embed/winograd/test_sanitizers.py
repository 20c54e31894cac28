"""kernels.c under the compiler's sanitizers, for each family of processors: no undefined behaviour."""

import os
import platform
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

CHECK = Path(__file__).with_name("check.c")
FLAGS = ("-O2", "-g", "-Wall", "-Wextra", "-Werror", "-Wno-psabi")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
X86 = platform.machine() in ("x86_64", "AMD64")
# native is what `embed` compiles for; haswell has AVX2 and no AVX-512; x86-64 has neither.
ARCHITECTURES = ("native", "haswell", "x86-64") if X86 else ("native",)


def compile_check(program: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    compiler = shlex.split(os.environ.get("CC") or "cc")
    if shutil.which(compiler[0]) is None:
        pytest.skip("there is no C compiler")
    command = [*compiler, *FLAGS, *flags, str(CHECK), "-lm", "-o", str(program)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_results_are_those_of_plain_loops(architecture: str, tmp_path: Path) -> None:
    program = tmp_path / "check"
    built = compile_check(program, f"-march={architecture}", *SANITIZERS)
    if built.returncode and "sanitize" in built.stderr:
        pytest.skip("this compiler has no sanitizers")
    assert built.returncode == 0, built.stderr
    done = subprocess.run([str(program)], capture_output=True, text=True, check=False)
    if architecture != "native" and done.returncode < 0:
        pytest.skip("this processor does not run that")
    assert (done.returncode, done.stdout) == (0, "equal\n"), done.stdout + done.stderr
