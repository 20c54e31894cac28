"""What to deploy in place of a model that cannot be deployed. Pure."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from jobs.models.offers import GENERAL, Offer
from jobs.models.requested import RequestedModel

RUNWAY = timedelta(days=90)  # a replacement that goes sooner would be the next problem
SMALL = re.compile("mini|nano|small|luna|lite")  # what a student has quota and credit for
BY_THE_TOKEN = ("GlobalStandard", "DataZoneStandard", "Standard")  # the others are billed by the hour, or wait
KINDS = frozenset({"chatCompletion", "embeddings"})


def find_replacement(wish: RequestedModel, offers: Sequence[Offer], today: date) -> Offer | None:
    """The best of what is generally available, stays for a while, does the same and fits into its quota.

    The same model with another SKU first, then what Azure itself names, then the newest small one.
    """
    wanted, named = model_kind(wish, offers), named_by_azure(wish, offers)

    def rank(each: Offer) -> tuple[bool, bool, bool, bool, bool, str, date]:
        return (
            (each.model, each.version) == (wish.model, wish.version),
            each.model in named,
            each.sku == wish.sku,
            bool(SMALL.search(each.model)),
            each.default,
            each.version,
            each.retires or date.max,
        )

    found = [
        each
        for each in offers
        if each.format == wish.format
        and each.sku in BY_THE_TOKEN
        and each.abilities & wanted
        and (each.model, each.version, each.sku) != (wish.model, wish.version, wish.sku)
        and has_runway(each, today)
        and each.free is not None
        and each.free >= wish.capacity
    ]
    return max(found, key=rank, default=None)


def has_runway(offer: Offer, today: date) -> bool:
    return offer.status in GENERAL and (offer.retires is None or offer.retires > today + RUNWAY)


def model_kind(wish: RequestedModel, offers: Sequence[Offer]) -> frozenset[str]:
    """What the model does, by Azure's list, or where it is not there any more by its name."""
    listed = next((each.abilities & KINDS for each in offers if each.model == wish.model), frozenset())
    return listed or frozenset({"embeddings" if "embedding" in wish.model else "chatCompletion"})


def named_by_azure(wish: RequestedModel, offers: Sequence[Offer]) -> set[str]:
    """The models that Azure's list names as the wished one's replacement."""
    same = [each for each in offers if each.model == wish.model]
    return {each.replacement[0] for each in same if each.replacement}
