"""Which questions are counted, and which go to the documents. A wrong number is worse than none."""

import pytest

from jobs.assistant.intents import Intent, find_intent, is_spanish

ALL = None
COUNTS = [
    ("how many sad faces are there?", ["sad"]),
    ("How many pictures?", ALL),
    ("how many are happy", ["happy"]),
    ("count the angry and the disgusted ones please", None),  # `ones` is no word that is known
    ("number of neutral images in the database", ["neutral"]),
    ("What is the most common emotion?", ALL),
    ("which emotion has the fewest pictures?", ALL),
    ("¿cuántas fotos de miedo hay?", ["fear"]),
    ("cuantas caras enojadas o sorprendidas hay en la base de datos", ["angry", "surprise"]),
    ("¿Cuál es la emoción menos frecuente?", ALL),
    ("how many confused faces are there?", ["confused"]),
    ("¿cuántas caras confundidas hay?", ["confundidas"]),
]
OTHERS = [
    "how many pictures does the pipeline copy in a minute?",
    "How many happy faces were uploaded to the lake last week?",
    "how many servers does the stack have?",
    "¿cuántas personas usan Azure?",
    "is the sad face good?",
    "what does the demo do?",
    "how much does a picture cost?",
    "what is similar to pgvector?",
]


@pytest.mark.parametrize(("question", "emotions"), [case for case in COUNTS if "ones" not in case[0]])
def test_a_count_names_its_emotions(question: str, emotions: list[str] | None) -> None:
    assert find_intent(question, []) == Intent("count_by_emotion", {"emotions": emotions})


@pytest.mark.parametrize("question", [*OTHERS, "count the angry and the disgusted ones please"])
def test_a_question_with_words_that_are_not_known_is_not_counted(question: str) -> None:
    assert find_intent(question, []) is None


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("show me faces like 12", {"picture": "12", "emotion": None, "k": None}),
        ("the 3 happy pictures most similar to the picture 7", {"picture": "7", "emotion": "happy", "k": 3}),
        (
            "¿qué caras tristes se parecen? las más parecidas a la imagen 5",
            {"picture": "5", "emotion": "sad", "k": None},
        ),
        ("which faces are like this one?", {"picture": "picture-1", "emotion": None, "k": None}),
    ],
)
def test_pictures_are_searched_by_id_or_by_the_users_file(question: str, arguments: dict[str, object]) -> None:
    assert find_intent(question, ["picture-1"]) == Intent("search_pictures", arguments)


@pytest.mark.parametrize(
    ("question", "tool"),
    [
        ("Did the last pipeline run succeed?", "describe_pipeline_run"),
        ("¿falló la última ejecución?", "describe_pipeline_run"),
        ("what happened in run 2f7fdb90-5df1-4b8e-ac2f-064cfa58202b", "describe_pipeline_run"),
        ("how much have I spent?", "cost_so_far"),
        ("¿cuánto he gastado este mes?", "cost_so_far"),
    ],
)
def test_runs_and_costs(question: str, tool: str) -> None:
    intent = find_intent(question, [])
    assert intent and intent.tool == tool


@pytest.mark.parametrize(
    ("question", "spanish"),
    [("¿cuántas hay?", True), ("como pauso la base de datos", True), ("how many are there?", False), ("pause", False)],
)
def test_the_language_of_the_answer(question: str, spanish: bool) -> None:
    assert is_spanish(question) is spanish
