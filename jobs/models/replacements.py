"""The replacement for a model that cannot be deployed. Pure."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from jobs.models.offers import GA_STATUSES, Offer
from jobs.models.requested import RequestedModel

MIN_LIFETIME = timedelta(days=90)  # one that is retired sooner would be the next problem
SMALL_MODEL = re.compile("mini|nano|small|luna|lite")  # student subscriptions have quota and credit for these
TOKEN_BILLED_SKUS = (
    "GlobalStandard",
    "DataZoneStandard",
    "Standard",
)  # the others are billed by the hour, or run in batches
CAPABILITIES = frozenset({"chatCompletion", "embeddings"})


def find_replacement(request: RequestedModel, offers: Sequence[Offer], today: date) -> Offer | None:
    """The best offer that is generally available, not retired soon, has the same capability and fits its quota.

    The same model with another SKU first, then the one that Azure names, then the newest small one.
    """
    required, named = model_capabilities(request, offers), named_by_azure(request, offers)

    def rank(each: Offer) -> tuple[bool, bool, bool, bool, bool, str, date]:
        return (
            (each.model, each.version) == (request.model, request.version),
            each.model in named,
            each.sku == request.sku,
            bool(SMALL_MODEL.search(each.model)),
            each.default,
            each.version,
            each.retires or date.max,
        )

    suitable = [
        each
        for each in offers
        if each.format == request.format
        and each.sku in TOKEN_BILLED_SKUS
        and each.capabilities & required
        and (each.model, each.version, each.sku) != (request.model, request.version, request.sku)
        and lives_long_enough(each, today)
        and each.free is not None
        and each.free >= request.capacity
    ]
    return max(suitable, key=rank, default=None)


def lives_long_enough(offer: Offer, today: date) -> bool:
    return offer.status in GA_STATUSES and (offer.retires is None or offer.retires > today + MIN_LIFETIME)


def model_capabilities(request: RequestedModel, offers: Sequence[Offer]) -> frozenset[str]:
    """The model's capabilities by Azure's list or, if it is no longer listed, by its name."""
    listed = next((each.capabilities & CAPABILITIES for each in offers if each.model == request.model), frozenset())
    return listed or frozenset({"embeddings" if "embedding" in request.model else "chatCompletion"})


def named_by_azure(request: RequestedModel, offers: Sequence[Offer]) -> set[str]:
    """The models that Azure's list names as replacements of the requested one."""
    same = [each for each in offers if each.model == request.model]
    return {each.replacement[0] for each in same if each.replacement}
