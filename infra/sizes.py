"""Virtual machine sizes of a training cluster: which names are sizes, and which of them Azure has retired. Pure.

Family, cores and memory of a size are not known here: `python -m jobs doctor` asks Azure, which knows every region.
https://learn.microsoft.com/azure/virtual-machines/sizes/retirement/retired-sizes-list
"""

import re

SIZE = r"Standard_[A-Z]{1,3}\d{1,3}[a-z]*(-\d+)?[a-z]*(_[A-Z]+\d+[A-Z]*)?(_v\d)?"
ONE_T4, ONE_A100, EIGHT_A100 = "Standard_NC4as_T4_v3", "Standard_NC24ads_A100_v4", "Standard_ND96asr_v4"
# The series, the day when Azure switched off its last machines, and living sizes for the same work.
RETIRED: dict[str, tuple[str, str, tuple[str, ...]]] = {
    r"Standard_NC(6|12|24|24r)": ("NC", "2023-09-06", (ONE_T4, ONE_A100)),
    r"Standard_NC(6|12|24|24r)s_v2": ("NCv2", "2023-09-06", (ONE_T4, ONE_A100)),
    r"Standard_NC(6|12|24|24r)s_v3": ("NCv3", "2025-09-30", (ONE_T4, ONE_A100)),
    r"Standard_ND(6|12|24|24r)s": ("ND", "2023-09-06", (ONE_A100,)),
    r"Standard_ND40rs_v2": ("NDv2", "2025-09-30", (EIGHT_A100,)),
    r"Standard_NV(6|12|24)": ("NV", "2023-09-06", (ONE_T4,)),
    r"Standard_NV(12|24|48)s_v[23]": ("NVv3", "2026-09-30", (ONE_T4,)),
    r"Standard_NV(4|8|16|32)as_v4": ("NVv4", "2026-09-30", (ONE_T4,)),
}


def find_retirement(size: str) -> str:
    """Return why a size cannot be had any more and what can, as the rest of a sentence; "" for every other size."""
    for pattern, (series, day, living) in RETIRED.items():
        if re.fullmatch(pattern, size, re.IGNORECASE):
            return f"Azure retired the series {series} on {day}; choose a living one, such as {' or '.join(living)}"
    return ""
