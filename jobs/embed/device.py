"""The device that computes vectors (the processor, CUDA or MPS), and whether it supports a precision."""

import platform
from collections.abc import Callable
from pathlib import Path

import torch

from jobs.errors import ErrorKind, JobError

SMALLEST, LARGEST = 16, 1024  # pictures in a batch; at 1,024 the largest layer takes 3.3 GB in fp32
MIN_GAIN = 1.05  # a larger batch must be this much faster: it takes more memory


def choose_device(requested: str | None, precision: str) -> str:
    """Return cpu, cuda or mps: the requested device, or for None and "auto" the fastest one. int8 needs the processor.

    Raises JobError if the requested device is not available or does not support the precision.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if requested in (None, "auto"):
        return "cpu" if precision == "int8" else next(name for name in available if available[name])
    if not available[str(requested)]:
        raise JobError(
            f"torch {torch.__version__} finds no {requested} device: use --device cpu, or --device auto.",
            ErrorKind.unavailable,
        )
    if precision == "int8" and requested != "cpu":
        raise JobError(
            f"int8 runs on the processor, not on {requested}: use --device cpu, or --precision bf16.", ErrorKind.invalid
        )
    return str(requested)


def check_device(device: str, precision: str) -> None:
    """Raises JobError where bf16 would only be slower: a device without bf16 instructions computes it in fp32."""
    if precision == "bf16" and device == "cpu" and not has_bf16_instructions():
        raise JobError(
            "This processor has no bf16 instructions (avx512_bf16, AMX), so bf16 would be slower and less exact: "
            "use --precision fp32.",
            ErrorKind.unavailable,
        )
    if precision == "bf16" and device == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise JobError(
            "This CUDA device does not support bf16 (Ampere and later do): use --precision fp32.", ErrorKind.unavailable
        )


def has_bf16_instructions() -> bool:
    """Return whether the processor has bf16 instructions: avx512_bf16 or AMX on x86, bf16 on ARM."""
    return any(name.endswith("bf16") and value is True for name, value in torch.cpu.get_capabilities().items())


def require_exact_math(device: str) -> None:
    """Turn off TF32: by default, cuDNN rounds fp32 convolutions to 10 bits."""
    if device == "cuda":
        torch.backends.cudnn.allow_tf32 = False


def best_batch(speed: Callable[[int], float]) -> int:
    """Return the smallest batch that is nearly the fastest.

    `speed` measures pictures per second for a batch size; 0 means that memory is too small.
    """
    best, fastest = SMALLEST, speed(SMALLEST)
    size = 2 * SMALLEST
    while size <= LARGEST:
        measured = speed(size)
        if measured < MIN_GAIN * fastest:
            break
        best, fastest = size, measured
        size *= 2
    return best


def processor_name() -> str:
    """The processor's model: on Linux from /proc/cpuinfo, elsewhere from Python."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"
