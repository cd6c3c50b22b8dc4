"""How the app starts, where it listens, and how it ends."""

import asyncio
import errno
import http.client
import json
import logging
import os
import runpy
import signal
import socket
import tempfile
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from classifiers.errors import ConfigError
from classifiers.ui import app as page
from classifiers.ui import models
from classifiers.ui.server import address as where
from classifiers.ui.server import storage
from classifiers.ui.server.address import Address
from tests.answers.thinned import hold
from tests.conftest import ROOT, Server, free_port
from tests.processes.warm import warm
from tests.tools.app_client import run_async

LONG = {"dataset": {"name": "moons"}, "training": {"epochs": 5000, "members": 10}}


@pytest.mark.parametrize(
    ("environment", "host", "port"),
    [
        ({}, "127.0.0.1", 7860),
        ({"GRADIO_SERVER_NAME": "", "GRADIO_SERVER_PORT": ""}, "127.0.0.1", 7860),
        ({"SYSTEM": "spaces"}, "0.0.0.0", 7860),
        ({"SPACE_ID": "user/app"}, "0.0.0.0", 7860),
        ({"SPACE_ID": "user/app", "GRADIO_SERVER_NAME": "127.0.0.2"}, "127.0.0.2", 7860),
        ({"GRADIO_SERVER_NAME": "::1", "GRADIO_SERVER_PORT": "80"}, "::1", 80),
    ],
)
def test_the_address_is_this_machines_own_except_on_a_space(environment, host, port):
    assert Address.from_environment(environment) == Address(host, port)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "abc", "1e3", "٣٣٣", "9" * 5000])
def test_an_impossible_port_is_named(port):
    with pytest.raises(ConfigError, match="^GRADIO_SERVER_PORT: must be a port from 1 to 65535"):
        Address.from_environment({"GRADIO_SERVER_PORT": port})


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host", "x" * 300, "ä" * 70])
def test_a_host_that_is_not_this_machine_is_named(host):
    with pytest.raises(ConfigError, match="^GRADIO_SERVER_NAME: must be an address of this"):
        Address(host, free_port()).check_free()


@pytest.mark.parametrize("free", [True, False])
def test_a_port_is_tried_as_a_server_will_take_it_and_given_back(monkeypatch, free):
    asked: list[Any] = []

    def noted(name: str, works: bool = True) -> Any:
        def call(*given: Any, **how: Any) -> None:
            asked.append([name, *given, *how.items()])
            if not works:
                raise OSError(errno.EADDRINUSE, "taken")

        return call

    def look_up(*given: Any, **how: Any) -> Any:
        noted("look up")(*given, **how)
        return [(f"v{n}", "kind", 0, "", (f"at {n}", 81)) for n in (6, 4)]

    def opened(family: str) -> Any:
        asked.append(["open", family])
        names = ("setsockopt", "listen", "close")
        return SimpleNamespace(bind=noted("bind", free), **{name: noted(name) for name in names})

    constants = {"SOCK_STREAM": "stream", "SOL_SOCKET": "level", "SO_REUSEADDR": "again"}
    made = SimpleNamespace(getaddrinfo=look_up, socket=opened, **constants)
    monkeypatch.setattr(where, "socket", made)
    if free:
        Address("[::1]", 81).check_free()
    else:
        with pytest.raises(ConfigError, match=r"something listens on \[::1\]:81 already"):
            Address("[::1]", 81).check_free()
    assert asked == [
        ["look up", "::1", 81, ("type", "stream")], ["open", "v6"],
        ["setsockopt", "level", "again", 1], ["bind", ("at 6", 81)],
        *([["listen"]] if free else []), ["close"],
    ]  # fmt: skip


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield str(other.getsockname()[1])


def test_a_taken_port_ends_the_start_in_one_sentence(taken):
    variables = {**os.environ, "GRADIO_SERVER_PORT": taken, "GRADIO_SERVER_NAME": ""}
    run = warm().run("app.py", cwd=ROOT, env=variables)
    assert run.returncode == 2
    assert run.stderr.startswith("error: GRADIO_SERVER_PORT: ")
    assert run.stderr.count("\n") == 1


def begin_training(url: str) -> http.client.HTTPResponse:
    """Starts a run of a minute; the stream of its updates, one of which has come."""
    address = url.removeprefix("http://")
    head = {"Content-Type": "application/json"}
    ask = http.client.HTTPConnection(address, timeout=20)
    ask.request("POST", "/gradio_api/call/train_playground", json.dumps({"data": [LONG]}), head)
    event = json.loads(ask.getresponse().read())["event_id"]
    listen = http.client.HTTPConnection(address, timeout=20)
    listen.request("GET", f"/gradio_api/call/train_playground/{event}")
    stream = listen.getresponse()
    assert stream.readline().startswith(b"event: generating")
    return stream


def test_a_training_does_not_keep_the_app_from_ending(tmp_path):
    server = Server(tmp_path, GRADIO_SERVER_NAME="")
    stream = begin_training(server.url)
    folder = tmp_path / "gradio" / ("a" * 64)
    folder.mkdir(parents=True)
    (folder / "patients.csv").write_text("age\n50\n")
    began = time.monotonic()
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(8) in (0, 143)
    assert time.monotonic() - began < 5
    assert not folder.exists()  # nobody is left to delete it
    assert "Traceback" not in server.log.read_text()
    stream.close()


def test_files_that_a_page_may_show_again_stay_until_the_end(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(storage, "KEPT_SECONDS", -1.0)
    shown, other = tmp_path / ("a" * 64), tmp_path / ("b" * 64)
    for file in (shown, other):
        file.write_text("age")
    blocks = SimpleNamespace(
        blocks={1: SimpleNamespace(keep_in_cache={str(shown)})}, temp_file_sets=[]
    )

    async def serve() -> None:
        async with storage.lifespan(SimpleNamespace(get_blocks=lambda: blocks)):
            while other.exists():
                await asyncio.sleep(0.01)
            assert shown.exists()

    began = time.monotonic()
    run_async(asyncio.wait_for(serve(), 10))
    assert time.monotonic() - began < 9  # it does not wait for the next minute
    assert not shown.exists()


VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "GRADIO_ANALYTICS_CACHE_FREQUENCY",
             "MPLBACKEND", "GRADIO_SERVER_PORT", "GRADIO_TEMP_DIR", "GRADIO_SERVER_NAME",
             "SPACE_ID", "SYSTEM")  # fmt: skip


class Ended(BaseException):
    """What the process ends with."""


@pytest.fixture
def starting(monkeypatch):
    """What app.py asks for, in its order, in place of the thing itself."""
    told: Any = SimpleNamespace(asked=[], fails={}, handlers={})

    def asks(name: str, answer: Any = None) -> Any:
        def ask(*given: Any, **named: Any) -> Any:
            told.asked.append([name, *map(str, given), *map(str, named.items())])
            what = told.fails.get(name, [])
            happens = what.pop(0) if what else None
            if happens == "a signal":
                told.handlers[signal.SIGTERM](signal.SIGTERM, None)
            elif happens is not None:
                raise happens
            return answer

        return ask

    def handle(number: Any, handler: Any) -> None:
        told.asked.append(["handles", number.name])
        told.handlers[number] = handler

    def timer(seconds: float, call: Any, given: Any) -> Any:
        told.asked.append(["timer", seconds, call is os._exit, given])
        told.timer = SimpleNamespace(daemon=False, start=lambda: asks("begins")(told.timer.daemon))
        return told.timer

    def end(code: int) -> None:
        raise Ended(code)

    config = SimpleNamespace(timeout_graceful_shutdown=None)
    told.demo = SimpleNamespace(
        server=SimpleNamespace(config=config), launch=asks("launch"), close=asks("close")
    )
    monkeypatch.setattr(page, "build_app", asks("build", told.demo))
    monkeypatch.setattr(page, "launch_options", lambda: {"quiet": True})
    monkeypatch.setattr(models, "read_settings", asks("settings"))
    monkeypatch.setattr(Address, "check_free", asks("free"))
    monkeypatch.setattr(signal, "signal", handle)
    monkeypatch.setattr(threading, "Timer", timer)
    monkeypatch.setattr(logging, "disable", asks("no more logs"))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "/t")
    monkeypatch.setattr(os, "getuid", lambda: 77)
    monkeypatch.setattr(os, "_exit", end)
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return told


def test_what_is_done_from_the_first_line_to_the_last(starting, snapshots, monkeypatch, capsys):
    port = ConfigError("GRADIO_SERVER_PORT", "is taken")
    cases: dict[str, tuple[str, dict[str, str], dict[str, list[Any]]]] = {
        "imported": ("app", {}, {}),
        "started": ("__main__", {}, {}),
        "told otherwise": ("app", {"GRADIO_TEMP_DIR": "/own", "GRADIO_SERVER_PORT": "80",
                                   "OMP_NUM_THREADS": "8", "MPLBACKEND": "svg"}, {}),
        "no port": ("app", {"GRADIO_SERVER_PORT": "x"}, {}),
        "taken": ("__main__", {}, {"free": [port]}),
        "odd settings": ("__main__", {}, {"settings": [ConfigError("WEIGHTS_REPO", "is odd")]}),
        "stopped as it begins": ("__main__", {}, {"build": ["a signal"]}),
        "taken meanwhile": ("__main__", {}, {"launch": [OSError("no port")], "free": [None, port]}),
        "no socket": ("__main__", {}, {"launch": [OSError("no socket")]}),
    }  # fmt: skip
    for name, (called, environment, fails) in cases.items():
        starting.asked.clear()
        starting.fails = fails
        with monkeypatch.context() as patched:
            for key in VARIABLES:
                patched.setenv(key, environment.get(key, ""))
                if key not in environment:
                    patched.delenv(key)
            try:
                left = runpy.run_path(str(ROOT / "app.py"), run_name=called)
                ends = f"demo: {left['demo'] is starting.demo}"
            except (Ended, SystemExit, OSError) as error:
                ends = repr(error)
            seen = {key: os.environ.get(key) for key in VARIABLES}
        hold(snapshots, name, [*starting.asked, ends, capsys.readouterr().err, seen], 40)
    hold(snapshots, "streams", starting.demo.server.config.timeout_graceful_shutdown)


def test_how_the_page_is_launched(snapshots, monkeypatch):
    monkeypatch.setattr(Address, "from_environment", lambda: Address("host", 81))
    monkeypatch.setattr(page, "theme", lambda: "the theme")
    monkeypatch.setattr(page, "head", lambda: "the head")
    monkeypatch.setattr(page, "CSS", "the style")
    monkeypatch.setattr(page, "app_shell", lambda *given: f"the shell of {given}")
    told = page.launch_options()
    app = told.pop("app_kwargs")
    assert app.pop("lifespan") is storage.lifespan
    layers = [[one.cls.__name__, one.kwargs] for one in app.pop("middleware")]
    hold(snapshots, "options", [told, app, *layers], 40)
