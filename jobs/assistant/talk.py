"""The interactive chat: questions, and commands that begin with a slash."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from jobs import terminal
from jobs.assistant import prompt
from jobs.assistant.answer import Answer
from jobs.assistant.chat import Conversation
from jobs.assistant.conversation import Usage
from jobs.assistant.parameters import NAMES, parse_parameter
from jobs.assistant.program import write_program
from jobs.assistant.transcript import write_transcript
from jobs.errors import JobError
from jobs.lines import write_lines

HELP = """/system TEXT|@FILE     instructions for the model
/safety NAMES|off      safety messages: all, or harmful,ungrounded,copyright,jailbreak
/example A => B        an example: a question and its answer
/var NAME=VALUE        the value of {{NAME}}
/set NAME=VALUE|off    a parameter, such as temperature=0.2
/data on|off           answer from your documents
/tools on|off          let the model ask the vector lake
/picture FILE          a picture that the next questions are about
/code                  the program of the last question
/usage                 tokens and price so far
/save FILE             write the conversation as Markdown
/reset                 forget the conversation
/exit                  end; Ctrl-C ends an answer, not the chat"""


@dataclass
class Talk:
    """A chat at a terminal. `show` writes a part of an answer, `reopen` builds the engine for other parameters."""

    conversation: Conversation
    show: Callable[[str], None]
    reopen: Callable[[Conversation], None]
    answers: list[Answer] = field(default_factory=list)

    def run(self, read: Callable[[], str]) -> None:
        """Read lines until /exit or the end of the input."""
        while True:
            try:
                line = read().strip()
            except EOFError:
                return
            except KeyboardInterrupt:
                terminal.log("/exit ends the chat.")
                continue
            if line == "/exit":
                return
            if line:
                self.take(line)

    def take(self, line: str) -> None:
        """Run a command, or ask a question. What goes wrong is one sentence, and the chat goes on."""
        try:
            if line.startswith("/"):
                self.obey(*line[1:].partition(" ")[::2])
            else:
                self.ask(line)
        except (JobError, prompt.TemplateError) as error:
            terminal.log(str(error))
        except OSError as error:  # of a file that a command names
            terminal.log(f"{error.filename or 'The file'}: {error.strerror or error}.")
        except KeyboardInterrupt:
            terminal.log("Stopped: the question is not part of the conversation.")

    def ask(self, question: str) -> None:
        settings = self.conversation.settings
        used = [settings.system, question, *(text for each in settings.examples for text in each.values())]
        prompt.check_variables(used, {name: each for name, each in settings.variables.items() if is_used(name, used)})
        answer = self.conversation.ask(question, self.show)
        self.answers.append(answer)
        self.show("\n".join(["", *answer.footer(), ""]))
        for each in answer.dropped:
            terminal.log(f"Left out: {each.parameter} ({each.reason})")
        if len(self.answers) == 1 and (notice := self.conversation.notice()):
            terminal.log(notice)

    def obey(self, command: str, value: str) -> None:
        """Run one command. Raises JobError for what it cannot do."""
        commands: dict[str, Callable[[str], None]] = {
            "system": lambda text: self.change(system=prompt.read_text_option(text)),
            "safety": lambda text: self.change(safety=[] if text == "off" else prompt.load_safety(text.split(","))),
            "example": self.add_example,
            "var": self.set_variable,
            "set": self.set_parameter,
            "data": lambda text: self.change(data=parse_switch(text)),
            "tools": lambda text: self.change(tools=parse_switch(text)),
            "picture": self.add_picture,
            "code": lambda text: self.show_code(),
            "usage": lambda text: self.show_usage(),
            "save": self.save,
            "reset": lambda text: self.reset(),
            "help": lambda text: self.show(HELP + "\n"),
        }
        if command not in commands:
            raise JobError(f"/{command} is not a command: /help lists them.")
        commands[command](value.strip())

    def change(self, **settings: object) -> None:
        self.conversation.settings = replace(self.conversation.settings, **settings)  # type: ignore[arg-type]

    def add_example(self, text: str) -> None:
        question, arrow, answer = text.partition("=>")
        if not arrow:
            raise JobError("Write /example QUESTION => ANSWER.")
        example = {"user": question.strip(), "assistant": answer.strip()}
        self.change(examples=[*self.conversation.settings.examples, example])

    def set_variable(self, text: str) -> None:
        name, equals, value = text.partition("=")
        if not (name.strip().isidentifier() and equals):
            raise JobError("Write /var NAME=VALUE.")
        self.change(variables={**self.conversation.settings.variables, name.strip(): value})

    def set_parameter(self, text: str) -> None:
        """Set a parameter, or leave it to the model again: /set temperature=off."""
        name, _, value = (part.strip() for part in text.replace("-", "_", 1).partition("="))
        others = {key: each for key, each in self.conversation.settings.parameters.items() if key != name}
        if value != "off" or name not in NAMES:
            try:
                others[name] = parse_parameter(name, value)
            except ValueError as error:
                raise JobError(str(error)) from None
        self.change(parameters=others)
        self.reopen(self.conversation)

    def add_picture(self, text: str) -> None:
        file = Path(text)
        if not file.is_file():
            raise JobError(f"There is no picture {file}.")
        handles = dict(self.conversation.context.pictures)
        handles[f"picture-{len(handles) + 1}"] = file
        self.conversation.context.pictures = handles
        self.reopen(self.conversation)

    def show_code(self) -> None:
        if self.conversation.last is None:
            raise JobError("There is no question yet.")
        self.show(write_program(self.conversation, *self.conversation.last))

    def show_usage(self) -> None:
        total = sum((each.usage for each in self.answers if each.usage), Usage())
        self.show(
            f"{total.input:,} tokens in, {total.output:,} out, {self.conversation.spent:.6f} USD that are known\n"
        )

    def save(self, text: str) -> None:
        if not text:
            raise JobError("Name the file: /save FILE.")
        write_transcript(Path(text), self.answers)

    def reset(self) -> None:
        self.conversation.exchanges.clear()
        self.conversation.context.sources.clear()


def is_used(name: str, texts: list[str]) -> bool:
    """Whether a placeholder of that name is in one of the texts: in a chat, a value may wait for its question."""
    return any(match[1] == name for text in texts for match in prompt.PLACEHOLDER.finditer(text))


def parse_switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise JobError("Write on or off.")
    return text == "on"


def read_line() -> str:
    """A line of the person's. The prompt goes to stderr, with the rest that is not an answer."""
    write_lines(sys.stderr, "> ", end="")
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line
