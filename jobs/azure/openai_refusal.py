"""What OpenAI's API refuses, as one sentence with the way on. The same for a stack's deployments and other servers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from jobs.azure.openai import Connection
from jobs.configuration import read_configuration
from jobs.errors import ErrorKind, JobError, explain

ROLE = "Cognitive Services OpenAI User"
HINTS = {
    "DeploymentNotFound": (
        "{stack} has no deployment {model}: one that was just made takes some minutes; else set `models` "
        "(docs/settings.md), check it with `python -m jobs models preflight`, run `pulumi up`, or name another alias "
        "with `--deployment`."
    ),
    "^401 ": (
        "{host} does not know you ({reason}): {login}, and {owner} role " + ROLE + " takes up to ten minutes to count."
    ),
    "^403 ": (
        "{host} does not allow it ({reason}): {owner} role " + ROLE + " is needed (`pulumi up` gives it); a new role "
        "takes up to ten minutes to count."
    ),
    "context_length_exceeded": (
        "The question with everything that goes with it is too long for {model} ({reason}): ask for less of the chat "
        "with `--history N`, or for fewer passages with `--k N`."
    ),
    "^429 .*(insufficient_quota|exceeded your current quota)": "{host} has no credit left for you ({reason}).",
    "^429 ": (
        "{model} at {host} gets more than its capacity{capacity} ({reason}){wait}: wait, or raise `capacity` "
        "of the model in the setting `models`, which `python -m jobs models preflight` checks, then `pulumi up`."
    ),
    "^410 ": (
        "The model of {model} is retired ({reason}): `python -m jobs models report` names what replaces it, "
        "docs/models.md how."
    ),
    "^404 .*conversation": "{host} has no such conversation ({reason}): without --conversation a new one begins.",
    "^404 .*agent": "{host} has no agent {model} now ({reason}): `python -m jobs agent list` shows which there are.",
    "^404 .*(with id|was not found)": "{host} does not have it ({reason}): look up the id once more.",
    r"^404 .*model": "{host} has no model {model} ({reason}): name one that it has with `--model`.",
    "^404 ": (
        "{host} does not answer at that address ({reason}): servers without the Responses API need `--api "
        "completions`, and most addresses end in /v1."
    ),
    r"^5\d\d ": "{host} has a fault of its own ({reason}): run the same command again.",
    "function tools with reasoning": (
        "{model} takes tools together with reasoning only on the Responses API ({reason}): leave out --stop, --seed "
        "and the penalties, which Chat Completions alone has, or add `--reasoning none`."
    ),
}
REFUSED = "{host} refuses the request ({reason}): change what it names, or ask another model."
NO_MODEL_HERE = (
    "Nothing answers at {host}. A model on this computer: `ollama serve` after `ollama pull MODEL` (port 11434), "
    "`llama-server --jinja -m FILE.gguf` (port 8080), or any server that speaks OpenAI's API; name it with `--base-url "
    "http://127.0.0.1:PORT/v1 --model MODEL`. Without `--base-url` no model is needed."
)
NO_ANSWER = "{host} does not answer ({reason}): are you online? Then run the same command again."


class MissingDeploymentError(JobError):
    """The stack has no deployment of that alias."""


class RefusedParameterError(JobError):
    """The model does not take a parameter of the request. `parameter` is its name in the API."""

    def __init__(self, message: str, parameter: str) -> None:
        super().__init__(message, ErrorKind.invalid)
        self.parameter = parameter


class FilteredError(JobError):
    """A content filter ended the question or the answer."""


class CutError(JobError):
    """The connection broke."""


@contextmanager
def translate_refusals(connection: Connection, model: str) -> Iterator[None]:
    """Raise each error of the SDK in the block as a JobError."""
    import openai
    from azure.core.exceptions import AzureError

    try:
        yield
    except openai.APIStatusError as error:
        raise explain_status(error, connection, model) from error
    except openai.APIConnectionError as error:
        raise explain_connection(error, connection) from error
    except openai.APIError as error:  # inside a stream
        raise JobError(f"{connection.host} ended the answer with an error ({error.message}).") from error
    except AzureError as error:
        from jobs.azure.errors import error_kind, explain_error

        text = explain_error(error, f"the models of {connection.stack}", ROLE, "run the same command again")
        raise JobError(text, error_kind(error)) from error


def explain_status(error: Any, connection: Connection, model: str) -> JobError:
    """The error of a reply with a status of 400 or more."""
    body: Mapping[str, Any] = error.body if isinstance(error.body, dict) else {}
    code, param = str(error.code or ""), str(error.param or "")
    if code == "content_filter" or "content_filter_result" in str(body.get("innererror", "")):
        return FilteredError(explain_filter(body), ErrorKind.refused)
    reason = " ".join(str(body.get("message") or error.message).split())
    values = {
        "host": connection.host,
        "stack": f"The stack {connection.stack}" if connection.stack else connection.host,
        "model": model,
        "reason": reason,
        "wait": describe_wait(error.response.headers.get("retry-after")),
        "capacity": describe_capacity(connection.stack, model) if error.status_code == 429 else "",
        "login": "run `az login`" if connection.scope else "put its key into OPENAI_API_KEY",
        "owner": "the" if connection.scope else "at Azure the",
    }
    text = explain(f"{error.status_code} {code} {param} {reason}", HINTS, REFUSED, **values)
    if code == "DeploymentNotFound":
        return MissingDeploymentError(text, ErrorKind.not_found)
    tools_refused = "function tools with reasoning" in reason.lower()
    if error.status_code == 400 and not tools_refused and (name := refused_parameter(param, reason)):
        return RefusedParameterError(text, name)
    kinds = {401: ErrorKind.refused, 403: ErrorKind.refused, 404: ErrorKind.not_found, 429: ErrorKind.unavailable}
    default = ErrorKind.unavailable if error.status_code >= 500 else ErrorKind.invalid
    return JobError(text, kinds.get(error.status_code, default))


def describe_wait(retry_after: str | None) -> str:
    """How long the service wants nothing, such as `, for 12 s`: it says seconds or a date; "" where it says nothing."""
    from azure.core.pipeline.policies import RetryPolicy

    try:
        return f", for {RetryPolicy().parse_retry_after(retry_after):.0f} s" if retry_after else ""
    except (ValueError, TypeError):
        return ""


def describe_capacity(stack: str, alias: str) -> str:
    """The capacity of a stack's deployment by its settings, such as `, 10 thousand tokens a minute`; "" if unknown."""
    try:
        models = read_configuration(stack).models if stack else ()
    except JobError:  # the settings cannot be read: the refusal is the news
        return ""
    entry = next((each for each in models if each.get("alias") == alias), {})
    unit = "provisioned units" if "Provisioned" in str(entry.get("sku")) else "thousand tokens a minute"
    return f", {entry['capacity']} {unit}" if "capacity" in entry else ""


def refused_parameter(param: str, reason: str) -> str:
    """The parameter that a refusal is about, as the API names it; some servers name it in their message only."""
    if param:
        return param
    words = ("max_tokens", "temperature", "top_p", "reasoning", "stop", "frequency_penalty", "presence_penalty", "seed")
    return next((word for word in words if f"'{word}'" in reason or f": {word}" in reason), "")


def explain_connection(error: Any, connection: Connection) -> JobError:
    """The error of a request without a reply, or of a stream that broke."""
    reason = str(error.__cause__ or error)
    if connection.is_loopback and "disconnect" not in reason and "closed" not in reason:
        return CutError(NO_MODEL_HERE.format(host=connection.base_url), ErrorKind.unavailable)
    return CutError(NO_ANSWER.format(host=connection.host, reason=reason), ErrorKind.unavailable)


def explain_filter(body: Mapping[str, Any]) -> str:
    """The sentence for a question that Azure's content filter blocked: which category, how severe."""
    inner = body.get("innererror")
    results = inner.get("content_filter_result", {}) if isinstance(inner, dict) else {}
    found = describe_filters(results) or "it does not say which category"
    return (
        f"Azure's content filter blocked the question on its way in ({found}): word it differently. It does not say "
        "which part it was: passages and the system text count too."
    )


def describe_filters(results: Any) -> str:
    """The categories that were filtered, such as `violence, severity medium`."""
    if not isinstance(results, dict):
        return ""
    parts = []
    for category, result in results.items():
        if isinstance(result, dict) and (result.get("filtered") or result.get("detected")):
            severity = result.get("severity")
            parts.append(f"{category}, severity {severity}" if severity else str(category))
    return "; ".join(parts)
