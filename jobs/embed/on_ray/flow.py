"""From new pictures to rows: Ray's workers embed the pictures, this machine writes the rows."""

from collections.abc import Iterator

import ray.data
from psycopg2.extensions import connection

from jobs import terminal
from jobs.embed import flow
from jobs.embed.item import Item
from jobs.embed.on_ray import table
from jobs.embed.on_ray.worker import Worker, WorkerSpec
from jobs.embed.on_ray.workers import GROUP, Workers
from jobs.embed.plan import Work
from jobs.errors import JobError
from jobs.pictures.read import Content, PictureSource, UnreadableError
from jobs.postgres.copy import Vector


def embed_all(db: connection, source: PictureSource, work: list[Work], workers: Workers) -> flow.Totals:
    """Write a row for each piece of work that can be read, one transaction per chunk."""
    totals = flow.Totals()
    with terminal.progress("embed", len(work)) as advance:
        results = run_workers([item.content for item in work if not item.copy], source, workers)
        slices = ([to_item(each, results) for each in part] for part in flow.split_slices(work))
        groups = flow.split_groups(flow.drop_unreadable(slices, totals, advance), GROUP)
        flow.store_all(db, source, with_progress(groups, advance), totals)
    return totals


def to_item(work: Work, results: Iterator[Vector | UnreadableError]) -> Item:
    """Add the next result to a piece of work. A copy has none."""
    if work.copy:
        return Item(work)
    result = next(results)
    return Item(work, error=result) if isinstance(result, UnreadableError) else Item(work, vector=result)


def with_progress(groups: Iterator[list[Item]], advance: terminal.Advance) -> Iterator[list[Item]]:
    for group in groups:
        yield group
        advance(len(group))


def run_workers(pictures: list[Content], source: PictureSource, workers: Workers) -> Iterator[Vector | UnreadableError]:
    """Yield the vector of each picture, or why it has none, in their order.

    Raises JobError if a worker's machine does not have the pictures' folder.
    """
    if not pictures:
        return  # Ray does not accept an empty data set
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False  # there is one of our own
    blocks = [table.pictures_to_table(pictures[start : start + GROUP]) for start in range(0, len(pictures), GROUP)]
    spec = WorkerSpec(workers.files, workers.precision, workers.device, source)
    dataset = ray.data.from_arrow(blocks).map_batches(
        Worker,
        fn_constructor_args=(spec,),
        batch_size=None,  # one block per batch: the last bits of a vector depend on what else is in its batch
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=workers.number, initial_size=workers.number),
        **({"num_gpus": 1} if workers.device == "cuda" else {"num_cpus": 1}),
    )
    for block in dataset.iter_batches(batch_size=None, batch_format="pyarrow"):
        for result in table.table_to_results(block):
            if result.error and result.fatal:
                raise JobError(result.error)
            yield UnreadableError(result.error) if result.error else result.vector
