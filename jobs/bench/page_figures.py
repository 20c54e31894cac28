"""What the page costs beside its searches: the memory of its process, and the time of one frame of its map."""

import importlib.util
import os
import re
import shutil
import time
from dataclasses import dataclass
from statistics import median
from typing import Any

import psutil
import requests

CUDA = re.compile(r"-packages/(nvidia|cuda)/|libtorch_cuda|libc10_cuda|libtorch_nvshmem")
FRAMES = 60
LONGEST_SECONDS = 300.0
FLAGS = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync"
)
WITHOUT_BROWSER = "no map was drawn: install chromium and requirements-develop.txt"


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Bytes of a process before its first search. `cuda` are those of the libraries of PyTorch's build for CUDA."""

    total: int
    cuda: int


def measure_memory(process: psutil.Process) -> Memory:
    """The resident memory of a process."""
    maps = process.memory_maps(grouped=False) if hasattr(process, "memory_maps") else []
    return Memory(total=process.memory_info().rss, cuda=cuda_bytes(maps))


def cuda_bytes(maps: list[Any]) -> int:
    """The bytes of the CUDA libraries: their files, and the memory without a file right behind each."""
    total, ends = 0, ""
    for each in sorted(maps, key=lambda each: int(each.addr.partition("-")[0], 16)):
        start, _, end = each.addr.partition("-")
        if CUDA.search(each.path) or (each.path == "[anon]" and start == ends):
            total, ends = total + each.rss, end
    return total


def measure_frame(url: str, cookies: dict[str, str]) -> float | None:
    """The milliseconds that the page at this address takes to draw its map once: the median of FRAMES.

    In chromium without a GPU. None without chromium or Playwright.
    """
    program = find_chromium()
    if not program or importlib.util.find_spec("playwright") is None:
        return None
    ends_at = time.monotonic() + LONGEST_SECONDS
    while requests.get(f"{url}/points", cookies=cookies, timeout=LONGEST_SECONDS).status_code != 200:
        if time.monotonic() > ends_at:
            return None
        time.sleep(1)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS.split())
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
        page = context.new_page()
        page.goto(f"{url}/explore")
        found = draw_frames(page)
        browser.close()
    return round(median(found), 2)


def find_chromium() -> str | None:
    """The path of chromium: CHROMIUM, or the one on PATH; None where there is none."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


def draw_frames(page: Any) -> list[float]:
    """The milliseconds of each of FRAMES frames of the map, zoomed in and out."""
    section = page.locator("[data-map][data-ready]")
    section.wait_for()
    page.locator("canvas").focus()
    found = []
    for number in range(FRAMES):
        before = section.get_attribute("data-frames")
        page.keyboard.press("+" if number % 20 < 10 else "-")
        page.locator(f'[data-map]:not([data-frames="{before}"])').wait_for()
        found.append(float(section.get_attribute("data-milliseconds") or 0))
    return found
