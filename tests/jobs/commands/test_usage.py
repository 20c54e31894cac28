"""Wrong command lines and `--help`: this project's words, and the help of the command that was called."""

import re

import pytest

from jobs.commands.app import PANELS
from jobs.entry import command, main
from tests.jobs.commands.command_list import COMMANDS, WITHOUT_GROUPS

LIBRARY = re.compile(r"Value error|Input should|Invalid value|Missing \w+ '|Got unexpected|No such|Expected|parse")
WRONG = [
    (["embed", "x", "--precision", "fp16"], "'--precision' must be one of 'fp32', 'bf16', 'int8', not 'fp16'"),
    (["embed", "x", "--limit", "0"], "'--limit' must be 1 or more"),
    (["embed", "{x}", "--limit", "{y}"], "'--limit' must be a whole number"),
    (["search", "x", "--k", "1.5"], "'--k' / '-k' must be a whole number"),
    (["runs", "--days", "99"], "'--days' must be 45 or less"),
    (["cost", "--credit", "abc"], "'--credit' must be a number"),
    (["local"], "'ACTION' is missing: give one of up, down, status, install"),
    (["search"], "'PICTURE' is missing"),
    (["pause"], "'--target' is missing"),
    (["search", "x", "-k"], "'-k' needs a value"),
    (["embed", "x", "--strict=yes"], "'--strict' takes no value"),
    (["embed", "x", "y", "z"], "y z: these words are more than the command takes"),
    (["embed", "x", "--limt", "3"], "--limt is not an option of this command, unlike --limit"),
    (["embe"], "'embe' is not a command, unlike 'embed', 'resume'"),
    (["models", "lst"], "'lst' is not a command"),
    (["run-pipeline", "-p", "x"], "-p: write KEY=VALUE, not 'x'"),
    (["doctor", "--my-ip", "1.2"], "--my-ip: '1.2' is not an IPv4 address"),
    (["index", "--halfvec"], "--halfvec: only an index in the database supports it"),
]


@pytest.mark.parametrize(("arguments", "sentence"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_a_wrong_command_line_is_one_sentence_of_ours(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(sentence) and len(printed.splitlines()) == 1
    named = re.search(r": see `python -m jobs(?P<words>.*) --help`\.$", printed.strip())
    assert named and (named["words"].strip() in COMMANDS or named["words"] == "")
    assert main([*named["words"].split(), "--help"]) == 0


@pytest.mark.parametrize("words", WITHOUT_GROUPS)
def test_no_option_of_any_command_answers_in_a_librarys_words(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing value, a value that is not one, an unknown name: for every option that a command has."""
    for option in COMMANDS[words].params:
        if option.param_type_name != "option":
            continue
        name = option.opts[0]
        wrong = [[f"{name}=yes"]] if option.is_flag else [[name]]
        if not option.is_flag and option.display_type(None).startswith(("<int", "<float")):
            wrong.append([name, "many"])
            wrong += [[name, str(option.min - 1)]] if option.min is not None else []
        for arguments in wrong:
            assert main([*words.split(), *arguments]) == 2, arguments
            printed = capsys.readouterr().err
            assert not LIBRARY.search(printed), printed
            assert printed.strip().endswith(f": see `python -m jobs {words} --help`."), printed


@pytest.mark.parametrize("words", COMMANDS)
def test_no_help_shows_the_names_of_pythons_types(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words.split(), "--help"]) == 0
    assert not re.search(r"<(bool|int|float|text|str|path)\b", capsys.readouterr().out)


def test_the_help_has_the_panels_in_the_order_of_the_flow(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    named = [name for names in PANELS.values() for name in names if name in command.commands]
    assert sorted(named) == sorted(command.commands)
    found = re.findall(r"│ (?P<name>[a-z-]+) {2,}", printed)
    assert [name for name in found if not name.startswith("-")] == named
    assert [printed.index(panel) for panel in PANELS] == sorted(printed.index(panel) for panel in PANELS)
