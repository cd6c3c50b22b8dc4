"""What visitors leave on the disk: bounded, deleted in time, and refused in words."""

import asyncio
import errno
import json
import os
import tempfile
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr
import gradio.route_utils
import pytest
from gradio.routes import App
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from classifiers.errors import BudgetError, DataError
from classifiers.ui.gradio_internals import StrictBlocks
from classifiers.ui.gradio_internals.uploads import handles, uploaded_path
from classifiers.ui.server import storage, upload_gate
from classifiers.ui.server.storage import Room, keep_answer, lifespan, tidy
from classifiers.ui.server.upload_gate import BODY_BYTES, UploadGate

UPLOAD = "/gradio_api/upload"
FIELD = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
NAMES = ["a" * 64, "tmpabcdefgh", f"{storage.ANSWERS}x"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A fresh upload folder, and nothing known of it."""
    folder = tmp_path / "gradio"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    room = Room()
    monkeypatch.setattr(storage, "ROOM", room)
    monkeypatch.setattr(upload_gate, "ROOM", room)
    return folder


@pytest.fixture
def app(folder):
    with StrictBlocks() as demo:
        pass
    demo.max_file_size = upload_gate.FILE_BYTES
    gate = {"lifespan": lifespan, "middleware": [Middleware(UploadGate)]}
    return App.create_app(demo, app_kwargs=gate)


@pytest.fixture
def client(app):
    with TestClient(app, raise_server_exceptions=True) as client:
        yield client


def post(client: TestClient, content: bytes = b"age\n50\n", name: str = "a.csv", **options):
    answer = client.post(UPLOAD, files={"files": (name, content)}, **options)
    return answer.status_code, answer.json()


def body(name: bytes = b"a.csv", content: bytes = b"age\n50\n", field: bytes = b"files") -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="' + field + b'"'
    return head + b'; filename="' + name + b'"\r\n\r\n' + content + b"\r\n--x--\r\n"


def alone(work: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: a browser that an earlier test opened keeps a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def ask(app: App, *messages: dict, query: bytes = b"", kind: bytes = b"") -> tuple[int, bytes]:
    """One request, message by message; then the client is gone. 0 = nothing was answered."""
    left = [*messages, {"type": "http.disconnect"}]
    sent: list[dict] = []

    async def receive() -> dict:
        return left.pop(0)

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": UPLOAD, "root_path": "", "scheme": "http",
        "query_string": query, "server": ("127.0.0.1", 1), "http_version": "1.1",
        "headers": [(b"content-type", kind or b"multipart/form-data; boundary=x")],
    }  # fmt: skip
    alone(app(scope, receive, send))
    return sent[0]["status"] if sent else 0, b"".join(m.get("body", b"") for m in sent)


def chunk(content: bytes, more: bool = True) -> dict:
    return {"type": "http.request", "body": content, "more_body": more}


async def upload(gate: UploadGate, receive: Any, headers: Any = (), query: bytes = b"") -> list:
    """What the gate answers to a request, message by message."""
    sent: list[dict] = []

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": UPLOAD, "headers": [*headers],
             "query_string": query}  # fmt: skip
    await gate(scope, receive, send)
    return sent


def test_what_is_older_than_an_hour_goes_and_the_rest_stays(folder):
    for name in NAMES:
        place = folder / name
        if name.startswith("tmp"):
            place.write_text("x")
        else:
            place.mkdir()
            (place / "a.csv").write_text("x")
    (folder / "of somebody else").write_text("x")
    tidy(now=time.time() + 3590)
    assert {p.name for p in folder.iterdir()} == {*NAMES, "of somebody else"}
    assert tidy(now=time.time() + 3610) == 0
    assert not [p for p in folder.rglob("*") if p.is_file() and p.name != "of somebody else"]
    tidy(now=time.time() + 3700)
    assert [p.name for p in folder.iterdir()] == ["of somebody else"]


def test_temporary_files_of_others_stay_where_the_folder_is_everybodys(folder, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    (folder / "tmpabcdefgh").write_text("x")
    tidy(now=time.time() + 9999)
    assert (folder / "tmpabcdefgh").exists()


def test_a_copy_that_keeps_an_old_date_is_as_young_as_it_is(folder):
    (folder / "tmpabcdefgh").write_text("x")
    os.utime(folder / "tmpabcdefgh", (0, 0))
    tidy()
    assert (folder / "tmpabcdefgh").exists()


def test_the_timer_deletes_without_a_request_and_the_end_deletes_all(folder, app, monkeypatch):
    monkeypatch.setattr(storage, "EVERY_SECONDS", 0.05)
    (folder / "tmpabcdefgh").write_text("x")
    with TestClient(app) as client:
        time.sleep(0.2)
        assert (folder / "tmpabcdefgh").exists()
        path = post(client)[1][0]
        assert path in app.get_blocks().upload_file_set
        monkeypatch.setattr(storage, "KEPT_SECONDS", 0.0)
        deadline = time.monotonic() + 60
        while os.path.exists(path) or path in app.get_blocks().upload_file_set:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert not (folder / "tmpabcdefgh").exists()
        monkeypatch.setattr(storage, "EVERY_SECONDS", 60)
        monkeypatch.setattr(storage, "KEPT_SECONDS", 3600)
        time.sleep(0.2)
        path = post(client)[1][0]
    assert not os.path.exists(path)


def test_an_answer_lies_in_the_upload_folder_under_a_name_of_its_own(folder):
    first, second = keep_answer("a,b\n", "x.csv"), keep_answer("a,b\n", "x.csv")
    assert first != second
    assert first.is_relative_to(folder)
    assert first.read_text() == "a,b\n"
    assert storage._LEFT_BEHIND.fullmatch(first.parent.name)


def test_a_full_disk_is_told_of_and_leaves_no_part_of_an_answer(folder, monkeypatch):
    def full(path, content):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(BudgetError, match="^file: cannot be stored: the server's disk is full"):
            keep_answer("a,b\n", "x.csv")
    assert list(folder.iterdir()) == []
    assert keep_answer("a,b\n", "x.csv").exists()


def test_an_upload_to_a_full_disk_is_507_and_the_same_one_works_when_there_is_space(
    client, folder, monkeypatch
):
    def full(*_, **options):
        file = tempfile.NamedTemporaryFile(**options)  # noqa: SIM115  the parser closes it

        def write(_):
            raise OSError(errno.ENOSPC, "No space left on device")

        file.write = write
        return file

    with monkeypatch.context() as patch:
        patch.setattr(gradio.route_utils, "NamedTemporaryFile", full)
        status, answer = post(client)
        assert status == 507
        assert answer["error"].startswith("file: cannot be stored: the server's disk is full")
        assert not [p for p in folder.rglob("*") if p.is_file()]
    assert post(client)[0] == 200


def test_an_upload_beyond_the_ceiling_is_507_and_old_ones_make_room(client, folder, monkeypatch):
    monkeypatch.setattr(storage, "MOST_BYTES", 100_000)
    for number in range(4):
        assert post(client, b"%d" % number * 20_000)[0] == 200
    status, answer = post(client, b"4" * 20_000)
    assert status == 507
    assert "take at most 0 MB here" in answer["error"]
    monkeypatch.setattr(storage, "SPARED_SECONDS", 0)
    storage.ROOM._next_look = 0.0
    assert post(client, b"4" * 20_000)[0] == 200
    assert len([p for p in folder.rglob("*") if p.is_file()]) < 5
    with pytest.raises(BudgetError, match="^file: does not fit"):
        keep_answer("x" * 100_001, "x.csv")


def test_many_empty_files_take_room_too(client, monkeypatch):
    monkeypatch.setattr(storage, "MOST_BYTES", 100_000)
    statuses = {post(client, b"%d" % number)[0] for number in range(20)}
    assert statuses == {200, 507}


def test_room_that_was_promised_and_not_used_is_given_back():
    room = Room()
    for _ in range(3):
        with pytest.raises(KeyError), room.claim(10_000):
            raise KeyError
    assert (room._taken, room._promised) == (0, 0)
    with room.claim(10_000):
        assert room._promised > 10_000
    assert room._taken > 10_000
    assert room._promised == 0


def test_too_large_a_file_is_refused_by_its_length_and_cut_without_one(client, app, folder):
    for size in (BODY_BYTES + 1, upload_gate.FILE_BYTES + 1):  # by the gate, by Gradio's parser
        status, answer = post(client, b"x" * size)
        assert status == 413
        assert answer["error"] == (
            "file: must be at most 5 MB, and is larger; send a part of its rows"
        )
    # Not a file of its own, which Gradio's limit would cut: this one counts for the whole body.
    start = FIELD[: -len(b"\r\n--x--\r\n")]
    status, sent = ask(app, chunk(start), *(chunk(b"x" * 100_000) for _ in range(60)))
    assert status == 413
    assert b"must be at most 5 MB" in sent
    assert not [p for p in folder.rglob("*") if p.is_file()]


def test_what_the_head_of_a_request_shows_is_refused_before_a_byte_is_read():
    async def never(*_) -> None:
        raise AssertionError("the body was read")

    def status(headers: list, query: bytes) -> int:
        return alone(upload(UploadGate(never), never, headers, query))[0]["status"]

    assert status([(b"content-length", b"%d" % (BODY_BYTES + 1))], b"") == 413
    assert status([], b"upload_id=" + b"u" * 65) == 400


def test_an_aborted_upload_leaves_nothing_and_ends_its_progress(app, folder):
    status, _ = ask(app, chunk(body()[:-9]), query=b"upload_id=abc")
    assert status == 0
    assert list(folder.rglob("*")) == []
    known = gradio.routes.file_upload_statuses
    assert known.is_done("abc")
    quiet = storage._forget_progress(set())
    assert "abc" in quiet
    storage._forget_progress(quiet)
    assert "abc" not in known._statuses
    assert "abc" not in known._signals


def test_gradios_parser_alone_still_leaves_its_files(app, folder, monkeypatch):
    """When this fails, the gate no longer has to collect them."""
    monkeypatch.setattr(upload_gate, "_forget", lambda parts: None)
    ask(app, chunk(body()[:-9]))
    assert [p.name[:3] for p in folder.iterdir()] == ["tmp"]


@pytest.mark.parametrize(
    ("sent", "query", "kind"),
    [
        (body(b"\xed\xa0\x80.csv"), b"", b""),
        (body(b"\\ud800.csv"), b"", b"multipart/form-data; boundary=x; charset=unicode_escape"),
        (body(b"\\udcff.csv"), b"", b"multipart/form-data; boundary=x; charset=unicode_escape"),
        (body(b"a.csv"), b"", b"multipart/form-data; boundary=x; charset=idna"),
        (body(b"a" * 300 + b"..csv"), b"", b"multipart/form-data; boundary=x; charset=idna"),
        (body(b".."), b"", b""),
        (body(b"../../etc/passwd"), b"", b""),
        (body(b"a\0b.csv"), b"", b""),
        (body(b"n" * 5000), b"", b""),
        (body(b"n" * 9000), b"", b""),
        (body(b"\xff" * 300), b"", b""),
        (body(field=b"other"), b"", b""),
        (FIELD.replace(b'"a"', b'"files"'), b"", b""),
        (FIELD, b"upload_id=a", b""),
        (b"--x\r\nNo: name\r\n\r\nb\r\n--x--\r\n", b"", b""),
        (b"nothing of the kind", b"", b""),
        (b"{}", b"", b"application/json"),
        (b"", b"", b"multipart/form-data"),
        (body(), b"upload_id=" + b"u" * 65, b""),
    ],
)  # fmt: skip
def test_strange_uploads_are_stored_under_the_folder_or_refused_in_words(
    app, folder, sent, query, kind, caplog
):
    status, answer = ask(app, chunk(sent, more=False), query=query, kind=kind)
    if status == 200:
        for path in json.loads(answer):
            assert Path(path).resolve().is_relative_to(folder)
    else:
        assert status == 400
        assert answer.startswith((b'{"error": "file: cannot be read', b'{"error": "upload_id: '))
    assert not [p for p in folder.iterdir() if p.is_file()]
    assert "Traceback" not in caplog.text


def test_bodies_that_go_to_files_are_taken_by_the_upload_only(client):
    for path in ("/gradio_api/component_server", "/gradio_api/process_recording", "/login"):
        answer = client.post(path, files={"files": ("a", b"x")})
        assert answer.status_code == 415
        assert answer.json()["error"].startswith("file: ")


def test_who_finds_no_place_is_told_when_to_come_again(app, folder, monkeypatch):
    monkeypatch.setattr(upload_gate, "PLACES", 1)
    monkeypatch.setattr(upload_gate, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(upload_gate, "UPLOAD_SECONDS", 0.5)

    async def inner(scope, receive, send):
        await asyncio.sleep(9)

    async def run() -> list[list]:
        gate, never = UploadGate(inner), asyncio.Event()
        return await asyncio.gather(*(upload(gate, never.wait) for _ in range(2)))

    (first, slow), (second, busy) = alone(run())
    assert [first["status"], second["status"]] == [408, 503]
    assert b'"file: took longer than 0.5 s to arrive; send a smaller one, or again"' in slow["body"]
    assert b'"file: has to wait: 1 others are being uploaded; try again in 10 s"' in busy["body"]
    assert dict(second["headers"])[b"retry-after"] == b"10"


def test_a_place_is_given_back_when_an_upload_ends(monkeypatch):
    monkeypatch.setattr(upload_gate, "PLACES", 1)
    monkeypatch.setattr(upload_gate, "WAIT_SECONDS", 0.1)

    async def inner(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def run() -> list[int]:
        gate, never = UploadGate(inner), asyncio.Event()
        statuses = [(await upload(gate, never.wait))[0]["status"] for _ in range(3)]
        assert upload_gate._parts.get("nothing") == "nothing"  # of whoever asks next in this task
        return statuses

    assert alone(run()) == [200] * 3
    for module in (gradio.routes, gradio.route_utils):
        assert module.GradioMultiPartParser is upload_gate._NotedParser


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "\ud800", "a\0b", "n" * 5000, "", ".", "../x", 7, None, {"a": 1}, "gone.csv"],
)
def test_only_what_was_uploaded_is_opened(folder, path):
    (folder / "there.csv").write_text("age\n50\n")
    assert uploaded_path(str(folder / "there.csv")) == folder / "there.csv"
    for named in (path, f"{folder}/{path}"):
        handle = {"path": named, "meta": {"_type": "gradio.FileData"}}
        with pytest.raises(DataError, match="^file: must be a CSV file uploaded within the hour"):
            uploaded_path(handle)
        if isinstance(named, str):
            with pytest.raises(DataError, match="^file: "):
                list(map(uploaded_path, handles([1, {"deep": [handle]}])))


def test_an_address_is_not_fetched():
    handle = {"path": "http://127.0.0.1:1/a.csv", "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(DataError, match="^file: must be an uploaded file, not an address"):
        list(map(uploaded_path, handles([handle])))


def echo(config: dict) -> dict:
    return config


def test_blocks_look_at_files_before_gradio_does(folder):
    with StrictBlocks() as demo:
        gr.api(echo, api_name="echo")
    handle = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    function = next(iter(demo.fns.values()))
    with pytest.raises(gr.Error, match="^'?config: must be a plain value"):
        demo.validate_inputs(function, [{"config": handle}])
