"""The result of `embed`."""

from dataclasses import dataclass, field

from jobs.pictures.scan import SkippedPicture
from jobs.pictures.summary import emotion_lines, failure_lines, passed_over_lines


@dataclass(frozen=True, kw_only=True)
class EmbedResult:
    """found = embedded + unchanged + renamed + duplicates + len(failed); `deleted` counts rows of deleted pictures,
    and `replaced` those that `--replace` threw away.

    `engine` is winograd, winograd-bmm, eager, openvino or ray, and empty if there was nothing to embed. `recall`, of
    int8 only, is the share of fp32's 10 nearest pictures that int8 still finds, on a sample of the pictures. `emotions`
    counts the pictures of `folder` that are rows now, `passed_over` its picture files of other formats by suffix.
    """

    found: int = 0
    embedded: int = 0
    unchanged: int = 0
    renamed: int = 0
    duplicates: int = 0
    deleted: int = 0
    replaced: int = 0
    failed: list[SkippedPicture] = field(default_factory=list)
    seconds: float = 0.0
    images_per_second: float = 0.0
    device: str = "cpu"
    engine: str = ""
    batch: int = 0
    precision: str = ""
    recall: float | None = None
    weights: str = ""
    weights_sha256: str = ""
    folder: str = ""
    emotions: dict[str, int] = field(default_factory=dict)
    passed_over: dict[str, int] = field(default_factory=dict)

    def summary(self) -> str:
        counts = f"{self.embedded} embedded, {self.unchanged} unchanged, {self.renamed} renamed"
        counts += f", {self.duplicates} duplicates, {len(self.failed)} failed, {self.deleted} rows deleted"
        counts += f", {self.replaced} replaced" if self.replaced else ""
        model = ", ".join(filter(None, [f"{self.weights} weights", self.precision, self.device, self.engine]))
        lines = [f"{self.found} pictures: {counts}"]
        lines += emotion_lines(self.emotions) + passed_over_lines(self.passed_over) + failure_lines(self.failed)
        return "\n".join([*lines, f"{self.seconds:.1f} s, {self.images_per_second:.0f} pictures/s ({model})"])
