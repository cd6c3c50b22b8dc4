"""Following a repo: good commits are served, bad ones named, and nothing takes the service down."""

import contextlib
import hashlib
import itertools
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from classifiers.errors import ConfigError
from classifiers.hub import Revision, _read
from tests.tools.hub_client import FollowerProcess, make_version
from tests.tools.hub_server import sha256

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def follower(hub, tmp_path_factory):
    running = FollowerProcess(hub, tmp_path_factory.mktemp("home"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def versions(tmp_path_factory) -> list[Files]:
    folder = tmp_path_factory.mktemp("versions")
    return [make_version(folder / str(i), i / 50) for i in range(3)]


@pytest.fixture(scope="module")
def inverted(tmp_path_factory) -> Files:
    return make_version(tmp_path_factory.mktemp("inverted"), inverted=True)


@pytest.fixture
def repo(hub, versions, request):
    hub.heal()
    name = hashlib.sha1(request.node.name.encode()).hexdigest()[:12]
    repo = hub.add(f"user/{name}", versions[0])
    hub.requests.clear()
    return repo


@pytest.fixture
def following(follower, repo, tmp_path):
    """A follower that serves the repo's first version."""
    follower.follow(repo.name, tmp_path / "cache")
    state = follower.look()
    assert state["commit"] == repo.head
    assert state["reachable"] is True
    return follower


def model_of(files: Files) -> str:
    return sha256(files["model.safetensors"])


def with_model(files: Files, data: bytes) -> Files:
    """As somebody who knows the format would: the sidecar's hash and size fit."""
    metadata = json.loads(files["metadata.json"])
    metadata["model"] = {"sha256": sha256(data), "size": len(data)}
    return {"model.safetensors": data, "metadata.json": json.dumps(metadata).encode()}


def with_metadata(files: Files, **changes: object) -> Files:
    metadata = {**json.loads(files["metadata.json"]), **changes}
    return {**files, "metadata.json": json.dumps(metadata).encode()}


def with_tensors(files: Files, change) -> Files:
    data = files["model.safetensors"]
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])["__metadata__"]
    tensors = {name: value.copy() for name, value in load(data).items()}
    change(tensors)
    return with_model(files, save(tensors, metadata=header))


def set_nan(tensors: dict[str, np.ndarray]) -> None:
    tensors["layers.0.weight"][0, 0, 0] = np.nan


def negate(tensors: dict[str, np.ndarray]) -> None:
    tensors["layers.1.weight"] *= -1


def flip(data: bytes) -> bytes:
    return data[:-5] + bytes([data[-5] ^ 1]) + data[-4:]


BAD_COMMITS = {
    "truncated": (
        lambda files, _: {**files, "model.safetensors": files["model.safetensors"][:-100]},
        "model.safetensors: must have 245072 bytes, has",
    ),
    "altered": (
        lambda files, _: {**files, "model.safetensors": flip(files["model.safetensors"])},
        "model.safetensors: must have SHA-256",
    ),
    "wrong schema": (
        lambda files, _: with_metadata(files, features=[{"name": "age"}]),
        "metadata.json: ",
    ),
    "unknown key": (lambda files, _: with_metadata(files, surprise=1), "surprise"),
    "no JSON": (lambda files, _: {**files, "metadata.json": b"{"}, "metadata.json: is not JSON"),
    "other task": (lambda files, _: with_metadata(files, task="moons"), "must be of task"),
    "no record": (lambda files, _: with_metadata(files, evaluation={}), "evaluation cannot be"),
    "NaN": (lambda files, _: with_tensors(files, set_nan), "holds NaN or infinity"),
    "golden": (lambda files, _: with_tensors(files, negate), "golden outputs must be reproduced"),
    "inverted": (lambda _, inverted: inverted, "ca from 0 to 3 must raise the mean risk of 200"),
    "pickle": (lambda files, _: with_model(files, b"\x80\x04."), "pickles are never read"),
}  # fmt: skip


PASSING = [
    {"status": 503},
    {"status": 500},
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"status": 401},
    {"status": 403},
    {"status": 404},
    {},
]


def test_a_new_commit_is_served(following, repo, versions):
    repo.put(versions[1])
    state = following.look()
    assert state["commit"] == repo.head
    assert state["sha256"] == model_of(versions[1])
    assert state["refused"] == {}


def test_an_unchanged_head_costs_one_request(hub, following):
    hub.requests.clear()
    following.look()
    assert len(hub.requests) == 1
    assert hub.requests[0].startswith("head HEAD ")


@pytest.mark.parametrize("kind", BAD_COMMITS)
def test_a_bad_commit_is_refused_for_good_and_named(hub, following, repo, versions, inverted, kind):
    first = repo.head
    make, reason = BAD_COMMITS[kind]
    bad = repo.put(make(versions[1], inverted))
    state = following.look()
    assert state["commit"] == first
    assert state["sha256"] == model_of(versions[0])
    assert list(state["refused"]) == [bad]
    assert reason in state["refused"][bad]
    assert state["refused"][bad].startswith(("metadata.json: ", "model.safetensors: "))
    assert "/tmp" not in state["refused"][bad]
    assert state["problem"] is None
    hub.requests.clear()
    following.look()
    assert hub.count("resolve") == hub.count("cdn") == 0
    repo.put(versions[2])
    state = following.look()
    assert state["sha256"] == model_of(versions[2])
    assert state["refused"] == {}  # of no use any more


@pytest.mark.parametrize("name", ["metadata.json", "model.safetensors"])
def test_a_commit_without_a_file_is_refused(following, repo, versions, name):
    first = repo.head
    tree = repo.put(versions[1])
    bad = repo.commit({k: v for k, v in repo.commits[tree].items() if k != name})
    state = following.look()
    assert state["commit"] == first
    assert state["refused"] == {bad: f"{name}: is not in the commit"}
    assert following.look()["refused"] == {bad: f"{name}: is not in the commit"}


def test_a_ref_that_moves_back_is_followed(following, repo, versions):
    first = repo.head
    repo.put(versions[1])
    following.look()
    repo.refs["main"] = first
    assert following.look()["sha256"] == model_of(versions[0])


def test_a_ref_that_moves_during_a_download_mixes_nothing(hub, following, repo, versions):
    second = repo.put(versions[1])
    hub.fail("resolve", before=lambda: repo.put(versions[2]))
    state = following.look()
    assert (state["commit"], state["sha256"]) == (second, model_of(versions[1]))
    assert following.look()["sha256"] == model_of(versions[2])


@pytest.mark.parametrize("route", ["resolve", "cdn"])
def test_a_transfer_corrupted_once_is_fetched_again(hub, following, repo, versions, route):
    repo.put(versions[1])
    hub.fail(route, change=flip)
    state = following.look()
    assert state["sha256"] == model_of(versions[1])
    assert state["refused"] == {}


@pytest.mark.parametrize("route", ["resolve", "cdn"])
def test_a_blob_that_is_corrupt_at_the_hub_is_refused(hub, following, repo, versions, route):
    bad = repo.put(versions[1])
    # The file that is not stored with LFS takes "resolve" alone, the other one both.
    hub.fail(route, change=flip, times=2)
    state = following.look()
    assert state["sha256"] == model_of(versions[0])
    assert "must have hash" in state["refused"][bad]


@pytest.mark.parametrize(
    ("route", "fault"),
    [
        *itertools.product(("head", "resolve", "cdn"), PASSING),
        ("resolve", {"change": lambda data: data[:1000]}),
        ("cdn", {"change": lambda data: data[:1000]}),
    ],
)
def test_what_the_network_did_is_no_reason_to_refuse(hub, following, repo, versions, route, fault):
    first = repo.head
    repo.put(versions[1])
    hub.fail(route, **fault)
    state = following.look()
    assert state["commit"] == first
    assert state["refused"] == {}
    assert state["problem"]
    assert state["reachable"] is (route == "head" and fault.get("status") in (401, 403, 404))
    hub.heal()
    state = following.look()
    assert state["sha256"] == model_of(versions[1])
    assert (state["reachable"], state["problem"]) == (True, None)


@pytest.mark.parametrize("route", ["head", "resolve", "cdn"])
def test_a_stalled_hub_does_not_hold_up_the_start(hub, follower, repo, versions, tmp_path, route):
    follower.follow(repo.name, tmp_path / "cache")
    first = follower.look()["commit"]
    repo.put(versions[1])
    hub.fail(route, stall=True)
    state = follower.start(repo.name, tmp_path / "cache", wait=0.5, period=0.2)
    assert state["seconds"] < 8  # a request is given up after 10
    assert (state["commit"], state["reachable"]) == (first, None)
    hub.heal()
    deadline = time.monotonic() + 10
    while state["commit"] != repo.head and time.monotonic() < deadline:
        time.sleep(0.1)
        state = follower.tell()
    assert state["sha256"] == model_of(versions[1])


def test_without_the_hub_the_last_verified_version_is_served(
    hub, follower, repo, versions, tmp_path
):
    follower.follow(repo.name, tmp_path)
    repo.put(versions[1])
    good = follower.look()["commit"]
    repo.put({"metadata.json": b"{"})
    follower.look()
    hub.fail("head", status=503, times=9)
    state = follower.start(repo.name, tmp_path)
    assert (state["commit"], state["sha256"]) == (good, model_of(versions[1]))
    assert state["reachable"] is False
    assert "503" in state["problem"]


def test_a_damaged_cache_is_not_served_and_is_healed(hub, follower, repo, versions, tmp_path):
    follower.follow(repo.name, tmp_path)
    follower.look()
    cached = next(Path(tmp_path).rglob("model.safetensors"))
    cached.write_bytes(flip(cached.read_bytes()))
    hub.fail("head", status=503)
    assert follower.start(repo.name, tmp_path)["commit"] is None
    assert follower.look()["commit"] == repo.head
    assert cached.read_bytes() == versions[0]["model.safetensors"]


def test_the_cache_holds_one_version_and_belongs_to_its_ref(
    hub, follower, repo, versions, tmp_path
):
    follower.follow(repo.name, tmp_path)
    follower.look()
    repo.put(versions[1])
    follower.look()
    assert len(list(Path(tmp_path).rglob("model.safetensors"))) == 1
    hub.fail("head", status=503)
    assert follower.start(f"{repo.name}@v1", tmp_path)["commit"] is None


def test_a_cache_that_cannot_be_written_stops_nothing(follower, repo, versions, tmp_path):
    (tmp_path / "cache").write_text("a file, not a folder")
    follower.follow(repo.name, tmp_path / "cache")
    state = follower.look()
    assert state["sha256"] == model_of(versions[0])
    assert state["problem"] is None


def test_a_pin_never_moves_and_needs_no_hub_once_cached(hub, follower, repo, versions, tmp_path):
    pin = f"{repo.name}@{repo.head}"
    repo.put(versions[1])
    state = follower.start(pin, tmp_path, period=0.1)
    assert state["sha256"] == model_of(versions[0])
    hub.requests.clear()
    time.sleep(0.5)
    assert hub.requests == []
    assert follower.start(pin, tmp_path)["sha256"] == model_of(versions[0])
    assert hub.requests == []


def test_a_tag_is_followed(follower, repo, versions, tmp_path):
    repo.tags["v1"] = repo.head
    repo.put(versions[1])
    follower.follow(f"{repo.name}@v1", tmp_path)
    assert follower.look()["sha256"] == model_of(versions[0])


def test_a_private_repo_is_read_and_the_token_stays_with_the_hub(
    hub, follower, repo, versions, tmp_path
):
    repo.private = True
    follower.follow(repo.name, tmp_path)
    assert follower.look()["sha256"] == model_of(versions[0])
    assert hub.count("cdn") == 1
    assert hub.leaks == []


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"X-Repo-Commit": "../../evil", "ETag": "x"}, "names no commit"),
        ({"ETag": "x"}, "names no commit"),
    ],
)
def test_an_answer_that_names_no_commit_is_not_used(hub, following, repo, headers, words):
    hub.fail("head", status=200, headers=headers)
    state = following.look()
    assert words in state["problem"]
    assert state["refused"] == {}


def test_a_huge_file_is_refused_unread(hub, following, repo, versions):
    bad = repo.put(versions[1])
    huge = {"X-Repo-Commit": bad, "ETag": "x", "Content-Length": str(10**12)}
    hub.fail("head", status=200, headers=huge, times=2)
    hub.requests.clear()
    assert "must be at most" in following.look()["refused"][bad]
    assert hub.count("resolve") == 0


class Endless(BaseHTTPRequestHandler):
    """Announces no length, and has 256 MB."""

    sent = 0

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(2**12):
                self.wfile.write(bytes(2**16))
                Endless.sent += 2**16

    def log_message(self, *_: object) -> None:
        pass


def test_no_more_is_read_than_is_wanted_and_no_longer(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endless)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    assert len(_read(address, 1000)) == 1001
    monkeypatch.setattr("classifiers.hub._FILE_SECONDS", 0.0)
    with pytest.raises(OSError, match="took more than 0 s"):
        _read(address, 2**30)
    server.shutdown()
    assert Endless.sent < 2**26


def test_revisions_are_read():
    pin = "0123456789abcdef" * 2 + "01234567"
    assert Revision.parse(" user/name ") == Revision("user/name", "main")
    assert Revision.parse("user/name@refs/pr/1").ref == "refs/pr/1"
    assert Revision.parse(f"user/name@{pin}").is_pin
    assert not Revision.parse("user/name@0123456").is_pin


@pytest.mark.parametrize("text", ["name", "a/b/c", "user/name@", "../x", "user/na me", "@main"])
def test_what_is_no_revision_is_named(text):
    with pytest.raises(ConfigError, match=r"^WEIGHTS_REPO: must be user/name"):
        Revision.parse(text)
