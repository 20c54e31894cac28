"""A change as a person would make it by hand: a request, curl, PowerShell, or the Azure CLI. Never with a token.

https://learn.microsoft.com/azure/ai-services/openai/how-to/working-with-models
"""

import json
import re
import shlex
from collections.abc import Callable
from urllib.parse import urlencode

from jobs.azure.arm import ENDPOINT
from jobs.models.change import Plan
from jobs.models.deployments import VERSION

ASK = '"Authorization: Bearer $(az account get-access-token --query accessToken --output tsv)"'
NO_POLICY = "# The Azure CLI cannot set the upgrade policy: rest, curl and powershell can."
SINGLE_QUOTES = re.compile("['\u2018-\u201b]")
TYPES = "Microsoft.Azure.Management.CognitiveServices.Models"


def by_hand(plan: Plan, tool: str) -> str:
    """The same change with another tool: rest, curl, powershell or az."""
    forms: dict[str, Callable[[Plan], str]] = {
        "rest": as_rest,
        "curl": as_curl,
        "powershell": as_powershell,
        "az": as_az,
    }
    return forms[tool](plan)


def url(plan: Plan) -> str:
    return f"{ENDPOINT}{plan.account.deployment_path(plan.name)}?{urlencode({'api-version': VERSION})}"


def as_rest(plan: Plan) -> str:
    body = json.dumps(plan.body, indent=2)
    return f"{plan.method} {url(plan)}\nContent-Type: application/json\n\n{body}"


def as_curl(plan: Plan) -> str:
    """For a POSIX shell: everything in single quotes but the token, which the shell asks for itself."""
    body = shlex.quote(json.dumps(plan.body))
    head = f"curl -X {plan.method} {shlex.quote(url(plan))}"
    return f"{head} \\\n  -H 'Content-Type: application/json' \\\n  -H {ASK} \\\n  -d {body}"


def as_powershell(plan: Plan) -> str:
    """The document's way: read, set, write. A new deployment is built first."""
    where = (
        f"-ResourceGroupName {quoted(plan.account.group)} -AccountName {quoted(plan.account.name)} "
        f"-Name {quoted(plan.name)}"
    )
    write = f"New-AzCognitiveServicesAccountDeployment {where}"
    if plan.before is None:
        return f"{new_objects(plan)}\n{write} -Properties $properties -Sku $sku"
    places = {
        "model": "Properties.Model.Name",
        "version": "Properties.Model.Version",
        "policy": "Properties.VersionUpgradeOption",
        "capacity": "Sku.Capacity",
    }
    values = plan.changes
    if "policy" not in values:  # left out, Azure decides
        values = {**values, "policy": plan.body.get("properties", {}).get("versionUpgradeOption") or plan.before.policy}
    sets = [f"$deployment.{places[key]} = {quoted(value)}" for key, value in values.items() if value is not None]
    lines = [f"$deployment = Get-AzCognitiveServicesAccountDeployment {where}", *sets]
    return "\n".join([*lines, f"{write} -Properties $deployment.Properties -Sku $deployment.Sku"])


def new_objects(plan: Plan) -> str:
    """The objects of a new deployment."""
    properties = plan.body["properties"]
    model = "; ".join(f"{key.capitalize()} = {quoted(value)}" for key, value in properties["model"].items())
    more = f"VersionUpgradeOption = {quoted(properties['versionUpgradeOption'])}"
    if "raiPolicyName" in properties:
        more += f"; RaiPolicyName = {quoted(properties['raiPolicyName'])}"
    sku = f"Name = {quoted(plan.body['sku']['name'])}; Capacity = {plan.body['sku']['capacity']}"
    return "\n".join(
        [
            f"$model = New-Object -TypeName '{TYPES}.DeploymentModel' -Property @{{{model}}}",
            f"$properties = New-Object -TypeName '{TYPES}.DeploymentProperties' -Property @{{Model = $model; {more}}}",
            f"$sku = New-Object -TypeName '{TYPES}.Sku' -Property @{{{sku}}}",
        ]
    )


def quoted(value: object) -> str:
    """A value for PowerShell: a number as it is, a text in single quotes, in which only they are doubled.

    It takes four typographic marks for single quotes too.
    https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules
    """
    return str(value) if isinstance(value, int) else "'" + SINGLE_QUOTES.sub(r"\g<0>\g<0>", str(value)) + "'"


def as_az(plan: Plan) -> str:
    """The CLI writes a deployment whole, and has no option for the policy: so Azure decides that."""
    if plan.verb == "policy":
        return NO_POLICY
    values = {**(plan.before.values() if plan.before else {}), **plan.changes}
    form = plan.before.format if plan.before else plan.body["properties"]["model"]["format"]
    options = {
        "resource-group": plan.account.group,
        "name": plan.account.name,
        "deployment-name": plan.name,
        "model-format": form,
        "model-name": values["model"],
        "model-version": values["version"],
        "sku-name": values["sku"],
        "sku-capacity": str(values["capacity"]),
    }
    words = " ".join(f"--{key} {shlex.quote(value)}" for key, value in options.items())
    return f"{NO_POLICY}\naz cognitiveservices account deployment create {words}"
