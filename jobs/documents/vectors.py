"""What computes a collection's vectors: the stack's deployment `embed`, a local server, MiniLM, or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from jobs.azure.openai import Connection, describe_destination, open_client
from jobs.documents import minilm
from jobs.errors import ErrorKind, JobError
from jobs.postgres.copy import Vector
from jobs.terminal import log

ALIAS, SHORTENED = "embed", 512  # the deployment's name, and the numbers that it is asked for
BATCH = 256  # texts a request: at most 2,048, and 300,000 tokens together
WORDS, MINILM = "words", "minilm"

Embed: TypeAlias = Callable[[Sequence[str]], Vector]


@dataclass(frozen=True)
class Embedder:
    """`model` and `dimensions` as the collection records them. `embed` returns (n, dimensions) float32 for n texts."""

    model: str
    dimensions: int
    embed: Embed
    english_only: bool = False


@dataclass(frozen=True)
class EmbedChoice:
    """What the user asked for: `model` is words, minilm, a model at `connection`, or None for the best there is."""

    model: str | None
    connection: Connection | None
    is_stack: bool


def choose_embedder(choice: EmbedChoice) -> Embedder | None:
    """The embedder to fill a collection with; None where passages are found by words alone.

    Raises JobError where the model that was asked for is not there. Without a choice, a stack that lacks the deployment
    `embed` and a computer without MiniLM have words.
    """
    if choice.model == WORDS:
        return None
    if choice.model == MINILM or (choice.model is None and not choice.is_stack):
        if choice.model is None and not minilm.is_installed():
            return None
        return local_embedder()
    if choice.connection is None:
        raise JobError(
            f"There is no server for the model {choice.model}: name it with `--base-url`, or choose minilm or words.",
            ErrorKind.invalid,
        )
    from jobs.azure.openai_refusal import MissingDeploymentError

    try:
        embedder = remote_embedder(choice.connection, choice.model or ALIAS, SHORTENED if choice.is_stack else None)
        log(describe_destination(choice.connection, embedder.model))
        return embedder
    except MissingDeploymentError:
        if choice.model is not None:
            raise
        return local_embedder() if minilm.is_installed() else None


def local_embedder() -> Embedder:
    return Embedder(minilm.MODEL, minilm.DIMENSIONS, minilm.embed_texts, english_only=True)


def remote_embedder(connection: Connection, model: str, dimensions: int | None) -> Embedder:
    """An embedder over the OpenAI API. One request finds out which model answers there, and how many numbers."""
    from jobs.azure.openai_refusal import translate_refusals

    asked = {"dimensions": dimensions} if dimensions else {}

    def request(texts: Sequence[str]) -> tuple[str, Vector]:
        with translate_refusals(connection, model), open_client(connection) as client:
            reply = client.embeddings.create(model=model, input=list(texts), **asked)  # type: ignore[arg-type]
        vectors = [each.embedding for each in sorted(reply.data, key=lambda each: each.index)]
        return reply.model or model, np.asarray(vectors, np.float32)

    def embed(texts: Sequence[str]) -> Vector:
        parts = [request(texts[start : start + BATCH])[1] for start in range(0, len(texts), BATCH)]
        return np.concatenate(parts) if parts else np.empty((0, size), np.float32)

    name, probe = request(["probe"])
    size = probe.shape[1]
    return Embedder(name, size, embed)
