"""The scripts that publish, by their parts, without a Hub: how long they wait, whom they ask, with
which words they are called, what they pin; held against what was looked at and kept.
"""

import io
import itertools
import json
import sys
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, OfflineModeIsEnabled

from tests.answers.thinned import hold
from tests.conftest import ROOT
from tests.processes.clock import Clock

sys.path.insert(0, str(ROOT / "scripts"))
import deploy_space
import pin
import publish
import push_weights


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock(100.0)
    monkeypatch.setattr(publish, "time", made)
    monkeypatch.setattr(deploy_space, "time", made)
    return made


def answered(status: int, kind: type[HfHubHTTPError] = HfHubHTTPError, **headers: str) -> Any:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    response = httpx2.Response(status, headers=named, request=httpx2.Request("GET", "http://h/x"))
    return kind("why", response=response)


def repository(seconds: float = 60.0, **api: Any) -> Any:
    made = publish.Repository.__new__(publish.Repository)
    made.name, made.kind, made.api = "user/r", "model", SimpleNamespace(**api)  # type: ignore[assignment]
    made._end = publish.time.monotonic() + seconds
    return made


def said(call: Any) -> Any:
    try:
        return call()
    except (publish.PublishError, SystemExit) as error:
        return f"{type(error).__name__}: {error}"


def test_how_long_a_fault_is_waited_out(snapshots, clock, capsys):
    errors = {
        **{str(status): answered(status) for status in (400, 404, 409, 429, 499, 500, 503)},
        "3 s": answered(429, Retry_After="3"), "a date": answered(503, Retry_After="Mon, 1 May"),
        "60 s": answered(503, Retry_After="60"), "61 s": answered(503, Retry_After="61"),
        "cut": httpx2.ConnectError("refused"), "slow": TimeoutError("no end"),
        "offline": OfflineModeIsEnabled("x"), "gated": answered(403, GatedRepoError),
    }  # fmt: skip
    for name, error in errors.items():
        began = clock.now
        told = said(lambda error=error: repository().pause(error, 2.0))
        hold(snapshots, name, [told, clock.now - began, capsys.readouterr().out])
    waits: list[float] = []

    def call() -> str:
        waits.append(clock.now)
        if len(waits) < 8:
            raise answered(503)
        return "done"

    told = said(lambda: repository(99).patiently(call))
    hold(snapshots, "again and again", [told, [b - a for a, b in itertools.pairwise(waits)]])
    waits.clear()
    hold(snapshots, "too long", [said(lambda: repository(20).patiently(call)), len(waits)])
    client = publish._client()
    hold(snapshots, "client", str(client.timeout))
    client.close()
    made: list[Any] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(publish, "set_client_factory", lambda make: made.append(make.__name__))
        patched.setattr(publish, "disable_progress_bars", lambda: made.append("no bars"))
        patched.setattr(publish.logging, "set_verbosity_error", lambda: made.append("errors"))
        own = publish.Repository("user/r", "space", 5.0)
    hold(snapshots, "made", [*made, own.name, own.kind, own._end - clock.now])


def test_whose_changes_these_are(snapshots, clock, capsys):
    def at(commit: str, **files: str) -> publish.Snapshot:
        return publish.Snapshot(commit * 40, {name: (1, one) for name, one in files.items()})

    seen, changes = at("a", x="1", y="2"), {"x": b"new", "z": None}
    heads = {"same": seen, "gone": None, "other file": at("b", x="1", y="3"),
             "our file": at("b", x="2", y="2"), "ours is gone": at("b", y="2"),
             "made by them": at("b", x="1", z="1")}  # fmt: skip
    for name, now in heads.items():
        told = said(lambda now=now: repository()._rebase(seen, now, changes))
        shown = told if isinstance(told, str) else told.commit[:4]
        hold(snapshots, name, [shown, capsys.readouterr().out])
    holds = publish.Snapshot("a", {"x": (2, publish.git_hash(b"ab"))})
    cases: list[Any] = [("x", b"ab"), ("x", b"ba"), ("x", None), ("y", None), ("y", b"")]
    longer = publish.Snapshot("a", {"x": (3, publish.git_hash(b"ab"))})
    assert not longer.holds("x", b"ab")
    hold(snapshots, "holds", [holds.holds(*case) for case in cases])
    for name, found in (("there", holds), ("another", seen), ("none", None)):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(publish.Repository, "look", lambda self, ref, found=found: found)
            told = said(lambda: repository()._confirm("c0", {"x": b"ab"}))
        hold(snapshots, f"confirmed, {name}", told)

    def fail(error: BaseException) -> Any:
        def work() -> str:
            raise error

        told = said(lambda: publish.finish(repository(), 5, work))
        return [told, *capsys.readouterr().out.splitlines()]

    def leave(code: int) -> None:
        raise SystemExit(code)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(publish, "os", SimpleNamespace(_exit=leave))
        patched.setattr(publish, "bounded", lambda seconds, call: call())
        patched.setattr(publish.Repository, "look", lambda self: None)
        for error in (KeyboardInterrupt(), ValueError(" bad\n value "), RuntimeError("r" * 400),
                      publish.PublishError("said"), OSError()):  # fmt: skip
            hold(snapshots, repr(error)[:30], fail(error))


class Api:
    """A Hub of a few files, whose next commits end as they are told to."""

    def __init__(self, *ends: Any) -> None:
        self.ends, self.asked = list(ends), []
        self.held = {"main": ("a" * 40, {"x": b"old"})}
        self.requests: list[str] = []

    def repo_info(self, name: str, repo_type: str, revision: str, files_metadata: bool) -> Any:
        commit, files = next(one for ref, one in self.held.items() if revision in (ref, one[0]))
        siblings = [
            SimpleNamespace(
                rfilename=path, size=len(data), lfs=None, blob_id=publish.git_hash(data)
            )
            for path, data in files.items()
        ]
        return SimpleNamespace(sha=commit, siblings=siblings)

    def list_repo_refs(self, name: str, **how: Any) -> Any:
        pulls = [SimpleNamespace(ref=ref, name="no", target_commit=self.held[ref][0])
                 for ref in self.requests]  # fmt: skip
        return SimpleNamespace(tags=[], pull_requests=pulls or None)

    def create_commit(self, name: str, operations: list[Any], **how: Any) -> Any:
        self.asked.append({**how, "operations": [one.path_in_repo for one in operations]})
        end, lands, ref = self.ends.pop(0)
        if lands:
            self.held[ref] = (lands * 40, {"x": b"new"})
            self.requests += [ref] if ref != "main" else []
        if end is not None:
            raise end
        return SimpleNamespace(oid=lands * 40)

    def create_repo(self, name: str, **how: Any) -> None:
        self.asked.append(how)


def caused(error: BaseException, by: BaseException | None) -> BaseException:
    error.__cause__ = by
    return error


COMMITS: dict[str, tuple[Any, ...]] = {
    "at once": ((None, "b", "main"),),
    "an upload cut": ((caused(RuntimeError("x"), OSError("cut")), "", ""), (None, "b", "main")),
    "a defect": ((caused(RuntimeError("x"), KeyError("k")), "", ""),),
    "a defect of its own": ((RuntimeError("x"), "", ""),),
    "a lost reply": ((OSError("cut"), "b", "main"),),
    "moved elsewhere": ((answered(412), "", ""),),
    "a request": ((None, "c", "refs/pr/2"),),
    "a request's lost reply": ((TimeoutError("no end"), "c", "refs/pr/2"),),
    "a request that failed": ((answered(503), "", ""), (None, "c", "refs/pr/3")),
    "a request, moved": ((answered(412), "b", "main"),),
}  # fmt: skip


def test_commits_that_end_so_or_so(snapshots, clock, capsys):
    for kind, ends in COMMITS.items():
        api, to, began = Api(*ends), repository(99), clock.now
        to.api = api
        as_request = "request" in kind
        if as_request:
            api.held["refs/pr/1"] = ("d" * 40, {"x": b"new"})
            api.requests.append("refs/pr/1")
        seen = to.look()
        try:
            told = to.commit(seen, {"x": b"new"}, "Words", as_request=as_request)
        except (publish.PublishError, RuntimeError) as error:
            told = repr(error)
        to.create(private=kind == "at once", space_sdk="gradio")
        hold(snapshots, kind, [told, clock.now - began, capsys.readouterr().out, *api.asked])


def test_when_a_space_runs(snapshots, clock, capsys, monkeypatch):
    monkeypatch.setattr(deploy_space, "_model_info", lambda *given: given[:2])
    runs: dict[str, list[tuple[str, dict[str, str]]]] = {
        "at once": [("RUNNING", {"sha": "new"})], "nobody says": [("RUNNING", {})],
        "the old one": [("RUNNING", {"sha": "old"}), ("BUILDING", {"sha": "old"}),
                        ("RUNNING", {"sha": "new"})],
        "the old one failed": [("BUILD_ERROR", {"sha": "old"}), ("RUNNING", {"sha": "new"})],
        "failed": [("BUILDING", {}), ("CONFIG_ERROR", {"sha": "new", "errorMessage": "no port"})],
        "paused": [("PAUSED", {})], "stopped": [("STOPPED", {"sha": "new"})],
        "no app": [("NO_APP_FILE", {"sha": "new"})], "broken": [("RUNTIME_ERROR", {"sha": "new"})],
        "not built": [("BUILDING", {"sha": "new"}), ("BUILD_ERROR", {"sha": "new"})],
        "never": [("BUILDING", {})] * 9,
    }  # fmt: skip
    space = SimpleNamespace(host="https://user-r.hf.space")
    for name, stages in runs.items():
        left = iter(stages)

        def runtime(_: str, left: Any = left) -> Any:
            stage, raw = next(left)
            return SimpleNamespace(stage=stage, raw=raw)

        to, began = repository(get_space_runtime=runtime, space_info=lambda _: space), clock.now
        told = said(lambda to=to: deploy_space.wait_until_running(to, "new", 22.0))
        hold(snapshots, name, [told, clock.now - began, capsys.readouterr().out.split()])


def test_who_is_shown_the_token(snapshots, clock, monkeypatch):
    asked: list[Any] = []
    replies: list[Any] = []

    def open_url(request: Any, timeout: float) -> Any:
        asked.append([request.full_url, request.data, dict(request.headers), timeout])
        reply = replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return io.BytesIO(reply)

    monkeypatch.setattr(deploy_space.urllib.request, "urlopen", open_url)
    good = [
        b'{"event_id": "e1"}',
        b'event: heartbeat\ndata: null\n\nevent: complete\ndata: [{"a": 1}]',
    ]
    for token in ("", "hf_secret"):
        monkeypatch.setattr(deploy_space, "get_token", lambda token=token: token)
        for host in ("https://user-r.hf.space", "http://user-r.hf.space", "https://hf.space.evil.com",
                     "https://evil.com/x.hf.space", "https://user-r.hf.space.evil.com",
                     "https://user-r-hf.space", "https://user-r.hf-space"):  # fmt: skip
            replies[:] = good
            info = deploy_space._model_info("user/r", host, clock.now + 9)
            hold(snapshots, f"{token} {host}", [info, *map(str, asked)])
            asked.clear()
    began = clock.now
    replies[:] = [OSError("not yet"), b"words", b'{"event_id": 3}', b"event: error", *good]
    hold(snapshots, "later", [deploy_space._model_info("user/r", "http://h", clock.now + 99),
                              clock.now - began, len(asked)])  # fmt: skip
    replies[:] = [OSError("not yet")] * 9
    for seconds in (12.0, 0.0):
        ends = said(lambda s=seconds: deploy_space._model_info("u/r", "http://h", clock.now + s))
        hold(snapshots, f"never in {seconds}", ends)


@pytest.mark.parametrize(
    ("requested", "runs_on", "asks"),
    [(None, "cpu-basic", False), ("cpu-basic", None, False), ("cpu-basic", "t4-small", False),
     ("t4-small", "zero-a10g", True), (None, None, True)],
)  # fmt: skip
def test_hardware_that_it_has_or_will_have_is_not_asked_for(requested, runs_on, asks, capsys):
    asked: list[Any] = []
    to = repository(
        get_space_variables=lambda name: {},
        get_space_runtime=lambda name: SimpleNamespace(
            requested_hardware=requested, hardware=runs_on
        ),
        request_space_hardware=lambda name, hardware: asked.append((name, hardware.value)),
    )
    deploy_space.configure(to, SimpleNamespace(variable=[], secret=[], hardware="cpu-basic"))  # type: ignore[arg-type]
    assert asked == ([("user/r", "cpu-basic")] if asks else [])
    assert capsys.readouterr().out == ("  hardware cpu-basic is asked for\n" if asks else "")


def test_no_request_is_waited_for_without_end():
    with publish._client() as client:
        limits = client.timeout
    assert (limits.connect, limits.read, limits.write, limits.pool) == (10, 30, 30, 30)


WORDS: dict[str, tuple[Any, list[str]]] = {
    "deploy": (deploy_space, ["--space", "u/s"]),
    "deploy all": (deploy_space, ["--space", "u/s", "--hardware", "t4-small", "--torch", "2.9.1",
                                  "--variable", "A=b=c", "--variable", "_B2=", "--secret", "A_KEY",
                                  "--private", "--message", "M", "--wait"]),
    "deploy waits": (deploy_space, ["--space", "u/s", "--wait", "7", "--export", "out"]),
    "deploy badly": (deploy_space, ["--space", "u/s", "--variable", "2A=b"]),
    "deploy without value": (deploy_space, ["--space", "u/s", "--variable", "A"]),
    "deploy no secret": (deploy_space, ["--space", "u/s", "--secret", "NOTHING_KEY"]),
    "push": (push_weights, ["folder", "--repo", "u/w"]),
    "push all": (push_weights, ["folder", "--repo", "u/w", "--create", "--private", "--tag",
                                "v1.0-a_b", "--message", "M", "--dry-run", "--timeout", "7"]),
    "push badly": (push_weights, ["folder", "--repo", "u/w", "--private"]),
    "push tag": (push_weights, ["folder", "--repo", "u/w", "--tag", "-v"]),
    "push odd tag": (push_weights, ["folder", "--repo", "u/w", "--tag=.v"]),
    "push request": (push_weights, ["folder", "--repo", "u/w", "--pr", "--tag", "v"]),
}  # fmt: skip


def test_what_scripts_are_called_with(snapshots, monkeypatch, capsys):
    monkeypatch.setenv("A_KEY", "hidden")
    monkeypatch.setenv("COLUMNS", "200")
    for name, (script, words) in WORDS.items():
        monkeypatch.setattr(sys, "argv", ["script.py", *words])
        told = said(lambda script=script: {k: str(v) for k, v in vars(script.parse_args()).items()})
        hold(snapshots, name, [told, capsys.readouterr().err.splitlines()[-1:]])
    made: list[Any] = []
    for script, files in ((deploy_space, "collect"), (push_weights, "read_artifact")):
        monkeypatch.setattr(script, "Repository", lambda *given: made.append(given) or "repository")
        monkeypatch.setattr(script, "finish", lambda to, seconds, work: made.append([to, seconds]))
        monkeypatch.setattr(script, files, lambda *given: {"folder": str(given).encode()})
    for name in ("adapt", "introduce", "check"):
        monkeypatch.setattr(deploy_space, name, lambda files, *given: made.append(given) or files)
    odd = {"odd space": (deploy_space, ["--space", "u/s@main"]),
           "no space": (deploy_space, ["--space", "us"]),
           "odd repo": (push_weights, ["f", "--repo", "u/w@v1"])}  # fmt: skip
    for name in ("deploy", "deploy all", "push all", *odd):
        script, words = (WORDS | odd)[name]
        monkeypatch.setattr(sys, "argv", ["script.py", *words])
        made.clear()
        told = said(script.main)
        hold(snapshots, f"main, {name}", [told, capsys.readouterr().err, *map(str, made)])


def test_what_is_pinned(snapshots, monkeypatch):
    asks = {
        "mid": [], "numpy": [], "h2": [], "typing-ext": [], "huggingface-hub": [], "oauth": [],
        "torch": ["numpy>=2", "Cards; sys_platform == 'none'"],
        "gradio": ["httpx", "mcp>=1; extra == 'mcp'", "oauth; extra == 'oauth'", "Typing_Ext"],
        "httpx": ["h2; extra == 'http2'", "numpy"], "later": ["gradio[oauth]"],
        "mcp": ["httpx[http2]", "late; python_version >= '3.13'",
                "mid; python_full_version >= '3.12.0'"],
    }  # fmt: skip

    def known(name: str) -> Any:
        if name not in asks:
            raise pin.PackageNotFoundError(name)
        return SimpleNamespace(requires=asks[name] or None)

    def installed(name: str) -> str:
        known(name)
        return f"1.{len(name)}+cpu"

    project = """[project]
name = "classifiers"
dependencies = ["torch>=2", "numpy"]
[project.optional-dependencies]
app = ["classifiers[hub]", "gradio[mcp]==6", "later"]
hub = ["huggingface_hub"]
other = ["never"]
"""
    monkeypatch.setattr(pin, "distribution", known)
    monkeypatch.setattr(pin, "version", installed)
    monkeypatch.setattr(pin, "ROOT", _Folder(project))
    for python in pin.PYTHONS:
        hold(snapshots, python, {name: sorted(one) for name, one in pin.needed(python).items()})
    for pinned in ("late==3.4\n", "late[x]==3.4;python_version>='3'\ncards==1\n", "other==2\n"):
        try:
            told = pin.requirements(pinned).splitlines()
            assert {'late==3.4;python_version>="3.13"', 'mid==1.3;python_version>="3.12"'} < {*told}
        except LookupError as error:
            told = [str(error)]
        snapshots.hold(json.dumps(pinned), told, alone=True)


class _Folder:
    """One that holds a project and nothing else."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __truediv__(self, name: str) -> Any:
        return SimpleNamespace(read_text=lambda: self._text)
