"""What is asked of the Hub's client, call by call, by who follows, fetches and pushes, and for how
long: with a client that only notes it.
"""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from huggingface_hub.errors import HfHubHTTPError, RemoteEntryNotFoundError

from classifiers import hub
from classifiers.errors import ArtifactError
from classifiers.hub import Follower, Revision

REVISION, FILES, COMMIT = Revision("user/name"), ("a", "b"), "a" * 40
MOST = 64 * 2**20


def answered(status: int, kind: type[HfHubHTTPError] = HfHubHTTPError, **headers: str) -> Any:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    response = httpx2.Response(status, headers=named, request=httpx2.Request("GET", "http://h/x"))
    return kind("why", response=response)


def load(folder: Path) -> bytes:
    return b"".join((folder / name).read_bytes() for name in FILES)


class Api:
    """Notes what it is asked, and fails at one question."""

    def __init__(self, fails_at: str = "", error: Exception | None = None) -> None:
        self.asked: list[Any] = []
        self._fails_at, self._error = fails_at, error

    def _note(self, what: str, *given: Any, **how: Any) -> None:
        self.asked.append([what, *given, how])
        if what == self._fails_at and self._error is not None:
            raise self._error

    def create_repo(self, name: str, **how: Any) -> None:
        self._note("make", name, **how)

    def model_info(self, name: str, **how: Any) -> Any:
        self._note("look", name, **how)
        return SimpleNamespace(sha="the head")

    def create_commit(self, name: str, parts: list[Any], **how: Any) -> Any:
        self._note("commit", name, [(p.path_in_repo, p.path_or_fileobj) for p in parts], **how)
        return SimpleNamespace(oid="the new one")


@pytest.mark.parametrize(("private", "told"), [(True, True), (False, None)])
def test_a_push_makes_a_repo_looks_and_commits_on_top(monkeypatch, private, told):
    """One that is there stays as private as it is."""
    api = Api()
    monkeypatch.setattr(hub, "HfApi", lambda: api)
    files = {"x.txt": b"1", "y.txt": b"22"}
    assert hub.push(" user/own ", files, private=private, message="Words") == "the new one"
    assert api.asked == [
        ["make", "user/own", {"repo_type": "model", "private": told, "exist_ok": True}],
        ["look", "user/own", {"timeout": 10.0}],
        ["commit", "user/own", [("x.txt", b"1"), ("y.txt", b"22")],
         {"commit_message": "Words", "parent_commit": "the head"}],
    ]  # fmt: skip


@pytest.mark.parametrize("step", ["make", "look", "commit"])
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (httpx2.ConnectError("no route\nto it"), "ConnectError: no route"),
        (OSError("cut"), "OSError: cut"),
        (answered(409), "HfHubHTTPError: why"),
        (answered(401), "HfHubHTTPError: why; log in with a token that may write to it, see HUB"),
        (answered(403), "HfHubHTTPError: why; log in with a token that may write to it, see HUB"),
    ],
)
def test_a_push_that_fails_says_why_wherever_it_does(monkeypatch, step, error, told):
    api = Api(step, error)
    monkeypatch.setattr(hub, "HfApi", lambda: api)
    monkeypatch.setattr(hub.constants, "ENDPOINT", "http://hub")
    told = told.replace("HUB", "http://hub/settings/tokens")
    with pytest.raises(ArtifactError) as end:
        hub.push("user/own", {}, private=False, message="")
    assert str(end.value) == f"user/own: was not pushed: {told}"
    assert api.asked[-1][0] == step


@pytest.fixture
def asked(monkeypatch) -> list[Any]:
    """Questions about files with their limits, and downloads with theirs; a file has 3 bytes."""
    noted: list[Any] = []

    def about(url: str, timeout: float) -> Any:
        noted.append([url.partition("/resolve/")[2], timeout])
        return SimpleNamespace(commit_hash=COMMIT, size=about.size, etag=None)  # type: ignore[attr-defined]

    def read(url: str, most: int) -> bytes:
        noted.append([url.partition("/resolve/")[2], "read", most])
        return b"new"

    about.size = 3  # type: ignore[attr-defined]
    monkeypatch.setattr(hub, "get_hf_file_metadata", about)
    monkeypatch.setattr(hub, "_read", read)
    return noted


def test_no_question_is_waited_for_without_end(asked, tmp_path):
    assert hub.fetch(REVISION, FILES, load, tmp_path, "config.json") == b"newnew"
    files = [
        one
        for name in FILES
        for one in ([f"{COMMIT}/{name}", 10.0], [f"{COMMIT}/{name}", "read", 3])
    ]
    assert asked == [["main/a", 10.0], *files, [f"{COMMIT}/config.json", 3.0]]


@pytest.mark.parametrize(
    ("size", "told", "reads"),
    [
        (None, b"new", [MOST]),
        (MOST, "a: must have 67108864 bytes, has 3: it is truncated or altered", [MOST] * 2),
        (MOST + 1, "a: must be at most 67108864 bytes, has 67108865", []),
    ],
)
def test_how_large_a_file_may_be(asked, tmp_path, size, told, reads):
    hub.get_hf_file_metadata.size = size  # type: ignore[attr-defined]
    follower = Follower(REVISION, FILES, load, cache=tmp_path)
    try:
        found: Any = follower._fetch("a", COMMIT)
    except hub._Refused as refusal:
        found = str(refusal)
    assert found == told
    assert [one[2] for one in asked if one[1] == "read"] == reads


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, "RemoteEntryNotFoundError: why"),
        ({"X_Repo_Commit": "main"}, "URL names no commit; does HF_ENDPOINT point to a Hub?"),
        ({"X_Repo_Commit": COMMIT}, None),
    ],
)
def test_a_commit_without_its_first_file_is_one_that_is_named(monkeypatch, tmp_path, headers, told):
    error = answered(404, RemoteEntryNotFoundError, **headers)

    def missing(url: str, timeout: float) -> None:
        raise error

    monkeypatch.setattr(hub, "get_hf_file_metadata", missing)
    follower = Follower(REVISION, FILES, load, cache=tmp_path)
    for _ in range(2):
        follower.look()
        problem = re.sub(r"^OSError: http\S+", "URL", follower.state.problem or "") or None
        assert (problem, follower.state.refused) == (
            told, {} if told else {COMMIT: "a: is not in the commit"}
        )  # fmt: skip


def test_a_problem_is_logged_once_and_the_time_of_each_look_is_known(monkeypatch, tmp_path, caplog):
    problems = [OSError("one"), OSError("one"), OSError("two"), None, OSError("two")]
    follower = Follower(REVISION, FILES, load, cache=tmp_path)

    def head() -> str:
        error = problems.pop(0)
        if error is not None:
            raise error
        raise hub._Refused("is bad", COMMIT)

    monkeypatch.setattr(follower, "_head", head)
    told = []
    while problems:
        caplog.clear()
        follower.look()
        told.append([one.getMessage() for one in caplog.records])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", follower.state.checked or "")
    lost = "cannot follow user/name@main: OSError: "
    assert told == [
        [f"{lost}one"], [], [f"{lost}two"], [f"refused user/name commit {COMMIT}: is bad"],
        [f"{lost}two"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "OSError: "),
        ("  one\n two", "OSError: one"),
        ("404 (Request ID: Root=1-2;3) of it (Request ID: 4)", "OSError: 404 of it"),
        ("cannot write /home/me/a.txt", "OSError: cannot write a.txt"),
        ("x" * 300, "OSError: " + "x" * 191),
    ],
)
def test_a_problem_is_told_in_a_line_without_what_changes_each_time(text, told):
    assert hub._first_line(OSError(text)) == told


def test_how_following_begins_and_ends(monkeypatch, tmp_path):
    begun: list[Any] = []
    follower = Follower(REVISION, FILES, load, cache=tmp_path)
    assert follower._thread.daemon
    follower._keep(COMMIT, {"a": b"o", "b": b"ld"})
    monkeypatch.setattr(
        follower, "_thread", SimpleNamespace(start=lambda: begun.append(follower.state.value))
    )
    monkeypatch.setattr(follower._looked, "wait", begun.append)
    follower.start()
    follower.start(2.5)
    assert begun == [b"old", 5.0, b"old", 2.5]
    looks: list[Any] = []
    monkeypatch.setattr(follower, "look", lambda: (looks.append(1), follower.stop()))
    monkeypatch.setattr(follower._stopped, "wait", lambda seconds: looks.append(seconds) or True)
    follower._run()
    follower._run()
    assert looks == [1, 60.0]
    assert follower.state.value == b"old"


def test_what_is_no_error_of_the_network_is_not_told_as_one(monkeypatch):
    monkeypatch.setattr(hub, "HfApi", lambda: Api("look", KeyError("a defect")))
    with pytest.raises(KeyError):
        hub.push("user/own", {}, private=False, message="")
