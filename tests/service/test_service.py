"""A public page that nobody can close: what was tried against it, in short, over HTTP."""

import asyncio
import json
import signal
import subprocess
from types import SimpleNamespace

import pytest

from scripts.benchmarks.service import run, stop
from scripts.benchmarks.service.load_client import Page, Refused, Script, Visitor, Wire
from scripts.benchmarks.service.process import Checks, pressed
from tests.tools.app_client import Caller, run_async

LONG = {"training": {"epochs": 3000}}
PATIENT = [61, "male", 4, *[None] * 11]


@pytest.fixture
def answers(app_url):
    """Whether page, predictions and trainings answer, afterwards."""
    yield
    call = Caller(app_url)
    assert 0 < call("predict_heart", *PATIENT)["probability"] < 1
    assert call("train_playground", {"training": {"epochs": 5}})["findings"]
    film = run_async(Visitor(Page.of(app_url)).play(pressed({"training": {"epochs": 5}})))
    assert film.last is not None


def test_a_request_of_nobody_does_not_end_the_queue(app_url, answers):
    async def attack() -> None:
        crowd = [Visitor(Page.of(app_url)) for _ in range(3)]
        runs = [asyncio.create_task(visitor.play(pressed(LONG))) for visitor in crowd]
        await asyncio.sleep(0.3)
        wire = Wire(app_url)
        for session in ("", ["x"]):
            body = {"fn_index": 96, "data": [{}], "session_hash": session}
            status, text = await wire.post("/gradio_api/queue/join", body)
            assert status == 400
            assert json.loads(text)["error"].startswith("session_hash: ")
        films = await asyncio.gather(*runs)
        assert [film.refusal for film in films] == [None] * 3

    run_async(attack())


def test_one_visitor_does_not_take_all_places(app_url, answers):
    async def attack() -> list[str]:
        script = Script(app_url)
        wire, session = Wire(app_url), {"session_hash": "greedy"}
        events = []
        for seed in range(20):
            config = {"base": {"dataset": {"seed": seed}}, "members": 2}
            body = {"data": [config, "cpu"], **session}
            status, text = await wire.post("/gradio_api/call/sweep", body)
            assert status == 200
            events.append(json.loads(text)["event_id"])
        for _ in range(5):  # others do not feel it
            assert "probability" in str(await script.call("predict_heart", *PATIENT))
        reply = await wire.send("GET", "/gradio_api/queue/data?session_hash=greedy")
        refused = []
        async for piece in reply.pieces():
            refused += [part for part in piece.decode().split("\n\n") if "at most 4 sweeps" in part]
            if len(refused) >= 16:
                break
        wire.close()
        return refused

    assert len(run_async(attack())) == 16


def test_a_class_that_opens_the_page_together_is_refused_nothing(app_url, answers):
    async def attack() -> list[str]:
        page = Page.of(app_url)
        crowd = [Visitor(page) for _ in range(40)]
        await asyncio.gather(*(visitor.open_page() for visitor in crowd))
        for visitor in crowd:
            visitor.leave()
        return [refusal for visitor in crowd for refusal in visitor.refusals]

    assert run_async(attack()) == []


def test_the_way_past_the_queue_is_closed(app_url):
    async def attack() -> tuple[int, bytes]:
        return await Wire(app_url).post("/gradio_api/run/predict_heart", {"data": PATIENT})

    status, text = run_async(attack())
    assert status == 404
    assert b"is closed" in text


# The benchmarks that say whether it bears what it must.


@pytest.fixture
def no_waiting(monkeypatch):
    sleep = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda _: sleep(0))


@pytest.mark.parametrize(
    ("slower", "refusals", "missed"),
    [
        (1, [], []),
        (1, ["in line"], ["of the others refused"]),
        (4, [], ["a blobs run's ratio", "page load's ratio"]),
        (None, [], ["refused: in line"]),
    ],
)
def test_who_is_slow_or_refused_beside_others_misses_what_was_asked(
    monkeypatch, no_waiting, slower, refusals, missed
):
    told, times = [], [1, slower]

    class Probe(SimpleNamespace):
        async def medians(self) -> dict[str, float]:
            if (time := times.pop(0)) is None:
                raise Refused("in line")
            return dict.fromkeys(("a blobs run", "/predict_heart", "page load"), time)

    class Busy(run.Busy):
        def train(self, *_) -> None:
            self.refused = refusals

        ask = train

    async def warm(*_) -> None:
        pass

    monkeypatch.setattr(run, "Probe", lambda *_: Probe())
    monkeypatch.setattr(run, "Busy", Busy)
    monkeypatch.setattr(run, "warm", warm)
    monkeypatch.setattr(run, "other", lambda *_: {})
    monkeypatch.setattr(Checks, "close", lambda self: told.append(self.short))
    run_async(run.bench_contended(None, None))
    assert told == [missed]


@pytest.mark.parametrize("ends", [True, False])
def test_the_end_is_timed_while_a_sweep_and_runs_go_on(monkeypatch, no_waiting, ends):
    under_way, at_the_signal, killed = [], [], []

    async def go_on(*_) -> None:
        under_way.append(1)
        try:
            await asyncio.Event().wait()
        finally:
            under_way.pop()

    async def sweep_rows(app, config, most) -> list:
        return [most] if most == stop.DONE_BEFORE else await go_on()

    async def open_page() -> None:
        pass

    def wait(seconds: float) -> None:
        if not ends:
            raise subprocess.TimeoutExpired("app.py", seconds)

    monkeypatch.setattr(stop, "sweep_rows", sweep_rows)
    visitor = SimpleNamespace(open_page=open_page, play=go_on, leave=lambda: None)
    monkeypatch.setattr(stop, "Visitor", lambda _: visitor)
    process = SimpleNamespace(
        send_signal=lambda sent: at_the_signal.append((sent, len(under_way))),
        wait=wait,
        kill=lambda: killed.append(1),
    )
    rows, taken = run_async(stop.interrupt(SimpleNamespace(page=None, process=process), {}))
    assert rows == [stop.DONE_BEFORE]
    assert at_the_signal == [(signal.SIGTERM, 5)]
    assert under_way == []
    assert (taken is not None, killed) == ((True, []) if ends else (False, [1]))
