"""What came of a run of `embed`, and the result that it prints."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jobs.embed.options import ResolvedModel
from jobs.embed.result import EmbedResult
from jobs.embed.selection import Selection
from jobs.pictures.scan import ScanResult, SkippedPicture

if TYPE_CHECKING:
    from jobs.embed.engine import Engine
    from jobs.embed.flow import Totals
    from jobs.embed.on_ray.workers import Workers


@dataclass(frozen=True)
class Execution:
    """What embedded, and what came of it."""

    engine: Engine | Workers
    totals: Totals


@dataclass(frozen=True)
class Outcome:
    """What happened to the selected pictures. `execution` is None if there was nothing to embed."""

    unchanged: int
    renamed: int = 0
    deleted: int = 0
    failed: list[SkippedPicture] = field(default_factory=list)
    execution: Execution | None = None


def build_result(
    scan: ScanResult, selection: Selection, model: ResolvedModel, outcome: Outcome, seconds: float
) -> EmbedResult:
    """Put together what the command prints."""
    failed = sorted([*selection.failed, *outcome.failed])
    failed_paths = {each.filepath for each in failed}
    usable = (picture for picture in selection.pictures if picture.filepath not in failed_paths)
    engine = outcome.execution and outcome.execution.engine
    totals = outcome.execution and outcome.execution.totals
    embedded = totals.embedded if totals else 0
    return EmbedResult(
        found=len(selection.pictures) + len(selection.failed),
        embedded=embedded,
        unchanged=outcome.unchanged,
        renamed=outcome.renamed,
        duplicates=totals.duplicates if totals else 0,
        deleted=outcome.deleted,
        failed=failed,
        seconds=seconds,
        images_per_second=round(embedded / seconds, 1),
        device=engine.device if engine else "cpu",
        engine=engine.name if engine else "",
        batch=engine.batch if engine else 0,
        precision=model.precision,
        replaced=model.replaced,
        recall=engine.recall.share if engine and engine.recall else None,
        weights=model.weights.name,
        weights_sha256=model.weights.sha256,
        folder=str(scan.folder),
        emotions=dict(Counter(picture.emotion for picture in usable)),
        passed_over=dict(scan.passed_over),
    )
