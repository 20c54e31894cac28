"""All that is known about a collection: neighbours, map, duplicates, votes."""

from dataclasses import dataclass

import numpy as np
from azure.storage.blob import ContainerClient
from numpy.typing import NDArray

from jobs.explore import layout
from jobs.explore.collection import Collection
from jobs.explore.confusion import Confusion, count_confusion
from jobs.explore.kept import keep_array, keep_neighbours
from jobs.explore.neighbours import Neighbours
from jobs.explore.suspects import Vote, hold_vote, list_suspects
from jobs.explore.twins import NEAR, Twins, find_twins
from jobs.search.faiss_search import LakeIndex
from jobs.storage import lake
from jobs.storage.client import list_blobs, translate_storage_errors


@dataclass(frozen=True, kw_only=True)
class Exploration:
    """`with_twins` is the confusion when near-duplicates vote too. `places` is (n, 2), the layout that `map` names."""

    collection: Collection
    near: Neighbours
    md5s: dict[str, bytes]
    vote: Vote
    confusion: Confusion
    with_twins: Confusion
    map: str
    places: NDArray[np.float32]

    def twins(self, below: float = NEAR) -> list[Twins]:
        return find_twins(self.collection, self.near, self.md5s, below)

    def suspects(self) -> NDArray[np.int64]:
        return list_suspects(self.collection, self.vote)


def explore_collection(container: ContainerClient, index: LakeIndex) -> Exploration:
    """Explore an index of the lake. Raises JobError."""
    return explore_vectors(Collection.from_index(index), list_md5s(container))


def explore_vectors(collection: Collection, md5s: dict[str, bytes]) -> Exploration:
    """Explore a collection, its map by PCA. `md5s` is the content of each picture, by its path."""
    near = keep_neighbours(collection.etag, collection.vectors)
    vote = hold_vote(collection, near)
    return Exploration(
        collection=collection,
        near=near,
        md5s=md5s,
        vote=vote,
        confusion=count_confusion(collection, vote),
        with_twins=count_confusion(collection, hold_vote(collection, near, leave_out=False)),
        map=layout.PCA,
        places=keep_array(collection.etag, layout.PCA, lambda: layout.lay_out_by_pca(collection.vectors)),
    )


def lay_out_again(collection: Collection) -> NDArray[np.float32] | None:
    """The layout by neighbours; None if there are too few pictures, or if its package is not installed."""
    if len(collection) < layout.FEWEST or not layout.can_lay_out_by_neighbours():
        return None
    vectors = collection.vectors
    return keep_array(collection.etag, layout.BY_NEIGHBOURS, lambda: layout.lay_out_by_neighbours(vectors))


def list_md5s(container: ContainerClient) -> dict[str, bytes]:
    """The MD5 of each picture in the lake, by its path as in the table. Raises JobError."""
    with translate_storage_errors(container):
        blobs = list(list_blobs(container, lake.PICTURES))
    return {blob.name.removeprefix(lake.PICTURES): blob.md5 for blob in blobs if blob.md5}
