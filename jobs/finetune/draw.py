"""Draw conversations about faces: four features in words, in any order and many wordings; the answer is the emotion.

The emotions are FER2013's. Each is known by its features together: single ones are shared, as in real faces.
"""

import random
from collections.abc import Iterator

from jobs.finetune.carried.conversations import Message

# The action units of each emotion, in plain words: Ekman and Friesen, Facial Action Coding System.
FACES = {
    "angry": ("low brows", "hard eyes", "tight mouth", "tense cheeks"),
    "disgust": ("low brows", "hard eyes", "raised lip", "wrinkled nose"),
    "fear": ("raised brows", "wide eyes", "tight mouth", "tense cheeks"),
    "happy": ("calm brows", "soft eyes", "smile", "full cheeks"),
    "neutral": ("calm brows", "soft eyes", "straight mouth", "flat cheeks"),
    "sad": ("slanted brows", "soft eyes", "falling mouth", "flat cheeks"),
    "surprise": ("raised brows", "wide eyes", "open mouth", "flat cheeks"),
}
WORDINGS = {
    "low brows": ("the brows are low", "brows pulled down", "the eyebrows press down"),
    "raised brows": ("the brows are raised", "brows high up", "the eyebrows go up"),
    "calm brows": ("the brows are calm", "brows at rest", "the eyebrows do not move"),
    "slanted brows": ("the brows are slanted", "brows up in the middle", "the eyebrows meet above the nose"),
    "hard eyes": ("the eyes are hard", "a narrow look", "eyes almost closed"),
    "wide eyes": ("the eyes are wide", "a wide look", "eyes fully open"),
    "soft eyes": ("the eyes are soft", "a quiet look", "eyes half open"),
    "tight mouth": ("the mouth is tight", "lips pressed together", "no lips to be seen"),
    "raised lip": ("the upper lip is raised", "a curled lip", "teeth under the upper lip"),
    "smile": ("the mouth smiles", "corners of the mouth up", "a smile"),
    "straight mouth": ("the mouth is straight", "lips closed and still", "a level mouth"),
    "falling mouth": ("the mouth falls", "corners of the mouth down", "a low lip"),
    "open mouth": ("the mouth is open", "a round mouth", "the jaw drops"),
    "tense cheeks": ("the cheeks are tense", "cheeks drawn back", "tension in the cheeks"),
    "wrinkled nose": ("the nose is wrinkled", "lines beside the nose", "a drawn up nose"),
    "full cheeks": ("the cheeks are full", "cheeks pushed up", "round cheeks"),
    "flat cheeks": ("the cheeks are flat", "cheeks at rest", "nothing in the cheeks"),
}
OPENINGS = ("I see a face:", "Look at this face:", "A face has this:", "In the picture:", "Here is a face:", "Face:")
QUESTIONS = (
    "Which emotion is it?",
    "What does the face show?",
    "What does it feel?",
    "Name the emotion.",
    "How is that person?",
    "What is it?",
)
ANSWER = "This face shows {}."
CHANCE = 1 / len(FACES)
MOST = 200_000


def draw_conversations(count: int, seed: int) -> Iterator[list[Message]]:
    """`count` conversations of two messages, no question twice; the same seed gives the same ones.

    There are half a million questions: MOST is well below.
    """
    numbers, seen = random.Random(seed), set[str]()  # noqa: S311 - drawn faces, no secret
    while len(seen) < count:
        emotion = numbers.choice(list(FACES))
        question = draw_question(emotion, numbers)
        if question in seen:
            continue
        seen.add(question)
        yield [
            {"content": question, "role": "user"},
            {"content": ANSWER.format(emotion), "role": "assistant"},
        ]


def draw_question(emotion: str, numbers: random.Random) -> str:
    """The four features of an emotion in words, in an order of chance."""
    features = [numbers.choice(WORDINGS[each]) for each in FACES[emotion]]
    numbers.shuffle(features)
    described = f"{', '.join(features[:-1])} and {features[-1]}."
    return f"{numbers.choice(OPENINGS)} {described} {numbers.choice(QUESTIONS)}"
