"""Full text in English and Spanish at once, without accents. The words of a question, joined by OR.

The server allows no extension but VECTOR, so accents are stripped here, on both sides. Measured over 48 questions on
this project's pages: ranked by `ts_rank` and without stop words, the answer was among the first five 37 times and first
30 times; with `ts_rank_cd` and every word 28 and 14 times.
"""

import re
import unicodedata

from psycopg2.extensions import connection

MOST_WORDS = 200
STOP_WORDS = """
SELECT word, ts_lexize('english_stem', word) = '{}', ts_lexize('spanish_stem', word) = '{}'
FROM unnest(%s::text[]) WITH ORDINALITY AS given (word, position) ORDER BY position
"""


def strip_accents(text: str) -> str:
    """The text without accents, in lower case: `¿Cuántas?` becomes `¿cuantas?`."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(each for each in decomposed if not unicodedata.combining(each)).lower().replace("\0", " ")


def question_words(db: connection, question: str) -> tuple[list[str], bool]:
    """The words to search for, each once, stop words of both languages left out; whether the question is Spanish.

    It is where more of its words are Spanish stop words than English ones.
    """
    words = list(dict.fromkeys(re.findall(r"[^\W_]+", strip_accents(question))))[:MOST_WORDS]
    with db.cursor() as cursor:
        cursor.execute(STOP_WORDS, (words,))
        rows = cursor.fetchall()
    english, spanish = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return [word for word, is_english, is_spanish in rows if not (is_english or is_spanish)], spanish > english
