"""Processes of Python that are forked from one that has imported what takes seconds to import.

For what a process does, not for how Python or the app starts: that is tested with fresh ones. What
is imported before the fork is neither ours nor reads settings of ours, as gradio and the client of
the Hub do when they are imported: those are imported in each process with its own environment.
"""

import atexit
import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

_MODULES = (
    "torch",
    "torch._dynamo",  # by the first optimizer
    "fastapi.openapi.models",
    "mcp",
    "pandas",
    "httpx",
    "yaml",
    "PIL.Image",
    "sklearn.datasets",
    "sklearn.model_selection",
    "safetensors.torch",
    # Of gradio and of the client of the Hub:
    "fastapi.templating",
    "filelock",
    "fsspec",
    "httpcore",
    "httpx2",
    "pydub",
    "semantic_version",
    "tomlkit",
    "tqdm.auto",
    "truststore",
    "typer",
)
_DOOR = "door"
_FOLDER = "TESTS_WARM_FOLDER"
_PARENT = """
import gc, importlib, json, os, runpy, select, signal, socket, sys

def next_run(door):
    while select.select([door, sys.stdin], [], [])[0] == [door]:
        with door.accept()[0] as caller:
            run = json.loads(caller.makefile().readline())
            if os.fork():
                continue
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            child = os.fork()
            if not child:
                return run
            caller.send(b"%d\\n" % child)
        for number in range(3):
            os.close(number)
        code = 255  # whatever happens here, nobody waits for ever
        try:
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        finally:
            with open(run["end"] + ".part", "w") as file:
                file.write(str(code))
            os.rename(run["end"] + ".part", run["end"])
            os._exit(0)
    sys.exit()

for name in sys.argv[2:]:
    importlib.import_module(name)
base = [place for place in sys.path if place]
gc.collect()
gc.freeze()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
with socket.socket(socket.AF_UNIX) as door:
    door.bind(sys.argv[1])
    door.listen()
    run = next_run(door)
for number, name in enumerate((run["given"], run["out"], run["err"])):
    os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
os.environ.clear()
os.environ.update(run["env"])
os.chdir(run["cwd"])
given = [place for place in run["env"].get("PYTHONPATH", "").split(os.pathsep) if place]
first, *rest = run["words"]
sys.path[:] = given + base
if first == "-c":
    sys.path.insert(0, "")
    sys.argv[:] = [first, *rest[1:]]
    exec(compile(rest[0], "<string>", "exec"), {"__name__": "__main__"})
elif first == "-m":
    sys.path.insert(0, run["cwd"])
    sys.argv[:] = rest
    runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
else:
    sys.path.insert(0, os.path.dirname(os.path.abspath(first)))
    sys.argv[:] = run["words"]
    runpy.run_path(first, run_name="__main__")
"""


class Process:
    """What the tests use of a `subprocess.Popen`."""

    def __init__(self, pid: int, end: Path) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._end = end

    def poll(self) -> int | None:
        if self.returncode is None and self._end.exists():
            self.returncode = int(self._end.read_text())
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(0.01)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@contextlib.contextmanager
def parent() -> Iterator[None]:
    """What all are forked from, for this process and for those that it begins.

    It imports for some seconds; only who needs it waits.
    """
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:
        # Each process that is begun brings a PYTHONPATH of its own.
        running = subprocess.Popen(
            [sys.executable, "-c", _PARENT, f"{folder}/{_DOOR}", *_MODULES],
            stdin=subprocess.PIPE,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": ""},
        )
        os.environ[_FOLDER] = folder
        yield
        del os.environ[_FOLDER]
        running.kill()
        running.wait()


class Python:
    """Begins processes as the interpreter's command line would; `words` is what follows its name.

    That is a file, or -c with code, or -m with a module, and arguments.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def start(
        self, *words: str, cwd: Path, out: Path, err: Path | None = None,
        given: Path = Path(os.devnull), env: Mapping[str, str] = os.environ,
    ) -> Process:  # fmt: skip
        """What it says is added to the files `out` and `err`; without `err`, all to `out`.

        It reads `given`.
        """
        self._count += 1
        end = self._folder / f"{os.getpid()}-{self._count}"
        run = {"words": words, "cwd": str(cwd), "env": dict(env), "end": str(end),
               "given": str(given.absolute()), "out": str(out.absolute()),
               "err": str((err or out).absolute())}  # fmt: skip
        with self._called() as door:
            door.sendall(json.dumps(run).encode() + b"\n")
            return Process(int(door.makefile().readline()), end)

    def _called(self) -> socket.socket:
        deadline = time.monotonic() + 120
        while True:
            door = socket.socket(socket.AF_UNIX)
            try:
                door.connect(str(self._folder / _DOOR))
                return door
            except OSError:  # it still imports
                door.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def run(
        self, *words: str, cwd: Path, env: Mapping[str, str] = os.environ, timeout: float = 120
    ) -> subprocess.CompletedProcess:
        out, err = (self._folder / f"{os.getpid()}-{self._count}-{name}" for name in ("out", "err"))
        process = self.start(*words, cwd=cwd, out=out, err=err, env=env)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return subprocess.CompletedProcess(words, code, out.read_text(), err.read_text())


@functools.cache
def warm() -> Python:
    """The one of this run of tests, begun at the latest when it is first asked for."""
    if _FOLDER not in os.environ:
        begun = contextlib.ExitStack()
        begun.enter_context(parent())
        atexit.register(begun.close)
    return Python(Path(os.environ[_FOLDER]))


class Talk:
    """A process, forked as those of `warm` are, that is asked and answers line by line.

    Its `code` prints "ready", then an answer of one line to each question in JSON that it reads.
    """

    def __init__(
        self, code: str, *words: str, folder: Path, cwd: Path, env: Mapping[str, str]
    ) -> None:
        asked, told = folder / "asked", folder / "told"
        for pipe in (asked, told):
            os.mkfifo(pipe)
        # Opened for both, since a pipe that is opened for one waits until the other end is.
        self._asked = os.open(asked, os.O_RDWR)
        log = folder / "log"
        ends = {"given": asked, "out": told, "err": log}
        self._process = warm().start("-c", code, *words, cwd=cwd, env=env, **ends)
        self._told = told.open()
        assert self._told.readline() == "ready\n", log.read_text()

    def ask(self, question: object) -> str:
        os.write(self._asked, json.dumps(question).encode() + b"\n")
        return self._told.readline()

    def close(self) -> None:
        self._process.kill()  # it holds its own pipe open, so it would wait for more
        self._process.wait(10)
        os.close(self._asked)
        self._told.close()
