"""Calls that nobody's page would make: every function of the app, by every way in.

Seeded, so that the same calls come again. The measurement and the tests share them.
"""

import asyncio
import json
import math
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from scripts.benchmarks.service.load_client import API, Lost, Page, Reply, Wire

FILE = {"_type": "gradio.FileData"}
HOSTILE: list[Any] = [
    None, True, False, 0, -1, 2**63, 10**400, 1e308, 0.1, float("nan"), float("inf"),
    "", " ", "0", "NaN", "1e999", "-1", "x" * 10_000, "\x00", "\ud800", "é\u202e", "1_000",
    "<img src=http://127.0.0.1:9/x onerror=alert(1)>", "${process}", "{{value}}", "__proto__",
    "../../../etc/passwd", "/etc/passwd", "http://127.0.0.1:9/x", "data:text/csv;base64,AAAA",
    [], {}, [[]], [None] * 30, [0] * 5_000, {"a": 1}, {"": None}, ["x1", "x1"],
    {"path": "/etc/passwd", "meta": FILE}, {"path": "no\ud800such.csv", "meta": FILE},
    {"path": None, "url": "http://127.0.0.1:9/x", "meta": FILE}, {"meta": FILE},
    {"config": {"path": "/etc/passwd", "meta": FILE}}, [{"path": "/etc/passwd", "meta": FILE}],
    {"__type__": "update", "value": 1}, {"props": {"__type__": "update"}}, {"seed": "\ud800"},
    {"dataset": {"name": "nope"}}, {"dataset": None}, {"dataset": {"samples": 10**12}},
    {"dataset": {"name": "points", "points": [[0, 0, 0], [float("nan"), 1, 1]]}},
    {"dataset": {"balance": "\ud800"}}, {"dataset": {"balance": 1e308}},
    {"network": {"widths": [10**6] * 9}}, {"network": {"widths": "8"}}, {"network": []},
    {"training": {"epochs": -1}}, {"training": {"epochs": 10**30}}, {"training": "x"},
    {"training": {"learning_rate": float("inf")}}, {"over": "width", "values": [float("nan")]},
    {"over": ["width"]}, {"values": ["x"]}, {"members": 10**9}, {"base": []}, {"points": "x"},
    {"points": [[0, 0]]}, {"points": [["a", {}, None]]}, {"x": "nan", "y": []}, {"index": 10**9},
]  # fmt: skip
PATIENT: dict[str, Any] = SAMPLE_PATIENTS["Angina on effort, age 61"] | {"threshold": None}
VALID: dict[str, dict[str, Any]] = {
    "predict_heart": PATIENT,
    "explain_heart": PATIENT,
    "predict_heart_batch": {
        **{"file": None, "threshold": None, "decode": None, "units": None, "codes": None},
        **{"columns": None, "format": None, "rounded": False},
    },
    "describe_heart_table": {
        **{"file": None, "threshold": None, "decode": None, "units": None, "codes": None},
        "columns": None,
    },
    "heart_report": {"threshold": 0.4, "cost_false_negative": 5, "cost_false_positive": 1},
    "model_info": {"detail": None},
    "predict_heart_rows": {
        "rows": [SAMPLE_PATIENTS["Angina on effort, age 61"]],
        "threshold": None,
    },
    "train_playground": {"config": {"training": {"epochs": 5}}},
    "compare_capstone": {"config": {"training": {"epochs": 5}}},
    "sweep": {"config": {"values": [2], "members": 1, "epochs": 5}, "device": "cpu"},
    "run_exercise": {"number": 1},
    "lesson_step": {"key": "h1", "option": 1},
}
# With these, jobs of minutes are asked for. That is allowed, but by two ways nobody can hang up.
WHOLE = (None, {}, "")
LONG = ("compare_capstone", "sweep", "run_exercise", "train_playground")
# queue/join, run/predict take the number of a function; the others its name.
WAYS = ("call", "call/v2", "queue/join", "run", "run/predict", "mcp")
PATIENCE = 3.0  # seconds for a stream, then it is cut as by a tab that is closed
NULL = re.compile(rb'"error":\s*null')
NAMED = re.compile(r"^[A-Za-z_][\w.\[\]]*: \S")


@dataclass(frozen=True)
class Call:
    """One request by one way in."""

    way: str
    function: dict[str, Any]
    values: list[Any]
    extras: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.function["api_name"])

    @property
    def public(self) -> bool:
        return self.function["api_visibility"] == "public"

    def arguments(self) -> dict[str, Any]:
        """The values by name; those beyond the last get a name that is not there."""
        names = [*VALID.get(self.name, {}), *(f"nosuch{i}" for i in range(len(self.values)))]
        return dict(zip(names, self.values, strict=False))

    def __str__(self) -> str:
        return f"{self.way} {self.name} {ascii(self.values)[:90]} {ascii(self.extras)[:60]}"


def hostile_calls(page: Page, seed: int) -> Iterator[Call]:
    """Without end: any function by any way, with values that fit, that do not, and mixtures."""
    draw = random.Random(seed)
    public = [f for f in page.functions if f["api_visibility"] == "public"]
    private = [f for f in page.functions if f["api_visibility"] != "public"]
    while True:
        way = draw.choice(WAYS)
        named = way in ("mcp", "call/v2")  # these know public ones only
        function = draw.choice(public if named or draw.random() < 0.4 else private)
        yield Call(way, function, _values(draw, page, function, way), _extras(draw))


def _values(draw: random.Random, page: Page, function: dict[str, Any], way: str) -> list[Any]:
    own = VALID.get(function["api_name"])
    fitting = page.values(function) if own is None else list(own.values())
    share = draw.choice([0.0, 0.2, 0.6, 1.0])
    values = [draw.choice(HOSTILE) if draw.random() < share else value for value in fitting]
    if draw.random() < 0.1:
        values = values[: draw.randrange(len(values) + 1)]
    if draw.random() < 0.05:
        values += draw.choices(HOSTILE, k=draw.randrange(1, 40))
    if way in ("run", "run/predict", "mcp") and function["api_name"] in LONG:
        values = [v for v in values if v not in WHOLE and _as_json(v) != "null"] or ["none"]
    return values


def _as_json(value: Any) -> str:
    """As Gradio writes it: a number that is none becomes null."""
    lost = isinstance(value, float) and not math.isfinite(value)
    return "null" if lost else json.dumps(value)


def _extras(draw: random.Random) -> dict[str, Any]:
    """What a page sends besides: what was clicked, and the event's data."""
    extras = {}
    if draw.random() < 0.3:
        extras["event_data"] = draw.choice(HOSTILE)
    if draw.random() < 0.1:
        extras["trigger_id"] = draw.choice([-1, 0, 10**9, None])
    return extras


@dataclass
class Tally:
    """What came of the calls; `faults` are what should not have."""

    kinds: Counter[str] = field(default_factory=Counter)
    nulls: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


async def make_calls(calls: Iterator[Call], count: int, url: str, clients: int = 4) -> Tally:
    """Makes some calls, a few at a time."""
    tally, left = Tally(), iter(range(count))

    async def client() -> None:
        for _ in left:
            await _judge(next(calls), url, tally)

    await asyncio.gather(*(client() for _ in range(clients)))
    return tally


async def _judge(call: Call, url: str, tally: Tally) -> None:
    wire = Wire(url)
    told = b""
    try:
        async with asyncio.timeout(60):
            kind, told = await _make(call, wire)
    except (Lost, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        kind = "lost"
        tally.lost.append(f"{call}: {error!r}")
    finally:
        wire.close()
    tally.kinds[f"{call.way} {kind}"] += 1
    if kind != "answered" and NULL.search(told):  # a table's good rows have no error, and say so
        tally.nulls.append(str(call))
    if kind == "refused" and call.public and not NAMED.match(text_of(told)):
        tally.unnamed.append(f"{text_of(told)[:80]!r} to {call}")


async def _make(call: Call, wire: Wire) -> tuple[str, bytes]:
    """The call, and what was told last: "answered", "refused", "cut", or "closed"."""
    session = uuid4().hex[:11]
    body: dict[str, Any] = {"data": call.values, **call.extras}
    path = f"{call.way}/{call.name}"
    if call.way == "mcp":
        return await _make_by_mcp(call, wire)
    if call.way == "call/v2":
        body = call.arguments()
    elif call.way in ("queue/join", "run/predict"):
        path = call.way
        body |= {"fn_index": call.function["id"], "session_hash": session}
    status, told = await wire.post(f"{API}/{path}", body)
    if status != 200:
        closed = call.way.startswith("run") and status in (403, 404, 405)
        return ("closed" if closed else "refused"), told
    if call.way.startswith("run"):
        return "answered", told
    event = json.loads(told)["event_id"]
    stream = f"call/{call.name}/{event}" if "call" in call.way else f"{call.way[:6]}data"
    query = "" if "call" in call.way else f"?session_hash={session}"
    return await _listen(await wire.send("GET", f"{API}/{stream}{query}"))


async def _listen(reply: Reply) -> tuple[str, bytes]:
    try:
        async with asyncio.timeout(PATIENCE):
            async for message in reply.messages():
                failed = b'"success":false' in message and b"process_" in message
                if message.startswith(b"event: error") or failed or b"unexpected_error" in message:
                    return "refused", message
                if message.startswith(b"event: complete") or b'"process_completed"' in message:
                    return "answered", message
    except TimeoutError:
        return "cut", b""
    raise Lost("the stream ended without an answer")


async def _make_by_mcp(call: Call, wire: Wire) -> tuple[str, bytes]:
    asked = {"name": call.name, "arguments": call.arguments()}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": asked}
    accept = "application/json, text/event-stream"
    status, told = await wire.post(f"{API}/mcp/", body, Accept=accept)
    failed = status != 200 or b'"isError":true' in told or b'"error":{' in told
    return ("refused" if failed else "answered"), told


def text_of(told: bytes) -> str:
    """What a person would read of a refusal, whichever way it came."""
    data = told.partition(b"data: ")[2] if told.startswith((b"event:", b"data:")) else told
    try:
        said = json.loads(data)
    except ValueError:
        return data.decode(errors="replace")
    for key in ("output", "result", "detail", "error", "message", "content"):
        if isinstance(said, dict) and said.get(key) is not None:
            said = said[key]
        if isinstance(said, list) and said and isinstance(said[0], dict):
            if "loc" in said[0]:  # FastAPI's own: it names the field beside the text
                return f"{'.'.join(map(str, said[0]['loc'][1:]))}: {said[0]['msg']}"
            said = said[0].get("text", said[0])
    return str(said)
