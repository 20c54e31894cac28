"""What a question asks the vector lake for, by English and Spanish patterns: the name of a tool and its arguments.

A question with a word that no pattern knows is not counted, it goes to the documents: a wrong number is worse than
none.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.documents.words import strip_accents

EMOTIONS = {
    "angry": r"angry|anger|mad|enojad[oa]s?|enfadad[oa]s?|furios[oa]s?|ira|rabia|enojo",
    "disgust": r"disgust|disgusted|asco|asquead[oa]s?|disgustad[oa]s?|disgusto",
    "fear": r"fear|fearful|afraid|scared|miedo|asustad[oa]s?|temor|temeros[oa]s?",
    "happy": r"happy|happiness|smiling|joyful|joy|feliz|felices|felicidad|alegres?|alegria|content[oa]s?|sonrientes?",
    "neutral": r"neutral|neutrals|neutrales|neutr[oa]s?|seri[oa]s?",
    "sad": r"sad|sadness|unhappy|tristes?|tristeza",
    "surprise": r"surprise|surprised|sorpresa|sorprendid[oa]s?",
}
PICTURE = r"faces?|pictures?|images?|photos?|people|rows?|caras?|rostros?|imagen|imagenes|fotos?|fotografias?|filas?"
COUNT = r"how many|number of|count|cuant[oa]s|numero de|cantidad de|cuenta"
FILLER = re.compile(
    r"\b(how|many|number|of|count|the|a|an|is|are|there|do|does|we|i|you|have|has|in|total|all|together|altogether|and|or|"
    r"my|our|me|tell|show|what|which|with|labell?ed|emotions?|please|it|its|table|database|lake|vector|dataset|altogether|"
    r"each|every|by|for|per|so|currently|now|"
    r"cuant[oa]s|cuanto|numero|cantidad|cuenta|de|del|la|las|el|los|un|una|hay|tengo|tenemos|existen|en|y|o|u|e|dime|son|"
    r"junt[oa]s|mis?|tus?|nuestr[oa]s?|base|datos|tabla|lago|con|etiqueta|emocion|emociones|por|favor|tod[oa]s|cada|que|"
    r"muestran|ahora|cual|es)\b"
)
MOST = r"most|commonest|largest|biggest|frequent|common|mas|mayor|frecuente|comun|predomina"
LEAST = r"least|fewest|rarest|smallest|rare|menos|menor|rar[oa]"
LIKE = r"\b(similar|like|alike|resembl\w*|nearest|closest|parecid[oa]s?|similares|cercan[oa]s?|semejantes?)\b"
RUN = r"\b(pipeline|run|runs|ejecucion|corrida|copia)\b"
RUN_STATE = (
    r"\b(succeed\w*|fail\w*|status|state|ended|end|last|latest|termino|acabo|estado|ultim[oa]|fallo|exito|resultado)\b"
)
LAST_RUN = r"\b(last|latest|ultim[oa])\b.*" + RUN + "|" + RUN + r".*\b(last|latest|ultim[oa])\b"
COST = (
    r"\b(cost|costs|spend|spent|paid|pay)\b.*\b(so far|already|this month|until now|have i|did i|have we|has this)\b|"
    r"\b(have (i|we) (spent|paid)|has (this|it) cost|did (i|we) (spend|pay))\b|"
    r"\b(gastado|gaste|pagado)\b|\b(cuesta|costado|costo|cuanto)\b.*\b(hasta ahora|este mes)\b"
)
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SPANISH = re.compile(
    r"[¿¡ñáéíóú]|\b(que|cuantas?|cuantos?|hay|como|donde|cual|las|los|para|una?|del|con|por|dime|caras|imagenes|es)\b",
    re.IGNORECASE,
)
ENGLISH = re.compile(
    r"\b(the|how|many|what|which|where|are|is|do|does|of|with|for|did|has|have|faces?|pictures?)\b", re.I
)


@dataclass(frozen=True)
class Intent:
    """The tool that answers a question."""

    tool: str
    arguments: Mapping[str, Any]


def is_spanish(question: str) -> bool:
    """Whether to answer in Spanish."""
    return len(SPANISH.findall(question)) > len(ENGLISH.findall(question))


def find_intent(question: str, handles: Sequence[str]) -> Intent | None:
    """What the question asks the vector lake for; None where it is for the documents.

    `handles` are the pictures that the user gave.
    """
    text = strip_accents(question)
    for find in (find_pictures, find_cost, find_run, find_count):
        if intent := find(text, handles):
            return intent
    return None


def find_pictures(text: str, handles: Sequence[str]) -> Intent | None:
    """Pictures like one of the user's, or like that of an id: `faces like 12`, `parecidas a la imagen 12`."""
    if not re.search(LIKE, text) or not re.search(rf"\b({PICTURE})\b", text):
        return None
    row = re.search(LIKE + rf"\D*?(?:\b(?:{PICTURE}|id|number|numero)\b\D*?)?\b(\d+)", text)
    picture = row[2] if row else handles[-1] if handles else None
    if picture is None:
        return None
    before = re.search(rf"\b(\d{{1,2}})\b[^\d]*?(?:\w+ )?\b(?:{PICTURE})\b", text)
    emotions = named_emotions(text)
    k = int(before[1]) if before and not (row and before.start(1) == row.start(2)) else None
    return Intent("search_pictures", {"picture": picture, "emotion": emotions[0] if emotions else None, "k": k})


def find_cost(text: str, handles: Sequence[str]) -> Intent | None:
    return Intent("cost_so_far", {}) if re.search(COST, text) else None


def find_run(text: str, handles: Sequence[str]) -> Intent | None:
    """How a run ended: the last one, or that of an id."""
    if run := re.search(UUID, text):
        return Intent("describe_pipeline_run", {"run": run[0]})
    is_last = re.search(LAST_RUN, text) and re.search(RUN_STATE, text)
    return Intent("describe_pipeline_run", {"run": "last"}) if is_last else None


def find_count(text: str, handles: Sequence[str]) -> Intent | None:
    """How many pictures there are, of which emotions; or which emotion has most or fewest of them."""
    named = named_emotions(text)
    if superlative(text) and re.search(r"\b(emotion|emocion|emotions|emociones)\b", text):
        rest = re.sub(rf"\b({MOST}|{LEAST}|{PICTURE}|tiene)\b", " ", text)
        return None if unknown_words(rest) else Intent("count_by_emotion", {"emotions": None})
    if not re.search(rf"\b({COUNT})\b", text):
        return None
    rest = re.sub(rf"\b({'|'.join(EMOTIONS.values())}|{PICTURE})\b", " ", text)
    has_picture = re.search(rf"\b({PICTURE})\b", text)
    unknown = unknown_words(rest)
    if not unknown and (has_picture or named or re.search(r"\b(emotions|emociones)\b", text)):
        return Intent("count_by_emotion", {"emotions": named or None})
    if has_picture and len(unknown) == 1 and next_to_picture(unknown[0], text):
        return Intent("count_by_emotion", {"emotions": [*named, unknown[0]]})  # the tool knows the table's own names
    return None


def named_emotions(text: str) -> list[str]:
    """The emotions of FER2013 that the text names, in any form."""
    return [name for name, words in EMOTIONS.items() if re.search(rf"\b({words})\b", text)]


def superlative(text: str) -> str:
    """`most` or `least` where the text asks for either, else ""."""
    if re.search(rf"\b({LEAST})\b", text):
        return "least"
    return "most" if re.search(rf"\b({MOST})\b", text) else ""


def unknown_words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", FILLER.sub(" ", text))


def next_to_picture(word: str, text: str) -> bool:
    """Whether the word describes a picture: `confused faces`, `caras confundidas`."""
    return bool(re.search(rf"\b{word} (?:{PICTURE})\b|\b(?:{PICTURE}) {word}\b", text))
