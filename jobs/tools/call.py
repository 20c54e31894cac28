"""Call a tool as a model asks for it: arguments are checked, time and output are bounded, a failure is an output."""

import json
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.errors import JobError
from jobs.tools.tool import Context, Tool

SECONDS = 30.0
MOST_BYTES = 4096
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


@dataclass(frozen=True)
class Called:
    """One call. `output` is JSON of at most 4 kB: the result, or {"error": sentence}."""

    name: str
    arguments: Any
    ok: bool
    output: str
    seconds: float


def call_tool(tools: Sequence[Tool], context: Context, name: str, arguments: str) -> Called:
    """Run a tool. Whatever is wrong with the call goes back to the model as its output: it can correct itself."""
    started = time.perf_counter()
    given: Any = arguments
    try:
        tool = find_tool(tools, name)
        given = parse_arguments(tool, arguments)
        if tool.prepare:
            tool.prepare(context)
        result, ok = run_in_time(tool, context, given), True
    except JobError as error:
        result, ok = {"error": str(error)}, False
    return Called(name, given, ok, shorten(result), round(time.perf_counter() - started, 3))


def find_tool(tools: Sequence[Tool], name: str) -> Tool:
    for tool in tools:
        if tool.name == name:
            return tool
    raise JobError(f"There is no tool {name[:60]}. The tools are: {', '.join(tool.name for tool in tools)}.")


def parse_arguments(tool: Tool, text: str) -> dict[str, Any]:
    """The arguments, as the schema allows. Raises JobError, which names what is wrong."""
    try:
        given = json.loads(text or "{}")
    except (ValueError, RecursionError):
        raise JobError("The arguments are not JSON.") from None
    if not isinstance(given, dict):
        raise JobError("The arguments are not a JSON object.")
    properties = tool.parameters["properties"]
    if others := sorted(given.keys() - properties.keys()):
        raise JobError(
            f"{tool.name} has no argument {', '.join(others)[:100]}: it has {', '.join(properties) or 'none'}."
        )
    for name, schema in properties.items():
        kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        if name not in given and "null" in kinds:
            given[name] = None  # models of others leave out what they do not need
        if name not in given or not any(fits(given[name], kind) for kind in kinds):
            raise JobError(f"{tool.name} needs the argument {name}, of type {' or '.join(kinds)}.")
        if isinstance(given[name], list) and not all(fits(each, schema["items"]["type"]) for each in given[name]):
            raise JobError(f"{tool.name} needs an array of {schema['items']['type']} in {name}.")
    return given


def fits(value: Any, kind: str) -> bool:
    """Whether a value is of a JSON type. True and false are numbers for Python, and not for JSON."""
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def run_in_time(tool: Tool, context: Context, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tool's result. Raises JobError where it has none within SECONDS."""
    run = tool.run
    if run is None:
        raise JobError(f"{tool.name} has no code here.")
    results: queue.Queue[Mapping[str, Any] | BaseException] = queue.Queue()

    def work() -> None:
        try:
            results.put(run(context, arguments))
        except BaseException as error:  # raised again below
            results.put(error)

    threading.Thread(target=work, name=tool.name, daemon=True).start()
    try:
        result = results.get(timeout=SECONDS)
    except queue.Empty:
        raise JobError(f"{tool.name} had no result after {SECONDS:g} s.") from None
    if isinstance(result, BaseException):
        raise result
    return result


def shorten(result: Mapping[str, Any]) -> str:
    """JSON of at most MOST_BYTES: the last elements of its lists go first, then the ends of its texts."""
    whole = json.loads(json.dumps(result, default=str))
    text = json.dumps(whole, ensure_ascii=False)
    while len(text.encode()) > MOST_BYTES:
        key = max(whole, key=lambda each: len(json.dumps(whole[each])))
        if isinstance(whole[key], list) and whole[key]:
            whole[key].pop()
            whole["left_out"] = whole.get("left_out", 0) + 1
        elif isinstance(whole[key], dict) and whole[key]:
            whole[key].popitem()
            whole["left_out"] = whole.get("left_out", 0) + 1
        else:
            whole[key] = str(whole[key])[: len(str(whole[key])) // 2]
        text = json.dumps(whole, ensure_ascii=False)
    return text
