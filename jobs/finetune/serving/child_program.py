"""A deployment's process: python child_program.py, in the folder of score.py. A line in is a request, a line out is
its answer.

It ends when stdin ends: the server that started it is gone.
"""

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is not an answer
    import score

    score.init()
    write(answers, {"ready": True})
    with contextlib.suppress(KeyboardInterrupt):
        for line in sys.stdin:
            write(answers, answer(score, json.loads(line)["body"]))


def answer(score: Any, body: str) -> dict[str, Any]:
    """The status and the body of an answer. An error of the program is a 500, as in Azure's server."""
    try:
        result = score.run(body)
    except Exception as error:  # the server goes on; the log says why
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return {"status": 500, "text": "The model could not answer: see the log of the deployment."}
    if hasattr(result, "status_code"):
        return {"status": result.status_code, "text": str(result.message)}
    return {"status": 200, "json": result}


def write(stream: Any, value: dict[str, Any]) -> None:
    stream.write(json.dumps(value) + "\n")
    stream.flush()


if __name__ == "__main__":
    main()
