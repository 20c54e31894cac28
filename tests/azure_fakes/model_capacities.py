"""The room for a model in every region.

https://learn.microsoft.com/rest/api/aiservices/accountmanagement/model-capacities/list
"""

from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import ROOT, error_response, list_page


@dataclass
class ModelCapacities:
    """`rooms`: region, SKU and room by model and version."""

    rooms: dict[tuple[str, str], list[tuple[str, str, float]]] = field(default_factory=dict)

    def __call__(self, request: Request) -> Response | None:
        if request.path != f"{ROOT}/providers/Microsoft.CognitiveServices/modelCapacities":
            return None
        if not {"modelFormat", "modelName", "modelVersion"} <= request.query.keys():
            return error_response(400, "InvalidQuery")
        model = request.query["modelName"], request.query["modelVersion"]
        return list_page(request, [self.entry(model, *each) for each in self.rooms.get(model, [])])

    def entry(self, model: tuple[str, str], region: str, sku: str, room: float) -> dict[str, Any]:
        named = {"format": "OpenAI", "name": model[0], "version": model[1]}
        properties = {"model": named, "skuName": sku, "availableCapacity": room, "availableFinetuneCapacity": 0}
        return {"location": region, "name": "gpt", "type": "Microsoft.CognitiveServices", "properties": properties}
