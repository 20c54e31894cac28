"""Drawn conversations: no question twice, every emotion, and an answer that follows from the features."""

from collections import Counter

from jobs.finetune.draw import ANSWER, FACES, WORDINGS, draw_conversations


def test_the_same_seed_draws_the_same_and_no_question_twice() -> None:
    drawn = list(draw_conversations(500, 1))
    assert drawn == list(draw_conversations(500, 1)) != list(draw_conversations(500, 2))
    assert len({messages[0]["content"] for messages in drawn}) == 500


def test_emotions_are_equally_frequent_so_that_chance_is_one_in_seven() -> None:
    answers = Counter(messages[1]["content"] for messages in draw_conversations(7000, 1))
    assert set(answers) == {ANSWER.format(each) for each in FACES}
    assert all(850 < count < 1150 for count in answers.values())


def test_the_features_say_which_emotion_it_is() -> None:
    assert len({frozenset(features) for features in FACES.values()}) == len(FACES)
    assert set(WORDINGS) == {each for features in FACES.values() for each in features}
    for messages in draw_conversations(200, 3):
        emotion = next(each for each in FACES if messages[1]["content"] == ANSWER.format(each))
        described = [any(word in messages[0]["content"] for word in WORDINGS[each]) for each in FACES[emotion]]
        assert all(described)
