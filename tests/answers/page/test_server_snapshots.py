"""What the server answers before Gradio is asked, whole: held against what was kept."""

import errno
import gzip
import json
from types import SimpleNamespace
from typing import Any

import brotli
import pytest

from classifiers.config import SweepConfig
from classifiers.errors import ArtifactError, BudgetError, ConfigError
from classifiers.ui import gpu, models
from classifiers.ui.models import Served, ServedModels
from classifiers.ui.server import gate, packing, storage, upload_gate
from classifiers.ui.server.address import Address
from classifiers.ui.server.gate import Gate, Refusal
from classifiers.ui.server.static_files import StaticFiles
from classifiers.ui.server.upload_gate import UploadGate
from classifiers.ui.static import PREFIX, version
from tests.answers.page.asked import the_app
from tests.answers.thinned import attempt, hold
from tests.tools.app_client import run_async

JOIN = {"data": [], "fn_index": 3, "session_hash": "a1"}
LONG = b"x" * 2_000_001


async def behind(scope: Any, receive: Any, send: Any) -> None:
    """Instead of Gradio: what got through, or an error as a route may raise it."""
    body = (await receive()).get("body", b"") if scope["method"] == "POST" else b""
    if b"fail" in body:
        raise TypeError("Parameter `colour` is not a valid key-word argument.")
    if b"break" in body:
        raise ZeroDivisionError("a stack trace")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"b")]})
    await send({"type": "http.response.body", "body": b"%d bytes" % len(body)})


def request(method: str, path: str, body: bytes = b"", query: str = "", **headers: str) -> Any:
    """The status, the headers and the text of an answer."""
    scope = {
        "type": "http", "method": method, "path": path, "query_string": query.encode(),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
        "client": ("9.9.9.9", 1), "app": SimpleNamespace(get_blocks=the_app),
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    async def ask() -> None:
        await Gate(UploadGate(StaticFiles(behind)))(scope, receive, send)  # type: ignore[arg-type]

    run_async(ask())
    start, *rest = sent
    told = sorted((k.decode(), v.decode()) for k, v in start["headers"])
    text = b"".join(part.get("body", b"") for part in rest)
    shown = text.decode() if len(text) < 2000 and text.isascii() else f"{len(text) > 0} bytes"
    return [start["status"], [f"{k}: {v}" for k, v in told if k != "content-length"], shown]


def post(path: str, body: Any, **more: str) -> Any:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request("POST", path, sent, **more)


def test_requests_that_are_looked_at_first(snapshots):
    api = "/gradio_api/"
    posts: list[tuple[str, Any]] = [
        ("queue/join", JOIN), ("queue/join", {**JOIN, "session_hash": ""}), ("queue/join", b"["),
        ("queue/join", [1]), ("queue/join", {**JOIN, "fn_index": -1}), ("queue/join", LONG),
        ("queue/join", {**JOIN, "data": {}}), ("call/predict_heart", {"data": []}),
        ("call/nothing", {"data": []}), ("call/v2/sweep", {"config": 3}), ("call/v2/none", {}),
        ("call/v2/sweep", {"fail": 1}), ("call/predict_heart", {"data": ["break"]}),
        ("cancel", {"session_hash": "a"}), ("run/predict", {}), ("api/predict", {}), ("reset", {}),
        ("login", {}), ("mcp/", {"a": 1}), ("mcp/", b"x"), ("upload", b"x"), ("vibe-code", {}),
        ("call/predict_heart", {"data": [], "session_hash": "x" * 65}), ("call/", {"data": []}),
        ("queue/join", b'{"session_hash": "\\ud800"}'), ("queue/join", b"[" * 100_000),
        ("mcp", {"a": 1}), ("call/" + "name" * 20, {"data": []}), ("x" * 90, {}),
        ("call/v2/predict_heart/", {"fail": 1}),
    ]  # fmt: skip
    for number, (route, body) in enumerate(posts):
        hold(snapshots, f"{number}. POST {route[:40]}", post(api + route, body))
    hold(snapshots, "POST elsewhere", post("/elsewhere", {}))
    gets = ("info", "dev/reload", "deep_link", "stream/x", "proxy=http://a", "file=http://a",
            "runs", "queue/data", "call/predict_heart/abc", "file=/tmp/x",
            "heartbeat/x", "vibe-starter", "file/http://a", "dev/" + "x" * 90, "file/x",
            "prox", "streams")  # fmt: skip
    for route in gets:
        hold(snapshots, f"GET {route[:40]}", request("GET", api + route, query="session_hash=zz"))
    uploads: dict[str, dict[str, str]] = {
        "plain": {}, "long name": {"query": "upload_id=" + "x" * 65},
        "no name": {"query": "upload_id="},
        "good name": {"query": "upload_id=a.b-c_1"}, "too long": {"content_length": "99999999"},
        "no number": {"content_length": "many"},
    }  # fmt: skip
    for name, more in uploads.items():
        told = post(f"{api}upload", b"x", content_type="multipart/form-data", **more)
        hold(snapshots, f"upload, {name}", told)
    hold(snapshots, "form elsewhere", post(f"{api}call/sweep", b"x", content_type="Multipart/x"))
    progress = request("GET", f"{api}upload_progress", query="upload_id=a/b")
    hold(snapshots, "progress", progress)
    place = f"{PREFIX}{version()}/"
    for name in ("page/words.js", "none.js", "../secret", "bundles/page.css"):
        for method in ("GET", "HEAD", "PUT"):
            told = request(method, place + name, accept_encoding="gzip;q=1, br")
            hold(snapshots, f"{method} {name}", told)
    plain = request("GET", f"{place}page/words.js", accept_encoding="identity")
    hold(snapshots, "as it is", [plain[0], plain[1], len(plain[2]) > 5])


@pytest.mark.parametrize(("parts", "told"), [((2, 3), b"xxxxx"), ((2, 4), 413), ((6,), 413)])
def test_a_body_may_be_as_long_as_is_said(parts, told):
    left = list(parts)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"x" * left.pop(0), "more_body": bool(left)}

    try:
        read = run_async(gate._read(receive, 5))
    except Refusal as refusal:
        assert refusal.sentence == "body: may have at most 5 bytes; send less"
        read = refusal.status
    assert read == told


def test_of_several_sessions_the_last_listens():
    seen: list[Any] = []
    queue: Any = SimpleNamespace(
        pending_messages_per_session={"a": 1, "b": 2},
        open_stream=lambda session: seen.append(["open", session]),
        close_stream=lambda session: seen.append(["close", session]),
    )
    scope = {"method": "GET", "query_string": b"session_hash=a&session_hash=b"}
    with gate._listening(scope, "queue/data", queue):
        seen.append("answered")
    assert seen == [["open", "b"], "answered", ["close", "b"]]
    with gate._listening({**scope, "method": "POST"}, "queue/data", queue):
        pass
    assert len(seen) == 3
    odd = {**scope, "query_string": b"session_hash=\xff"}
    with (
        pytest.raises(Refusal, match="nothing under way"),
        gate._listening(odd, "queue/data", queue),
    ):
        pass


def test_a_tools_body_may_be_longer_than_a_pages(monkeypatch):
    monkeypatch.setattr(gate, "_MOST_BODY", 20)
    monkeypatch.setattr(gate, "_MOST_MCP_BODY", 30)
    statuses = {
        (path, size): post(f"/gradio_api/{path}", b'"%s"' % (b"x" * (size - 2)))[0]
        for path in ("mcp/", "cancel")
        for size in (20, 21, 30, 31)
    }
    assert list(statuses.values()) == [200, 200, 200, 413, 400, 413, 413, 413]


def test_who_asks_and_what_went_wrong(snapshots):
    forwarded = ("1.2.3.4", "8.8.8.8, 10.0.0.1", "8.8.8.8, 9.9.9.9, 10.0.0.1", "10.0.0.1", "",
    "x, 8.8.4.4",
                 "2001:4860:4860:1:2:3:4:5", "::1, 8.8.8.8, fe80::1", "8.8.8.8:80")  # fmt: skip
    asked = {
        one: gate.visitor({"headers": [(b"x-forwarded-for", one.encode())]}) for one in forwarded
    }
    hold(snapshots, "visitors", asked)
    hold(snapshots, "nobody", gate.visitor({"headers": [(b"host", b"8.8.8.8")]}))
    assert gate.visitor({"headers": [(b"x-forwarded-for", b"8.8.8.8, \xff")]}) == ("8.8.8.8", 0)
    said = ("Parameter `a` is not one", "missing a required argument: b", "something else")
    for path in ("/gradio_api/call/v2/sweep/", "/gradio_api/call/sweep"):
        for text in said:
            told = gate._explain(path, TypeError(text))
            hold(snapshots, f"{path}, {text}", [told.status, told.sentence])
    refusals = [Refusal(503, "busy"), Refusal(404, "none")]
    hold(snapshots, "refusals", [[one.response().status_code, one.response().body.decode(),
         one.response().headers.get("retry-after")] for one in refusals])  # fmt: skip
    errors: list[Exception] = [
        BudgetError("file", "is full"), TimeoutError(), OSError(errno.ENOSPC, "full"),
        OSError(errno.EDQUOT, "quota"), OSError(errno.ENAMETOOLONG, "long"), OSError(errno.EIO,
        "io"),
        ValueError("x"), LookupError("x"), AttributeError("x"), RuntimeError("x"),
        upload_gate._too_large(), upload_gate._unreadable(), TypeError("x"),
        OSError(errno.EINVAL, "odd"), OSError(errno.EILSEQ, "odd"), OSError(errno.EACCES, "no"),
    ]  # fmt: skip
    told = [upload_gate._refusal_for(error) for error in errors]
    hold(
        snapshots,
        "uploads",
        [one and [one.status, one.field, one.sentence, one.after] for one in told],
    )
    lengths = ([(b"content-length", b"12")], [(b"content-length", b"-1")], [])
    hold(snapshots, "lengths", [upload_gate._length({"headers": one}) for one in lengths])


def test_where_it_is_served(snapshots):
    environments: list[dict[str, str]] = [
        {}, {"SPACE_ID": "a/b"}, {"SYSTEM": "spaces"}, {"SYSTEM": "x", "GRADIO_SERVER_NAME": "h"},
        {"SPACE_ID": "a/b", "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": "80"},
        *({"GRADIO_SERVER_PORT": port} for port in ("0", "1", "65535", "65536", "-1", "x", "",
        "8e3",
                                                    "0000000080", "9" * 60, "\u0664")),
    ]  # fmt: skip
    for given in environments:
        told = attempt(lambda given=given: vars(Address.from_environment(given)))
        hold(snapshots, f"{given}", told)
    for number in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
        hold(snapshots, f"{number}", str(Address("host", 80)._refuse(OSError(number, "x"))))
    hold(snapshots, "no name", attempt(lambda: Address("256.1.1.1", 7861).check_free()))
    text = b"a page " * 200
    for quality in (packing.QUICK, packing.BEST):
        packed = packing.pack(text, quality)
        assert packed.encoded["br"] == brotli.compress(text, quality=quality)
        assert packed.encoded["gzip"] == gzip.compress(text, 9, mtime=0)
        ways = {asked: packed.sent({"accept-encoding": asked} if asked else {})[1]  # type: ignore[arg-type]
                for asked in ("", "br", "gzip", "gzip, br", "br;q=0.5", "deflate",
                "xbr", "br;q=0", "GZIP, br ; q=0.000", "br;q=0.05,gzip;q=0")}  # fmt: skip
        hold(snapshots, f"packed, {quality}", ways)


def test_room_for_files(snapshots, monkeypatch):
    monkeypatch.setattr(storage, "MOST_BYTES", 3_000_000)
    monkeypatch.setattr(storage, "tidy", lambda *args, **options: 1_000_000)
    room = storage.Room()
    hold(snapshots, "blocks", [storage._blocks(size) for size in (0, 1, 4095, 4096, 4097)])
    hold(snapshots, "fits", [room.fits(size) for size in (2_990_000, 2_996_000, 3_000_000)])
    with room.claim(1_000_000):
        hold(snapshots, "promised", [room._promised, room._taken, room.fits(2_000_000)])
        for size in (1_900_000, 2_100_000):
            told = attempt(lambda size=size: room.claim(size).__enter__())
            hold(snapshots, f"{size} more", told)
    hold(snapshots, "kept", room._taken)
    with pytest.raises(ValueError), room.claim(500):  # noqa: PT011
        raise ValueError
    room.tidy()
    hold(snapshots, "tidied", [room._taken, room._next_look > 0])


HUB = {"repo": "user/w@main", "reachable": True, "checked": "now", "problem": None, "refused": {}}


def test_where_weights_are_from(snapshots, monkeypatch, tmp_path):
    states: dict[str, dict[str, Any]] = {
        "followed": {}, "not yet": {"reachable": None}, "down": {"reachable": False,
        "problem": "503"},
        "refused": {"refused": {"a" * 40: "bad", "b" * 40: "worse"}},
    }  # fmt: skip
    for name, state in states.items():
        for commit in (None, "c" * 40):
            served = Served("weights/heart", None, commit=commit, hub={**HUB, **state})
            hold(snapshots, f"{name}, {commit}", served.origin())
    hold(snapshots, "shipped", Served("weights/heart", None).origin())
    for error in (None, ConfigError("a", "b")):
        hold(
            snapshots, f"no model, {error}", attempt(lambda e=error: Served("here", None, e).heart)
        )
    state = SimpleNamespace(
        value=None, commit=None, reachable=None, checked=None, problem="p", refused={}
    )
    follower: Any = SimpleNamespace(state=state, revision=SimpleNamespace(repo="u/w", ref="main"))
    shipped = Served("here", None, ConfigError("a", "b"))
    hold(snapshots, "nothing followed", [repr(ServedModels(lambda: shipped)()), repr(
        ServedModels(lambda: shipped, follower)())])  # fmt: skip
    state.value, state.commit = "a model", "d" * 40
    followed = ServedModels(lambda: shipped, follower)()
    hold(snapshots, "followed", [followed.source, followed.commit, followed.hub["problem"]])  # type: ignore[index]
    settings: list[dict[str, str]] = [
        {}, {"WEIGHTS_REPO": "user/w"}, {"WEIGHTS_REPO": "user/w@v1", "WEIGHTS_POLL_SECONDS": "5"},
        {"WEIGHTS_REPO": "x"}, {"WEIGHTS_DIR": "none"}, {"WEIGHTS_DIR": str(tmp_path)},
        *({"WEIGHTS_REPO": "u/w",
        "WEIGHTS_POLL_SECONDS": text} for text in ("0", "x", "86400", "86401",
                                                                             "nan", "-1", "1e-3")),
    ]  # fmt: skip
    for given in settings:
        with monkeypatch.context() as patched:
            for key in ("WEIGHTS_REPO", "WEIGHTS_DIR", "WEIGHTS_POLL_SECONDS"):
                patched.delenv(key, raising=False)
            for key, value in given.items():
                patched.setenv(key, value)
            told = [attempt(models.read_settings), attempt(models.weights_folder)]
            shown = str(told).replace(str(tmp_path), "HERE").replace(str(models.ROOT), "ROOT")
            hold(snapshots, f"{given}".replace(str(tmp_path), "HERE"), shown)

    monkeypatch.setattr(models, "load_ready", lambda folder, rehearse: folder.name)
    for folder in (models.ROOT / "weights", models.ROOT / "a" / "b", tmp_path / "c"):
        monkeypatch.setattr(models, "weights_folder", lambda folder=folder: folder)
        hold(snapshots, f"in {folder.name}", vars(models.load_shipped(len)))

    def fail(error: Exception) -> Any:
        def load(folder: Any) -> Any:
            raise error

        return attempt(lambda: models.from_weights(load, "part"))

    errors = [ArtifactError("f", "is bad"), ValueError("/a/b/c: x"), KeyError("k" * 300)]
    hold(snapshots, "errors", [fail(error) for error in errors])


def test_what_a_card_may_be_asked_for(snapshots, monkeypatch):
    for asked in ({}, {"members": 60}, {"epochs": 20_000, "members": 3}, {"over": "batch_size"},
                  {"values": [200], "members": 200, "epochs": 9000}):  # fmt: skip
        config = SweepConfig.parse(asked)
        with monkeypatch.context() as patched:
            patched.setattr(gpu, "choose_device", lambda device, config: device)
            for lent in (False, True):
                patched.setattr(gpu, "is_lent", lambda lent=lent: lent)
                told = [
                    attempt(lambda d=d, c=config: gpu.check_sweep(c, d)) for d in ("auto", "cuda")
                ]
                hold(snapshots, f"{asked}, lent: {lent}", [gpu.card_seconds(config), *told])
    news = list(gpu._beside(iter([1, 2])))  # type: ignore[list-item]
    assert [one for one in news if one is not None] == [1, 2]

    def failing() -> Any:
        yield 1
        raise ConfigError("a", "b")

    told = attempt(lambda: list(gpu._beside(failing())))
    hold(snapshots, "an error beside", told)
