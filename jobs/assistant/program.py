"""--show-code: a program that does what was just done. It sends the same requests, and runs by itself."""

import json
from collections.abc import Mapping, Sequence
from pprint import pformat
from typing import Any

from jobs.assistant import completions, responses
from jobs.assistant.chat import Conversation
from jobs.assistant.completions import Completions
from jobs.assistant.conversation import Turn
from jobs.assistant.extract import ENGINE
from jobs.assistant.loop import Answered
from jobs.assistant.responses import Responses
from jobs.azure.openai import Connection

AZURE = """from azure.identity import DefaultAzureCredential, get_bearer_token_provider
from openai import OpenAI

token = get_bearer_token_provider(DefaultAzureCredential(), {scope!r})
client = OpenAI(base_url={url!r}, api_key=token)
"""
SERVER = """import os

from openai import OpenAI

client = OpenAI(base_url={url!r}, api_key=os.environ.get("OPENAI_API_KEY", "none"))
"""
TOOLS = """
# What this project's tools returned, by name and arguments. Put your own functions here.
OUTPUTS = {outputs}


def run_tool(name, arguments):
    return OUTPUTS.get((name, arguments), '{{"error": "there is no output of this call"}}')

"""
RESPONSES = """
request = {request}
while True:
    response = client.responses.create(**request)
{read}    request["input"] += [item.model_dump(exclude_none=True) for item in response.output]
    calls = [item for item in response.output if item.type == "function_call"]
    if not calls:
        break
    request["input"] += [
        {{"type": "function_call_output", "call_id": call.call_id, "output": run_tool(call.name, call.arguments)}}
        for call in calls
    ]
"""
STREAM = """    for event in response:
        if event.type == "response.output_text.delta":
            print(event.delta, end="", flush=True)
        elif event.type in ("response.completed", "response.incomplete"):
            response = event.response
    print()
"""
COMPLETIONS = """
request = {request}
while True:
    reply = client.chat.completions.create(**request)
{read}    if not calls:
        break
    request["messages"] += [
        {{"role": "assistant", "content": text or None, "tool_calls": calls}},
        *(
            {{
                "role": "tool",
                "tool_call_id": call["id"],
                "content": run_tool(call["function"]["name"], call["function"]["arguments"]),
            }}
            for call in calls
        ),
    ]
"""
WHOLE_MESSAGE = """    message = reply.choices[0].message
    text = message.content or ""
    calls = [call.model_dump(include={"id", "type", "function"}) for call in message.tool_calls or []]
    print(text)
"""
STREAMED_MESSAGE = """    text, parts = "", {}
    for chunk in reply:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            print(choice.delta.content or "", end="", flush=True)
            for part in choice.delta.tool_calls or []:
                empty = {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
                call = parts.setdefault(part.index, empty)
                call["id"] = part.id or call["id"]
                call["function"]["name"] += part.function.name or ""
                call["function"]["arguments"] += part.function.arguments or ""
    calls = list(parts.values())
    print()
"""
NO_MODEL = """# Without a language model: the tool that was called, in this project's folder, with its Python.
import json

from jobs.documents.search import Search
from jobs.target import load_target
from jobs.tools.all_tools import TOOLS
from jobs.tools.call import call_tool
from jobs.tools.tool import Context

context = Context(load_target({stack!r}), {stack!r}, Search(query="", k={k}, collection={collection!r}))
for name, arguments in {calls}:
    print(call_tool(TOOLS, context, name, arguments).output)
"""


def write_program(conversation: Conversation, turn: Turn, answered: Answered) -> str:
    """The program of the last question. It holds no key, no token and no password."""
    answerer = conversation.engine.answerer
    if not isinstance(answerer, Responses | Completions):
        assert conversation.engine.name == ENGINE  # noqa: S101 - there are three answerers
        calls = [(each.name, json.dumps(each.arguments)) for each in answered.calls]
        context = conversation.context
        values = {"stack": context.stack, "k": context.search.k, "collection": context.search.collection}
        return NO_MODEL.format(calls=show(calls), **values)
    sent = answerer.learned.apply(turn)
    module = responses if isinstance(answerer, Responses) else completions
    program = client_lines(answerer.connection) + TOOLS.format(outputs=show(recorded_outputs(answered)))
    if isinstance(answerer, Responses):
        body = RESPONSES.format(
            request=show(module.build_body(sent)), read=STREAM if turn.stream else "    print(response.output_text)\n"
        )
    else:
        read = STREAMED_MESSAGE if turn.stream else WHOLE_MESSAGE
        body = COMPLETIONS.format(request=show(module.build_body(sent)), read=read)
    return program + body


def client_lines(connection: Connection) -> str:
    template = AZURE if connection.scope else SERVER
    return template.format(url=connection.base_url, scope=connection.scope)


def recorded_outputs(answered: Answered) -> Mapping[tuple[str, str], str]:
    """The outputs of the calls, by the call's name and its arguments as the model wrote them."""
    outputs = {item["call_id"]: item["output"] for item in answered.items if item.get("type") == "function_call_output"}
    calls = [item for item in answered.items if item.get("type") == "function_call"]
    return {(item["name"], item["arguments"]): outputs.get(item["call_id"], "") for item in calls}


def show(value: Any) -> str:
    """A value as Python writes it."""
    plain = [tuple(each) for each in value] if isinstance(value, Sequence) and not isinstance(value, str) else value
    return pformat(plain, width=110, sort_dicts=False)
