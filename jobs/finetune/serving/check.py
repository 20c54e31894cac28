"""The check before any traffic: the new deployment alone answers held-out questions."""

from jobs.errors import ErrorKind, JobError
from jobs.finetune.metrics import is_exact
from jobs.finetune.results import Endpoint
from jobs.finetune.runner import Question, Runner, request_body
from jobs.terminal import log

QUESTIONS = 20
WORSE = 0.05
PARAMETERS = {"temperature": 0.0, "max_new_tokens": 256}


def check_deployment(runner: Runner, endpoint: Endpoint, colour: str, questions: list[Question]) -> None:
    """Ask a deployment, and the one in charge, and record that it passed. Raises JobError: then it stays at 0 %.

    It must answer all, none empty, and not match fewer expected answers than the other by more than WORSE.
    """
    answers = [ask(runner, each, colour) for each in questions]
    empty = sum(not each.strip() for each in answers)
    if empty:
        raise JobError(
            f"The deployment {colour} answered {empty} of {len(questions)} questions with nothing: it gets no traffic. "
            "Deploy another version.",
            ErrorKind.failed,
        )
    share = count_exact(answers, questions)
    in_charge = find_in_charge(endpoint, colour)
    if in_charge:
        other = count_exact([ask(runner, each, in_charge) for each in questions], questions)
        if share < other - WORSE - 1e-9:
            raise JobError(
                f"The deployment {colour} matches {share:.2f} of the held-out answers, and {in_charge}, which serves, "
                f"{other:.2f}: it gets no traffic. Deploy a better version.",
                ErrorKind.failed,
            )
    log(f"{colour} answered {len(questions)} held-out questions, {share:.0%} as expected")
    runner.mark_checked(colour)


def find_in_charge(endpoint: Endpoint, colour: str) -> str | None:
    """The deployment with the most traffic, other than `colour`."""
    others = {name: share for name, share in endpoint.traffic.items() if name != colour and share > 0}
    return max(others, key=lambda name: others[name]) if others else None


def ask(runner: Runner, question: Question, colour: str) -> str:
    answer, _ = runner.ask(request_body(question.messages, PARAMETERS), colour)
    return answer


def count_exact(answers: list[str], questions: list[Question]) -> float:
    """The share of answers that are the expected text."""
    pairs = zip(answers, questions, strict=True)
    return sum(is_exact(answer, question.expected) for answer, question in pairs) / len(questions)
