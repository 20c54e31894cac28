"""The answerer without a language model: it counts with a tool, or quotes sentences of the documents. Deterministic."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.assistant.conversation import Call, Done, Dropped, Event, Item, Text, Turn
from jobs.assistant.describe import describe_error, describe_result
from jobs.assistant.intents import Intent, find_intent, is_spanish
from jobs.assistant.loop import last_question
from jobs.documents.passages import split_sentences

ENGINE = "extract"
HEAD = {
    False: "No language model wrote this answer: it is counted, or quoted from documents.",
    True: "Ningún modelo de lenguaje escribió esta respuesta: está contada, o citada de documentos.",
}
NOTHING = {
    False: "Nothing in your documents matches the question. `python -m jobs documents add PATH` adds documents.",
    True: "Nada en tus documentos responde a la pregunta. `python -m jobs documents add RUTA` agrega documentos.",
}
SENTENCES = 3
IGNORED = "without a language model it has no effect"

# Returns how well each text fits a question: 0 for not at all.
RankTexts = Callable[[str, Sequence[str]], list[float]]


@dataclass(frozen=True)
class Extract:
    """`rank` compares sentences with a question; `handles` are the pictures that the user gave."""

    rank: RankTexts
    handles: Sequence[str] = ()

    def __call__(self, turn: Turn) -> Iterator[Event]:
        """The Answerer: a call at first, and the answer once its output is there."""
        question, spanish = last_question(turn.items), is_spanish(last_question(turn.items))
        last = turn.items[-1]
        if last.get("type") != "function_call_output":
            yield from (Dropped(name, IGNORED) for name in turn.parameters)
            if turn.instructions:
                yield Dropped("instructions", IGNORED)
            intent = find_intent(question, self.handles) or Intent("search_documents", {"query": question, "k": None})
            call = Call(f"call_{len(turn.items)}", intent.tool, json.dumps(intent.arguments))
            yield call
            yield Done([call_item(call)])
            return
        text = f"{HEAD[spanish]}\n{self.compose(turn.items, question, spanish)}"
        yield Text(text)
        yield Done([{"role": "assistant", "content": text}])

    def compose(self, items: Sequence[Item], question: str, spanish: bool) -> str:
        """The answer from a tool's output."""
        name = next(item["name"] for item in reversed(items) if item.get("type") == "function_call")
        output = json.loads(items[-1]["output"])
        if "error" in output:
            is_empty = name == "search_documents" and "no documents" in output["error"]
            return NOTHING[spanish] if is_empty else describe_error(output["error"], spanish)
        if name == "search_documents":
            return self.quote(output["passages"], question) or NOTHING[spanish]
        return describe_result(name, output, question, spanish)

    def quote(self, passages: Sequence[dict[str, Any]], question: str) -> str:
        """The best sentences, each with its [n] and the place; "" where none fits."""
        sentences = [(each, sentence) for each in passages for sentence in split_sentences(each["text"])]
        texts = [f"{each['place']}\n{sentence}" for each, sentence in sentences]
        ranked = sorted(
            zip(self.rank(question, texts), range(len(texts)), strict=True), key=lambda each: (-each[0], each[1])
        )
        best = sorted(index for score, index in ranked[:SENTENCES] if score > 0)
        return "\n".join(f"“{sentences[index][1]}” [{sentences[index][0]['n']}]" for index in best)


def call_item(call: Call) -> Item:
    return {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments}
