"""New pictures to rows, the pictures embedded by Ray's workers, the rows written here."""

from collections.abc import Iterator

import ray.data
from psycopg2.extensions import connection

from jobs import terminal
from jobs.embed import flow
from jobs.embed.on_ray import table
from jobs.embed.on_ray.worker import FATAL, Worker, WorkerSpec
from jobs.embed.on_ray.workers import GROUP, Workers
from jobs.embed.plan import Work
from jobs.errors import JobError
from jobs.pictures.read import Content, PictureSource, UnreadableError
from jobs.postgres.copy import Vector


def embed_all(db: connection, origin: PictureSource, work: list[Work], workers: Workers) -> flow.Totals:
    """Write a row for each piece of work that can be read, a chunk a transaction."""
    totals = flow.Totals()
    with terminal.progress("embed", len(work)) as advance:
        found = results([item.content for item in work if not item.copy], origin, workers)
        read = ([(item, None if item.copy else next(found)) for item in part] for part in flow.split_slices(work))
        made = flow.split_groups(flow.drop_unreadable(read, totals, advance), GROUP)
        flow.store_all(db, origin, with_progress(made, advance), totals)
    return totals


def with_progress(made: Iterator[list[flow.Made]], advance: terminal.Advance) -> Iterator[list[flow.Made]]:
    for group in made:
        yield group
        advance(len(group))


def results(pictures: list[Content], origin: PictureSource, workers: Workers) -> Iterator[Vector | UnreadableError]:
    """The vector of each picture, or why it has none, in their order. Raises Failure where a machine lacks them all."""
    if not pictures:
        return  # Ray makes no data set of nothing
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False  # ours tells
    blocks = [table.pictures_to_table(pictures[start : start + GROUP]) for start in range(0, len(pictures), GROUP)]
    parcel = WorkerSpec(workers.files, workers.precision, workers.device, origin)
    done = ray.data.from_arrow(blocks).map_batches(
        Worker,
        fn_constructor_args=(parcel,),
        batch_size=None,  # a block a batch: vectors depend, in their last bits, on what else is in it
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=workers.number, initial_size=workers.number),
        **({"num_gpus": 1} if workers.device == "cuda" else {"num_cpus": 1}),
    )
    for block in done.iter_batches(batch_size=None, batch_format="pyarrow"):
        for each in table.table_to_results(block):
            if isinstance(each, UnreadableError) and str(each).startswith(FATAL):
                raise JobError(str(each).removeprefix(FATAL))
            yield each
