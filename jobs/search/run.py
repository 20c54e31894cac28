"""Search for the pictures most like one picture, by the cosine of their vectors."""

from jobs.notice import say_if_slow
from jobs.pictures.read import UnreadableError, read_file
from jobs.search.query import Match, Query, describe_place
from jobs.search.result import SearchResult
from jobs.search.searcher import Searcher, unreadable_query
from jobs.target import Target
from jobs.terminal import log

__all__ = ["Match", "Query", "SearchResult", "search_pictures"]


def search_pictures(target: Target, query: Query, only_read: bool = False) -> SearchResult:
    """`only_read`: a stale record of weights is an error, because proving it writes.

    Raises JobError if the picture cannot be read, nothing was indexed, or no picture has the emotion.
    """
    try:
        data = read_file(query.picture)
    except UnreadableError as error:
        raise unreadable_query(str(query.picture), str(error)) from error
    with (
        say_if_slow(f"Reading the index in {describe_place(query.place)}"),
        Searcher(target, only_read=only_read, weights=query.weights) as searcher,
    ):
        result = searcher.by_picture(data, query, str(query.picture))
    for note in result.notes:
        log(note)
    return result
