"""The lists of Azure Machine Learning's sizes and quotas in a region. Every region has the same.

https://learn.microsoft.com/rest/api/azureml/virtual-machine-sizes/list
https://learn.microsoft.com/rest/api/azureml/usages/list
"""

import re
from dataclasses import dataclass

from tests.azure_fakes.azure import ROOT, Azure
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import list_page, path_below

LISTS = re.compile(r"/providers/microsoft\.machinelearningservices/locations/\w+/(vmsizes|usages)")


@dataclass
class VmLists:
    """Azure gives all sizes in one page, and quotas in several."""

    azure: Azure

    def __call__(self, request: Request) -> Response | None:
        named = LISTS.fullmatch(path_below(request, ROOT) or "")
        if named is None:
            return None
        if named[1] == "vmsizes":
            return Response(200, {"value": self.azure.vm_sizes})
        return list_page(request, self.azure.vm_usages)
