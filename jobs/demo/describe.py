"""One line for each step of the demo: for the log, and for the page."""

from jobs.embed.result import EmbedResult
from jobs.index.run import IndexResult
from jobs.migrate.run import MigrateResult
from jobs.pictures.sample import SampleResult
from jobs.pipeline.run import PipelineResult
from jobs.search.run import SearchResult
from jobs.upload.run import UploadResult
from jobs.verify.run import VerifyResult


def describe_sample(result: SampleResult) -> str:
    return f"{result.images} faces"


def describe_embed(result: EmbedResult) -> str:
    vectors = f"{result.embedded} vectors of 512 numbers into the laptop's database, weights {result.weights}"
    skipped = result.unchanged + result.renamed
    unchanged = f", {skipped} in it already" if skipped else ""
    return vectors + unchanged + (f", {len(result.failed)} unreadable" if result.failed else "")


def describe_migrate(result: MigrateResult) -> str:
    return f"{result.rows} rows to the cloud database, bit for bit"


def describe_upload(result: UploadResult) -> str:
    return f"{result.uploaded} pictures to Blob Storage" + (
        f", {result.skipped} there already" if result.skipped else ""
    )


def describe_pipeline(result: PipelineResult) -> str:
    rows = sum(activity.get("rowsCopied", 0) for activity in result.activities)
    files = sum(activity["filesWritten"] for activity in result.activities if "rowsCopied" not in activity)
    return f"{result.pipeline}: {rows} rows to Parquet, {files} pictures to the lake"


def describe_verify(result: VerifyResult) -> str:
    if not result.ok:
        return f"{len(result.problems)} problems, the first: {result.problems[0]}"
    return f"{result.rows_parquet} rows and {result.images} pictures agree in all places"


def describe_index(result: IndexResult) -> str:
    return f"{result.rows} vectors, faiss, in the lake"


def describe_search(result: SearchResult) -> str:
    return f"the {len(result.results)} nearest to a picture"
