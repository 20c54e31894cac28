"""Pulumi's language host for Python, for an engine that was built from its Go modules: its own is in none of them.

The engine starts it with the engine's address as the last argument, and reads a port from its standard output. It runs
the program with the project's `virtualenv`, through pulumi-language-python-exec, which is part of the Go modules.
build.sh copies this file: it imports nothing of this project.
https://github.com/pulumi/pulumi (proto/pulumi/language.proto; sdk/python/cmd/pulumi-language-python)
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, language_pb2, language_pb2_grpc, plugin_pb2

SHOWN = 32  # exec's exit status for "the error has been shown"
NO_LIMIT = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
EXEC = "pulumi-language-python-exec"


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs the program. To all other questions the answer is an empty one."""

    def __init__(self, engine: str) -> None:
        self.address = engine
        self.engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(engine, options=NO_LIMIT))

    def Handshake(self, request: Any, context: Any) -> Any:
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="0.0.0")

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:
        return language_pb2.GetRequiredPluginsResponse()

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:
        return language_pb2.GetProgramDependenciesResponse()

    def About(self, request: Any, context: Any) -> Any:
        return language_pb2.AboutResponse(executable=sys.executable, version=sys.version)

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Run(self, request: Any, context: Any) -> Any:
        settings = {"PULUMI_CONFIG": json.dumps(dict(request.config))}
        settings["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.configSecretKeys))
        done = subprocess.run(
            command(request, self.address),
            cwd=request.pwd or request.info.program_directory,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.stdout.strip():
            severity = engine_pb2.ERROR if done.returncode else engine_pb2.INFO
            self.engine.Log(engine_pb2.LogRequest(severity=severity, message=done.stdout))
        if done.returncode in (0, SHOWN):
            return language_pb2.RunResponse(bail=done.returncode == SHOWN)
        return language_pb2.RunResponse(error=f"the program ended with exit status {done.returncode}")


def command(request: Any, engine: str) -> list[str]:
    """The command that runs the program."""
    info = request.info
    folder = json_format.MessageToDict(info.options).get("virtualenv")
    interpreter = Path(info.root_directory, folder, "bin", "python") if folder else Path(sys.executable)
    entry = Path(info.program_directory) / (info.entry_point if info.entry_point != "." else "")
    options = {
        "monitor": request.monitor_address,
        "engine": engine,
        "project": request.project,
        "root_directory": info.root_directory,
        "stack": request.stack,
        "pwd": request.pwd,
        "dry_run": "true" if request.dryRun else "false",
        "parallel": str(request.parallel),
        "organization": request.organization,
    }
    pairs = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [str(interpreter), "-u", str(shutil.which(EXEC)), *pairs, str(entry)]


def main() -> None:
    """Serve until the engine ends the process."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the engine ends its plugins so; a traceback would only be noise
        signal.signal(number, lambda *_: os._exit(0))
    engine = next(word for word in reversed(sys.argv[1:]) if not word.startswith("-"))
    server = grpc.server(ThreadPoolExecutor(max_workers=16), options=NO_LIMIT)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(engine), server)
    sys.stdout.write(f"{server.add_insecure_port('127.0.0.1:0')}\n")
    sys.stdout.flush()
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
