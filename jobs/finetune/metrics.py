"""How close an answer is to the expected one."""

from collections import Counter


def is_exact(answer: str, expected: str) -> bool:
    """Whether it is the very text, spaces around it aside."""
    return answer.strip() == expected.strip()


def token_f1(answer: str, expected: str) -> float:
    """The harmonic mean of precision and recall of the words: 1 where both have the same ones.

    As SQuAD's, without its own rules for articles and punctuation: https://arxiv.org/abs/1606.05250
    """
    given, wanted = Counter(answer.lower().split()), Counter(expected.lower().split())
    common = sum((given & wanted).values())
    if not common:
        return float(given == wanted)
    precision, recall = common / sum(given.values()), common / sum(wanted.values())
    return 2 * precision * recall / (precision + recall)
