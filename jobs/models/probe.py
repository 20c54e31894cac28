"""Send a deployment one small request: whether it answers, and so that the metrics have something to show.

https://learn.microsoft.com/azure/ai-foundry/openai/reference-preview-latest
"""

from typing import Any, TypeAlias

from azure.core import PipelineClient
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, UserAgentPolicy
from azure.core.rest import HttpRequest

from jobs.azure.errors import translate_errors
from jobs.azure.login import credential
from jobs.azure.retries import Retries
from jobs.models.deployments import Deployment
from jobs.models.exits import NotOfferedError

Client: TypeAlias = PipelineClient[HttpRequest, Any]

SCOPE = "https://cognitiveservices.azure.com/.default"
ROLE = "Cognitive Services OpenAI User of the account"
# By capability: the path, and the body beside the model. 16 is the least that every model takes.
REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "chatCompletion": (
        "chat/completions",
        {"messages": [{"role": "user", "content": "ping"}], "max_completion_tokens": 16},
    ),
    "responses": ("responses", {"input": "ping", "max_output_tokens": 16}),
    "embeddings": ("embeddings", {"input": "ping"}),
}


def probe(endpoint: str, deployment: Deployment) -> None:
    """Send one request, and wait for its answer. Raises JobError where there is none.

    NotOfferedError for a model that takes neither text nor messages: its first request has to be one of yours.
    """
    able = {key for key, value in (deployment.properties.get("capabilities") or {}).items() if value == "true"}
    kind = next((each for each in REQUESTS if each in able), None)
    if kind is None or not endpoint.startswith("https://"):
        raise NotOfferedError(
            f"{deployment.name} takes no text, so this command cannot ask it anything: send it a request of your own, "
            "and run the same command when `models traffic` shows it."
        )
    path, body = REQUESTS[kind]
    url = f"{endpoint.rstrip('/')}/openai/v1/{path}"
    login = BearerTokenCredentialPolicy(credential(), SCOPE)
    client: Client = PipelineClient(endpoint, policies=[UserAgentPolicy("vector-lake"), Retries(), login])
    with translate_errors(f"the deployment {deployment.name}", ROLE), client:
        send(client, HttpRequest("POST", url, json={"model": deployment.name, **body}))


def send(client: Client, request: HttpRequest) -> None:
    """Raises AzureError for any answer but a 200."""
    answer = client.send_request(request)
    if answer.status_code != 200:
        raise HttpResponseError(response=answer)
    if not isinstance(answer.json(), dict):
        raise AzureError("The answer is not an object")
