"""Build what answers: without a model, a stack's deployment, or a server."""

from collections.abc import Sequence
from functools import partial

from jobs.assistant import extract
from jobs.assistant.chat import Engine
from jobs.documents.words import strip_accents
from jobs.target import Target

# How many of the question's words a text has, and then, below one, how often and how close together.
RANK = """
SELECT position, (
    SELECT count(*) FROM unnest(%(words)s::text[]) AS word
    WHERE vector @@ (to_tsquery('english', word) || to_tsquery('spanish', word))
) + ts_rank(vector, to_tsquery('english', %(any)s) || to_tsquery('spanish', %(any)s), 1)
FROM (
    SELECT position,
        to_tsvector('english', text) || to_tsvector('spanish', text) || to_tsvector('simple', text) AS vector
    FROM unnest(%(texts)s::text[]) WITH ORDINALITY AS given (text, position)
) AS read ORDER BY position
"""


def extract_engine(target: Target, handles: Sequence[str]) -> Engine:
    """The answerer without a language model."""
    answerer = extract.Extract(partial(rank_texts, target), handles)
    return Engine(extract.ENGINE, answerer, always_tools=True)


def rank_texts(target: Target, question: str, texts: Sequence[str]) -> list[float]:
    """How well each text fits the question, by PostgreSQL's full text."""
    from jobs.documents.words import question_words
    from jobs.postgres.connection import open_connection

    with open_connection(target, only_read=True) as db, db.cursor() as cursor:
        words, _ = question_words(db, question)
        if not words or not texts:
            return [0.0] * len(texts)
        plain = [strip_accents(text) for text in texts]
        cursor.execute(RANK, {"words": words, "any": " | ".join(words), "texts": plain})
        return [float(rank) for _, rank in cursor]
