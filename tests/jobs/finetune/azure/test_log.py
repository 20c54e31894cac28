"""Following a run: its states, its own log, a node that is taken away, Ctrl-C, and cancelling."""

import pytest

from jobs.errors import JobError, StoppedError
from jobs.finetune.azure import log
from jobs.finetune.runner import Compute
from tests.jobs.finetune.azure.played_learning import PlayedLearning


def test_states_and_lines_are_shown_once_and_foreign_text_is_escaped(
    learning: PlayedLearning, capsys: pytest.CaptureFixture[str]
) -> None:
    learning.train()
    err = capsys.readouterr().err
    assert err.count("step 1 of 2: loss 0.3100") == 1 and "Measuring the base on cpu" in err
    assert "tiny-1: Completed" in err
    assert "a line of torch" in err and "\x1b" not in err


def test_the_log_is_read_as_it_grows_in_whole_lines(
    learning: PlayedLearning, capsys: pytest.CaptureFixture[str]
) -> None:
    def grow(*lines: str) -> str:
        learning.write_log("tiny-1", list(lines))
        return "Running"

    steps = [lambda: grow("first"), lambda: grow("second", "third"), learning.finish("tiny-1")]
    learning.played.learning.steps["tiny-1"] = ["Queued", "Queued", "Queued", *steps]
    learning.runner().train(learning.order(), Compute())
    lines = [line for line in capsys.readouterr().err.splitlines() if line in ("first", "second", "third")]
    assert lines == ["first", "second", "third"]


def test_a_node_that_is_taken_away_is_waited_for(learning: PlayedLearning, capsys: pytest.CaptureFixture[str]) -> None:
    finish = learning.finish("tiny-1", resumed_from=100)
    learning.played.learning.steps["tiny-1"] = ["Queued"] * 3 + ["Running", "Queued", "Running", finish]
    result = learning.runner().train(learning.order(), Compute())
    assert (result.state, result.resumed_from) == ("done", 100)
    assert "its machine was taken away; it goes on from its last checkpoint" in capsys.readouterr().err
    assert learning.sent("PUT", "/jobs/") == ["jobs/tiny-1"], "Azure itself starts the job again"


def test_a_failed_run_shows_the_end_of_its_log(learning: PlayedLearning) -> None:
    def fail() -> str:
        learning.write_log("tiny-1", ["Traceback", "OSError: no space left"])
        return "Failed"

    learning.played.learning.steps["tiny-1"] = ["Queued", "Running", fail]
    with pytest.raises(JobError, match=r"failed .*OSError: no space left.*goes on from its last checkpoint"):
        learning.runner().train(learning.order(), Compute())
    assert learning.runner().read_run("tiny-1").state == "failed"


def test_ctrl_c_leaves_the_run_at_work_and_says_that_it_bills(learning: PlayedLearning) -> None:
    learning.played.learning.steps["tiny-1"] = ["Queued"] * 5
    learning.runner().train(learning.order(), Compute(wait=False))
    with pytest.raises(StoppedError, match=r"goes on at Azure, and bills: .*--follow tiny-1.*--cancel tiny-1"):
        follow_interrupted(learning)
    assert learning.runner().cancel("tiny-1").state == "cancelled"
    assert learning.sent("POST", "/cancel") == ["jobs/tiny-1/cancel"]
    assert learning.runner().cancel("tiny-1").state == "cancelled"


def follow_interrupted(learning: PlayedLearning) -> None:
    """Follow a run, with Ctrl-C in the first wait."""

    def interrupt(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "wait_until", interrupt)
        learning.runner().follow("tiny-1")
