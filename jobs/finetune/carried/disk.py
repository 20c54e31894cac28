"""Whether an error says that a disk is full: each library writes files in its own way."""

import errno
import re
from collections.abc import Iterator

FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
CODES = "|".join(map(str, sorted({*FULL, 112})))  # 112 is Windows' ERROR_DISK_FULL
# safetensors names the number of the system's error, torch only its own line of code.
TEXTS = re.compile(rf"os error ({CODES})\b|inline_container\.cc|PytorchStreamWriter failed writing")


def is_disk_full(error: BaseException) -> bool:
    """Whether the error, or one that it came from, is that of a disk that takes no more."""
    return any(
        each.errno in FULL if isinstance(each, OSError) and each.errno else TEXTS.search(str(each))
        for each in causes(error)
    )


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and those that it came from."""
    found: BaseException | None = error
    while found:
        yield found
        found = found.__cause__ or found.__context__
