"""Answer requests of an endpoint: `init` loads the model, `run` answers. Azure's server and the laptop's call both.

A request is {"input_data": {"input_string": [messages], "parameters": {...}}}, an answer {"output": text}: the shape of
Azure's model catalogue. What cannot be answered is a sentence with the status 400.
https://learn.microsoft.com/azure/machine-learning/how-to-deploy-online-endpoints
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import torch
from conversations import ConversationError, Message, check_turns
from generate import Loaded, load_model, pick_device

try:
    from azureml_inference_server_http.api.aml_response import AMLResponse
except ImportError:  # the laptop's endpoint answers without Azure's server

    @dataclass
    class AMLResponse:  # type: ignore[no-redef]
        """Azure's class, its two first arguments."""

        message: str
        status_code: int


PARAMETERS = ("max_new_tokens", "temperature", "top_p", "do_sample", "stop")
DEFAULT_TOKENS, MOST_TOKENS, MOST_STOPS = 128, 4096, 8


class BadRequestError(ValueError):
    """A request that cannot be answered. The message is a whole sentence."""


@dataclass(frozen=True)
class Parameters:
    """`temperature` 0 takes the likeliest token each time: the same answer everywhere."""

    max_new_tokens: int = DEFAULT_TOKENS
    temperature: float = 0.0
    top_p: float = 1.0
    do_sample: bool | None = None
    stop: list[str] = field(default_factory=list)

    @property
    def samples(self) -> bool:
        return self.temperature > 0 and self.do_sample is not False


class State:
    """The model of this process. One answer at a time: they would share the processor."""

    loaded: Loaded
    lock = Lock()


def init() -> None:
    """Load the model below AZUREML_MODEL_DIR."""
    folder = Path(os.environ["AZUREML_MODEL_DIR"])
    weights = next(
        each.parent for each in sorted(folder.rglob("config.json")) if any(each.parent.glob("*.safetensors"))
    )
    State.loaded = load_model(str(weights), device=pick_device("auto"))


def run(data: str | bytes) -> Any:
    """Answer one request."""
    try:
        messages, parameters = read_request(data)
        with State.lock:
            return {"output": answer(State.loaded, messages, parameters)}
    except BadRequestError as error:
        return AMLResponse(str(error), 400)


def read_request(data: str | bytes) -> tuple[list[Message], Parameters]:
    """The messages and parameters of a body. Raises BadRequestError."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"The body is not JSON: {error}.") from error
    given = body.get("input_data") if isinstance(body, dict) else None
    if not isinstance(given, dict) or "input_string" not in given:
        raise BadRequestError('The body has no messages: send {"input_data": {"input_string": [messages]}}.')
    try:
        messages = check_turns(given["input_string"])
    except ConversationError as error:
        raise BadRequestError(f"The conversation cannot be answered: {error}.") from error
    if messages[-1]["role"] != "user":
        raise BadRequestError("The conversation cannot be answered: its last message is not the user's.")
    return messages, read_parameters(given.get("parameters"))


def read_parameters(given: Any) -> Parameters:
    """The parameters, each within its limits. Raises BadRequestError."""
    values = {} if given is None else given
    if not isinstance(values, dict):
        raise BadRequestError("The parameters are not an object.")
    unknown = sorted(set(values) - set(PARAMETERS))
    if unknown:
        raise BadRequestError(f"The parameter {unknown[0]!r:.60} is not one of {', '.join(PARAMETERS)}.")
    stop = values.get("stop", [])
    stop = [stop] if isinstance(stop, str) else stop
    if not isinstance(stop, list) or len(stop) > MOST_STOPS or not all(isinstance(each, str) and each for each in stop):
        raise BadRequestError(f"stop is not a text or a list of at most {MOST_STOPS}.")
    sample = values.get("do_sample")
    if sample is not None and not isinstance(sample, bool):
        raise BadRequestError("do_sample is not true or false.")
    tokens = number(values, "max_new_tokens", DEFAULT_TOKENS, 1, MOST_TOKENS)
    if tokens != int(tokens):
        raise BadRequestError("max_new_tokens is not a whole number.")
    return Parameters(
        max_new_tokens=int(tokens),
        temperature=number(values, "temperature", 0.0, 0.0, 100.0),
        top_p=number(values, "top_p", 1.0, 1e-6, 1.0),
        do_sample=sample,
        stop=stop,
    )


def number(values: dict[str, Any], name: str, default: float, least: float, most: float) -> float:
    """A number within limits. Raises BadRequestError."""
    value = values.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadRequestError(f"{name} is not a number from {least:g} to {most:g}.")
    return value


def answer(loaded: Loaded, messages: list[Message], parameters: Parameters) -> str:
    """The model's next turn. Raises BadRequestError where the conversation is longer than the context."""
    inputs = loaded.tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
    ).to(loaded.device)
    length, context = inputs["input_ids"].shape[1], loaded.model.config.max_position_embeddings
    if length >= context:
        raise BadRequestError(f"The conversation has {length} tokens, and the model's context has {context}.")
    sampling = {"temperature": float(parameters.temperature), "top_p": parameters.top_p, "top_k": 0}
    options = sampling if parameters.samples else {}
    stops = {"stop_strings": parameters.stop, "tokenizer": loaded.tokenizer} if parameters.stop else {}
    with torch.inference_mode():
        output = loaded.model.generate(
            **inputs,
            do_sample=parameters.samples,
            max_new_tokens=min(parameters.max_new_tokens, context - length),
            **options,
            **stops,
        )
    ids = output[0, length:].tolist()
    end = next((place for place, each in enumerate(ids) if each in loaded.stops), None)
    text = loaded.tokenizer.decode(ids[:end], skip_special_tokens=True)
    cut = min((text.find(each) for each in parameters.stop if each in text), default=len(text))
    return str(text[:cut].strip())
