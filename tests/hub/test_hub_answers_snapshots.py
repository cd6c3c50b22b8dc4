"""What is said of a Hub and of its faults, by who follows, fetches, pushes and deploys, whole: held
against what was looked at and kept. In this process, with files of a few bytes.
"""

import itertools
import logging
import re
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from huggingface_hub import constants, set_client_factory
from huggingface_hub.utils._http import default_client_factory

from classifiers import hub as following
from classifiers.hub import Follower, Revision, fetch
from tests.answers.thinned import attempt, hold
from tests.conftest import ROOT
from tests.tools.hub_server import TOKEN, Hub, Repo, git_sha1, sha256

sys.path.insert(0, str(ROOT / "scripts"))
import deploy_space
import publish
import push_weights

FILES = ("metadata.json", "model.safetensors")
GOOD = {"metadata.json": b"one", "model.safetensors": b"first"}
URL = re.compile(r"http://127\.0\.0\.1:\d+")
SECONDS = re.compile(r"(after|trying again in) [\d.]+ s")
PLACE = re.compile(r"0x[0-9a-f]+|localhost:\d+|port=\d+|port \d+")


@pytest.fixture
def loopback(hub, monkeypatch, tmp_path) -> Hub:
    hub.heal()
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    template = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HOME", str(tmp_path / "home"))
    for name, value in {"HF_TOKEN": TOKEN, "NO_PROXY": "127.0.0.1,localhost"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(publish, "FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(publish, "LAST_LOOK_SECONDS", 2.0)
    monkeypatch.setattr(deploy_space, "LOOK_EVERY", 0.01)
    return hub


def once(asked: list[str]) -> list[str]:
    """Without what is asked again and again until it is so."""
    return [one for one, _ in itertools.groupby(asked)]


def load(folder: Path) -> str:
    """A version is good where its model does not say that it is bad."""
    told = {path.name: path.read_text() for path in sorted(folder.iterdir())}
    if "bad" in told["model.safetensors"]:
        raise ValueError(f"{folder}/model.safetensors: is bad")
    return str(told)


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if key != "checked"}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return PLACE.sub("PLACE", URL.sub("URL", value)) if isinstance(value, str) else value


def faults(repo: Repo, hub: Hub) -> dict[str, Callable[[], Any]]:
    """What happens to a repo, one after the other."""

    def refuse(route: str, **what: Any) -> Callable[[], None]:
        return lambda: hub.fail(route, **what)

    def longer(data: bytes) -> bytes:
        return b"x" * len(data)

    return {
        "nothing": lambda: None, "another": lambda: repo.put({"metadata.json": b"two"}),
        "bad": lambda: repo.put({"model.safetensors": b"bad"}), "again": lambda: None,
        "good": lambda: repo.put({"model.safetensors": b"third"}),
        "busy": refuse("head", status=503), "slow down": refuse("head", status=429),
        "forbidden": refuse("head", status=403), "cut": refuse("head"),
        "no first file": lambda: repo.commit({"model.safetensors": b"x"}),
        "no other file": lambda: repo.commit({"metadata.json": b"x"}),
        "both again": lambda: repo.put(GOOD),
        "changed on the way": lambda: (repo.put({"metadata.json": b"4"}),
                                       hub.fail("resolve", change=longer, times=1)),
        "always changed": lambda: (repo.put({"metadata.json": b"five"}),
                                   hub.fail("resolve", change=longer, times=2)),
        "model changed": lambda: (repo.put({"model.safetensors": b"sixth"}),
                                  hub.fail("cdn", change=longer, times=2)),
        "not to be had": lambda: (repo.put({"metadata.json": b"seven"}),
                                  hub.fail("resolve", status=410)),
        "no commit": refuse("head", status=200), "mended": lambda: None,
    }  # fmt: skip


def test_what_a_follower_knows(loopback, snapshots, tmp_path, caplog):
    caplog.set_level(logging.INFO, "classifiers.hub")
    repo = loopback.add("user/followed", GOOD)
    follower = Follower(Revision("user/followed"), FILES, load, cache=tmp_path)
    for name, happens in faults(repo, loopback).items():
        happens()
        caplog.clear()
        loopback.requests.clear()
        follower.look()
        told = {
            **vars(follower.state), "asked": [one for one in loopback.requests if "/user/" in one],
            "logged": [one.getMessage().replace(str(tmp_path), "HERE") for one in caplog.records],
        }  # fmt: skip
        hold(snapshots, name, plain(told), 30)
    kept = [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))]
    hold(snapshots, "kept", kept)
    (tmp_path / "user%2Ffollowed" / "main" / follower.state.commit / FILES[1]).write_text("bad")
    caplog.clear()
    again = Follower(Revision("user/followed"), FILES, load, cache=tmp_path)
    again._load_cached()
    told = [one.getMessage().replace(str(tmp_path), "HERE") for one in caplog.records]
    hold(snapshots, "damaged", [again.state.commit, *told])


def test_what_is_fetched(loopback, snapshots, tmp_path):
    repo = loopback.add("user/fetched", GOOD)
    first = repo.head
    repo.tags["v1"] = first
    bad = loopback.add("user/bad", {**GOOD, "model.safetensors": b"bad"})
    loopback.add("user/private", GOOD).private = True
    asked: dict[str, Callable[[], Any]] = {
        "newest": lambda: fetch(Revision.parse("user/fetched"), FILES, load, tmp_path / "a"),
        "a tag": lambda: fetch(Revision.parse("user/fetched@v1"), FILES, load, tmp_path / "b"),
        "a pin": lambda: fetch(Revision("user/fetched", first), FILES, load, tmp_path / "c", "x"),
        "the pin again": lambda: fetch(
            Revision("user/fetched", first), FILES, load, tmp_path / "c", "config.json"),
        "counted": lambda: fetch(
            Revision.parse("user/fetched"), FILES, load, tmp_path / "a", "config.json"),
        "refused": lambda: fetch(Revision.parse("user/bad"), FILES, load, tmp_path / "d"),
        "a bad pin": lambda: fetch(Revision("user/bad", bad.head), FILES, load, tmp_path / "e"),
        "no such repo": lambda: fetch(Revision.parse("user/none"), FILES, load, tmp_path / "f"),
        "no such tag": lambda: fetch(Revision("user/fetched", "v9"), FILES, load, tmp_path / "g"),
        "private": lambda: fetch(Revision.parse("user/private"), FILES, load, tmp_path / "h"),
    }  # fmt: skip
    for name, call in asked.items():
        loopback.requests.clear()
        told = attempt(call)
        hold(snapshots, name, plain([told, *loopback.requests]), 20)
    for status in (401, 403, 404, 500, 503):
        for last in (False, True):
            loopback.fail(
                "head", status=status, headers={"X-Error-Code": "GatedRepo"} if last else {}
            )
            where = tmp_path / f"{status}{last}"
            told = attempt(lambda where=where: fetch(Revision("user/fetched"), FILES, load, where))
            hold(snapshots, f"{status}, gated: {last}", plain(told))
            loopback.heal()
    texts = ("user/x", "user/x@v1", "user/x@", "x", "a/b/c", "user/x@" + "f" * 40, "u/" + "x" * 200,
             " user/x ", "us er/x", "", "@main", "user/x@a@b")  # fmt: skip
    told = {
        text: attempt(lambda text=text: [str(Revision.parse(text)), Revision.parse(text).is_pin])
        for text in texts
    }
    hold(snapshots, "revisions", told)
    problems = ("OfflineModeIsEnabled: x", "GatedRepoError: x", "RepositoryNotFoundError", "401 a",
                "403 b", "ConnectError", "500 of http://127.0.0.1:40312/x/model-401")  # fmt: skip
    hold(snapshots, "what to do", [following._remedy(text) for text in problems])
    data = b"some bytes"
    about = [(10, None), (9, None), (None, sha256(data)), (10, "0" * 64), (10, git_sha1(data)),
             (None, "1" * 40), (10, "else"), (None, None)]  # fmt: skip
    hold(snapshots, "whether bytes are those", [following._mismatch(data, *one) for one in about])


def test_what_is_pushed_from_a_script(loopback, snapshots):
    repo = loopback.add("user/pushed", {"notes.txt": b"mine"})
    send = following.push
    asked: list[Callable[[], Any]] = [
        lambda: send("user/pushed", {"a.txt": b"1"}, private=False, message="One"),
        lambda: send("user/new", {"a.txt": b"1"}, private=True, message="New"),
        lambda: send("user/pushed@main", {}, private=False, message=""),
        lambda: send("pushed", {}, private=False, message=""),
    ]
    for number, call in enumerate(asked):
        told = plain(attempt(call))
        made = ("model", "user/new") in loopback.repos
        hold(snapshots, f"push {number}", [told, made, len(repo.commits)])
    hold(snapshots, "private", loopback.repos["model", "user/new"].private)
    for number, status in enumerate((401, 403, 404, 412, 500)):
        loopback.fail("commit", status=status, times=9)
        told = attempt(lambda: send("user/pushed", {"b": b"2"}, private=False, message="Two"))
        hold(snapshots, f"{number}. {status}", plain(told))
        loopback.heal()


class Ended:
    """How a script ends: what it prints, and its code."""

    def __init__(self, capsys: Any, monkeypatch: Any) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, name: str, kind: str, work: Callable[[Any], str], seconds: float = 5) -> Any:
        def leave(code: int) -> None:
            raise SystemExit(code)

        self._capsys.readouterr()
        repository = publish.Repository(name, kind, seconds)
        with self._monkeypatch.context() as patched:
            patched.setattr(publish.os, "_exit", leave)
            with pytest.raises(SystemExit) as end:
                publish.finish(repository, seconds, lambda: work(repository))
        lines = self._capsys.readouterr().out.splitlines()
        lines = [SECONDS.sub(r"\1 N s", line.replace(TOKEN, "A TOKEN")) for line in lines]
        return plain([f"ends with {end.value.code}", *lines])


@pytest.fixture
def ended(capsys, monkeypatch):
    yield Ended(capsys, monkeypatch)
    set_client_factory(default_client_factory)


PUSHED = {"model.safetensors": b"m" * 2000, "metadata.json": b"{}", "README.md": b"A card"}
USUAL = {"repo": "user/w", "create": False, "private": False, "pr": False, "tag": None,
         "message": None, "dry_run": False}  # fmt: skip
LASTING = {"status": 503, "headers": {"Retry-After": "9999"}, "times": 9}
FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "busy once": ("commit", {"status": 503}), "slow down": ("info", {"status": 429}),
    "a lost reply": ("commit", {"status": 504, "lands": True}), "cut": ("refs", {}),
    "conflict": ("commit", {"status": 409, "message": "at work"}),
    "lasting": ("commit", LASTING), "no look": ("info", LASTING),
    "gone": ("commit", {"status": 404}),
    "refused": ("commit", {"status": 400, "message": "a bad file"}),
    "forbidden": ("commit", {"status": 403, "message": "no scope"}),
    "unknown": ("commit", {"status": 401}), "gated": (
        "info", {"status": 403, "headers": {"X-Error-Code": "GatedRepo"}}),
}  # fmt: skip


def test_what_pushing_says(loopback, snapshots, ended):
    def push(name: str, files: dict[str, bytes] = PUSHED, **more: Any) -> None:
        args = Namespace(**{**USUAL, **more})
        loopback.requests.clear()
        told = ended(args.repo, "model", lambda to: push_weights.push(to, dict(files), args))
        hold(snapshots, name, [*told, *plain(once(loopback.requests))], 40)

    push("no repo")
    push("made", create=True, private=True)
    push("made for all", repo="user/open", create=True)
    made = [loopback.repos["model", name].private for name in ("user/w", "user/open")]
    assert made == [True, False]
    push("again")
    push("dry", {**PUSHED, "README.md": b"Another"}, dry_run=True)
    push("another, tagged", {**PUSHED, "README.md": b"Another"}, tag="v1", message="Words")
    push("tagged again", {**PUSHED, "README.md": b"Another"}, tag="v1")
    push("tag taken", tag="v1")
    push("a request", pr=True)
    push("tag alone", {**PUSHED, "README.md": b"Another"}, tag="v2")
    repo = loopback.repos["model", "user/w"]
    for number, (name, (route, fault)) in enumerate(FAULTS.items()):
        loopback.fail(route, **fault)
        push(name, {**PUSHED, "README.md": f"{number}".encode(), "x.safetensors": bytes(number)})
        loopback.heal()
    for name, path in (("somebody's notes", "notes.txt"), ("somebody's card", "README.md")):
        loopback.fail("commit", before=lambda path=path: repo.put({path: b"theirs"}))
        push(name, {**PUSHED, "README.md": name.encode()})
    token = loopback.repos["model", "user/w"].name + TOKEN
    told = ended(token, "model", lambda to: f"Never shown: {TOKEN}")
    hold(snapshots, "a token", told)
    hold(snapshots, "takes long", ended("user/w", "model", lambda to: publish.time.sleep(1), 0.1))


APP = {"README.md": b"---\ntitle: x\n---\n", "app.py": b"1", "requirements.txt": b"torch==2\n"}


def space_args(**more: Any) -> Namespace:
    usual = {"space": "user/s", "hardware": "cpu-basic", "variable": [], "secret": [], "wait": None,
             "private": False, "message": "Publish the app", "dry_run": False}  # fmt: skip
    return Namespace(**{**usual, **more})


def test_what_deploying_says(loopback, snapshots, ended, monkeypatch):
    info = {"models": {"heart": {"model": {"sha256": "ab" * 32}}}, "source": "weights/heart"}
    loopback.space_host = "https://user-s.hf.space"
    real = deploy_space._model_info

    def deploy(name: str, files: dict[str, bytes] = APP, **more: Any) -> None:
        args = space_args(**more)
        loopback.requests.clear()
        told = ended("user/s", "space", lambda to: deploy_space.deploy(to, dict(files), args))
        hold(snapshots, name, [*told, *plain(once(loopback.requests))], 40)

    def space() -> Repo:
        return loopback.repos["space", "user/s"]

    deploy("dry, none yet", dry_run=True)
    deploy("made", private=True, variable=[("A", "1")], secret=[("B", "hidden")])
    hold(snapshots, "as it is", [vars(space()) | {"commits": None}, space().tree()])
    deploy("again", variable=[("A", "1")])
    deploy("changed", {**APP, "app.py": b"2"}, variable=[("A", "2")], message="Words")
    deploy("less", {"app.py": b"2"}, hardware="zero-a10g")
    deploy("dry", APP, dry_run=True)
    monkeypatch.setattr(deploy_space, "_model_info", lambda name, host, end: info)
    space().stages = ["BUILDING", "BUILDING", "APP_STARTING", "RUNNING"]
    deploy("waited for", wait=5.0)
    deploy("waited for again", wait=5.0)
    space().stages = ["BUILDING", "RUNTIME_ERROR"]
    deploy("failed", {**APP, "x": b"x"}, wait=5.0)
    space().stages = ["BUILDING"]
    deploy("too long", wait=0.3)
    with pytest.raises(publish.PublishError) as end:
        real("user/s", loopback.url, deploy_space.time.monotonic() + 0.3)
    hold(snapshots, "says nothing", plain(str(end.value)))


def test_what_does_not_go_together_in_a_space(snapshots, tmp_path, monkeypatch):
    front = {
        "title": "Classifiers", "sdk": "gradio", "sdk_version": '"6.1"', "app_file": "app.py",
        "python_version": '"3.12"', "short_description": "short", "colorFrom": "blue",
        "colorTo": "red",
    }  # fmt: skip

    def files(**more: str) -> dict[str, bytes]:
        lines = [f"{key}: {value}" for key, value in {**front, **more}.items() if value]
        readme = "\n".join(["---", *lines, "---", "Words"])
        pins = "gradio[mcp]==6.1\ntorch==2.9.1\nspaces==0.4\n"
        return {"README.md": readme.encode(), "app.py": b"", "requirements.txt": pins.encode()}

    changes = {
        "as it is": {}, "sdk": {"sdk": "static"}, "version": {"sdk_version": "5.0"},
        "file": {"app_file": "main.py"}, "number": {"python_version": "3.10"},
        "old": {"python_version": '"3.10"'}, "new": {"python_version": '"3.14"'},
        "no title": {"title": ""}, "long": {"short_description": "x" * 61},
        "as long as may be": {"short_description": "x" * 60}, "colour": {"colorTo": "black"},
        "other colour": {"colorFrom": ""}, "no YAML": {"title": "[1"},
    }  # fmt: skip
    for name, change in changes.items():
        for hardware in ("cpu-basic", deploy_space.ZERO):
            told = attempt(lambda c=change, h=hardware: deploy_space.check(files(**c), h))
            hold(snapshots, f"{name}, {hardware}", str(told).splitlines())
    broken = {
        "no app": {"app.py": None}, "no front": {"README.md": b"Words"},
        "not pinned": {"requirements.txt": b"gradio>=6\n"}, "half": {"README.md": b"---\na: 1\n"},
        "torch": {"requirements.txt": b"gradio==6.1\ntorch==2.0\nspaces==1\n"},
        "no spaces": {"requirements.txt": b"gradio==6.1\ntorch==2.9.1\n"},
        "words": {"README.md": b"---\nwords\n---\nx"},
    }  # fmt: skip
    zero = files(python_version=f'"{deploy_space.ZERO_PYTHON}"')
    for name, change in broken.items():
        parts = {key: data for key, data in {**zero, **change}.items() if data is not None}
        told = attempt(lambda parts=parts: deploy_space.check(parts, deploy_space.ZERO))
        hold(snapshots, name, told)
    for hardware in ("cpu-basic", "cpu-upgrade", deploy_space.ZERO, "t4-small"):
        for torch in (None, "2.8.0", "2.0"):
            told = attempt(lambda h=hardware, t=torch: deploy_space.adapt(files(), h, t))
            if isinstance(told, dict):
                told = [told[name].decode().splitlines() for name in sorted(told)]
            hold(snapshots, f"{hardware}, torch {torch}", told)
    for variable in ([], [("WEIGHTS_REPO", "user/heart@v1")]):
        told = deploy_space.introduce(files(), space_args(variable=variable, space="Us-er/my.App"))
        snapshots.hold(f"page, {variable}", told["README.md"].decode().splitlines(), alone=True)
    deploy_space.write({"a/b.txt": b"1"}, tmp_path / "out")
    again = str(attempt(lambda: deploy_space.write({}, tmp_path / "out")))
    kept = (tmp_path / "out" / "a" / "b.txt").read_text()
    hold(snapshots, "written", [kept, again.replace(str(tmp_path), "HERE")])


def test_a_card_for_weights_without_one(snapshots):
    about = SimpleNamespace(task="stars", class_names=["dwarf", "giant"],
                            model=SimpleNamespace(sha256="ab" * 32))  # fmt: skip
    snapshots.hold("card", push_weights.minimal_card(about).splitlines(), alone=True)  # type: ignore[arg-type]
    told = [publish._in_words(error, status) for error, status in (
        (TimeoutError("no end"), None), (OSError(""), None), (ValueError(" a\n b "), None),
        (httpx2.ConnectError("refused"), None), (OSError("x"), 400), (OSError("x"), 502),
        (OSError("x"), 403), (OSError("x"), 412), (OSError("x"), 409), (OSError("x"), 429),
        (OSError("x"), 404), (OSError("x"), 401),
    )]  # fmt: skip
    hold(snapshots, "in words", plain(told))
