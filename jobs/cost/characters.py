"""What Azure Speech bills: the characters that its voices say.

The price list on 2026-10-02: product `Azure Speech`, meter `S1 Neural Text To Speech Characters`, by the million.
https://learn.microsoft.com/azure/ai-services/speech-service/text-to-speech#pricing-note
"""

import re
from collections.abc import Mapping

from jobs.cost.billed_items import BilledItem
from jobs.cost.meters import Meter, parse_unit
from jobs.cost.prices import Price

TWICE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")  # Chinese characters, in Japanese and Korean too
OTHER_VOICES = re.compile("HD|Turbo|Custom", re.IGNORECASE)  # these have meters of their own


def speech_item(region: str) -> BilledItem:
    """The item of the account's speech. It has no fixed charge."""
    return BilledItem("speech, neural voices, by the character", speech_meter(region), "")


def speech_meter(region: str) -> Meter:
    return Meter("", region, ("Azure Speech",), ("S1 Neural Text To Speech Characters",))


def price_characters(text: str, voice: str, region: str, prices: Mapping[str, Price]) -> float | None:
    """What saying a text costs in US dollars; None where the price is not known."""
    price = prices.get(speech_meter(region).key)
    unit = parse_unit(price.unit) if price else None
    if price is None or unit is None or OTHER_VOICES.search(voice):
        return None
    return round((len(text) + len(TWICE.findall(text))) / unit.count * price.usd, 8)
