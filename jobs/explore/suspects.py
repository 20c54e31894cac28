"""The vote of the nearest pictures on each label. It only suspects: nothing is changed.

Near-duplicates have no vote, as in out-of-sample probabilities: they would vouch for each other.
https://docs.cleanlab.ai/stable/cleanlab/datalab/guide/issue_type_description.html
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.explore.collection import Collection
from jobs.explore.neighbours import Neighbours
from jobs.explore.twins import NEAR

VOTERS = 15


@dataclass(frozen=True)
class Vote:
    """For n pictures: `own` is the share of voters with the given emotion, `said` the number of the emotion of most.

    `voters` is how many had a vote, at most VOTERS. Where it is 0, `own` is NaN and `said` the given emotion.
    """

    own: NDArray[np.float64]
    said: NDArray[np.int64]
    share: NDArray[np.float64]
    voters: NDArray[np.int64]


def hold_vote(collection: Collection, near: Neighbours, below: float = NEAR, leave_out: bool = True) -> Vote:
    """The vote on every label. Equal counts go to the emotion of the nearest of them.

    `leave_out` False lets near-duplicates vote, for comparison.
    """
    allowed = near.distances >= below if leave_out else np.ones(near.distances.shape, bool)
    allowed &= np.cumsum(allowed, axis=1) <= VOTERS
    votes = np.zeros((len(collection), max(len(collection.names), 1)))
    codes = collection.codes[near.positions]
    rows, columns = np.nonzero(allowed)
    # An earlier neighbour counts by a trifle more, which decides between equal counts.
    np.add.at(votes, (rows, codes[rows, columns]), 1 + 1e-6 * (near.distances.shape[1] - columns))
    voters = allowed.sum(axis=1)
    said = np.where(voters > 0, votes.argmax(axis=1), collection.codes)
    with np.errstate(invalid="ignore"):
        shares = np.floor(votes + 1e-3) / voters[:, None]
    everyone = np.arange(len(collection))
    return Vote(shares[everyone, collection.codes], said, shares[everyone, said], voters)


def list_suspects(collection: Collection, vote: Vote) -> NDArray[np.int64]:
    """The positions whose voters say another emotion, the least share of the given one first."""
    others = np.flatnonzero((vote.said != collection.codes) & (vote.voters > 0))
    order = np.lexsort((others, -vote.share[others], vote.own[others]))
    return np.asarray(others[order], dtype=np.int64)
