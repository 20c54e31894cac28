"""Where vectors are computed: the processor, CUDA or MPS, and whether it can do a precision."""

from collections.abc import Callable

import torch

from jobs.errors import JobError

SMALLEST, LARGEST = 16, 1024  # pictures a batch; at 1,024 the largest layer of fp32 takes 3.3 GB
WORTH = 1.05  # a larger batch must be so much faster, or it only costs memory


def choose_device(wish: str | None, precision: str) -> str:
    """cpu, cuda or mps: what was asked for, or the fastest that is there. int8 runs on the processor.

    Raises Failure where it is not there, or cannot do the precision.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wish in (None, "auto"):
        return "cpu" if precision == "int8" else next(name for name in there if there[name])
    if not there[str(wish)]:
        raise JobError(f"torch {torch.__version__} finds no {wish} device here: say --device cpu, or --device auto.")
    if precision == "int8" and wish != "cpu":
        raise JobError(f"int8 runs on the processor, not on {wish}: say --device cpu, or --precision bf16.")
    return str(wish)


def check_device(device: str, precision: str) -> None:
    """Raises Failure where bf16 would only be slower: without instructions of its own it is computed as fp32."""
    if precision == "bf16" and device == "cpu" and not has_bf16_instructions():
        raise JobError(
            "This processor has no bf16 instructions (avx512_bf16, AMX), it would only be slower and less exact: "
            "say --precision fp32."
        )
    if precision == "bf16" and device == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise JobError("This CUDA device has no bf16 (Ampere and later have): say --precision fp32.")


def has_bf16_instructions() -> bool:
    """Whether the processor multiplies bf16 numbers itself: avx512_bf16 or AMX on x86, bf16 on ARM."""
    return any(name.endswith("bf16") and there is True for name, there in torch.cpu.get_capabilities().items())


def require_exact_math(device: str) -> None:
    """Have fp32 mean fp32: cuDNN's convolutions round to TF32 (10 bits) unless told not to."""
    if device == "cuda":
        torch.backends.cudnn.allow_tf32 = False


def best_batch(speed: Callable[[int], float]) -> int:
    """The smallest batch that is nearly the fastest; `speed` measures pictures a second, 0 where memory is short."""
    best, fastest = SMALLEST, speed(SMALLEST)
    size = 2 * SMALLEST
    while size <= LARGEST:
        now = speed(size)
        if now < WORTH * fastest:
            break
        best, fastest = size, now
        size *= 2
    return best
