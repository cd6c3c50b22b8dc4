"""What the scripts that publish ask of a repository, and what they read: with one that only notes
it, and folders of a few files.
"""

import sys
import threading
from argparse import ArgumentTypeError, Namespace
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from huggingface_hub.errors import HfHubHTTPError

from classifiers.errors import ArtifactError, ConfigError
from tests.conftest import ROOT
from tests.test_artifacts import make

sys.path.insert(0, str(ROOT / "scripts"))
import deploy_space
import publish
import push_weights
from space_page import space_page

OLD, NEW = "a" * 40, "b" * 40
FILES = {"x": b"1", "a": b"2"}


class Shelf:
    """A repository that is found as it is told to."""

    def __init__(self, *looks: Any) -> None:
        self.name, self._looks, self.asked = "user/r", list(looks), []
        self.api = SimpleNamespace(
            get_space_variables=lambda name: {},
            get_space_runtime=lambda name: SimpleNamespace(
                requested_hardware="cpu-basic", hardware=None
            ),
        )

    def patiently(self, call: Any) -> Any:
        return call()

    def look(self) -> Any:
        return self._looks.pop(0)

    def create(self, **how: Any) -> None:
        self.asked.append(["make", how])

    def commit(self, seen: Any, changes: Any, message: str, **how: Any) -> str:
        self.asked.append(["commit", seen.commit, dict(changes), message, how])
        return NEW


HOLDS = publish.Snapshot(OLD, {"x": (1, publish.git_hash(b"1"))})


@pytest.mark.parametrize(
    ("message", "request_too", "told"),
    [(None, False, "Push a, x"), (None, True, "Push a, x"), ("Words", False, "Words")],
)
def test_a_push_is_called_after_its_files_unless_it_has_a_name(message, request_too, told):
    to: Any = Shelf(publish.Snapshot(OLD, {}))
    args = Namespace(repo="user/r", create=False, private=False, pr=request_too, tag=None,
                     message=message, dry_run=False)  # fmt: skip
    push_weights.push(to, dict(FILES), args)
    assert to.asked == [["commit", OLD, FILES, told, {"as_request": request_too}]]


def test_what_is_there_already_is_not_sent_again():
    args = Namespace(repo="user/r", create=True, private=True, pr=False, tag=None, message=None,
                     dry_run=False)  # fmt: skip
    to: Any = Shelf(HOLDS)
    push_weights.push(to, dict(FILES), args)
    assert to.asked == [["commit", OLD, {"a": b"2"}, "Push a", {"as_request": False}]]
    made: Any = Shelf(None, HOLDS)
    push_weights.push(made, dict(FILES), args)
    assert made.asked[0] == ["make", {"private": True}]
    assert made.asked[1][2:4] == [FILES, "Push a, x"]


def space_args(**more: Any) -> Namespace:
    usual = {"space": "user/r", "hardware": "cpu-basic", "variable": [], "secret": [], "wait": None,
             "private": False, "message": "Words", "dry_run": False}  # fmt: skip
    return Namespace(**{**usual, **more})


def test_a_space_is_published_under_the_message_that_was_given():
    to: Any = Shelf(HOLDS)
    deploy_space.deploy(to, dict(FILES), space_args())
    assert to.asked == [["commit", OLD, {"a": b"2"}, "Words", {}]]
    to = Shelf(None, HOLDS)
    deploy_space.deploy(to, dict(FILES), space_args(private=True))
    hardware = deploy_space.SpaceHardware.CPU_BASIC
    how = {"private": True, "space_sdk": "gradio", "space_hardware": hardware}
    assert to.asked[0] == ["make", how]


def test_what_was_made_and_cannot_be_read_is_said_to_be_so():
    told = "^user/r: was made but cannot be read; try again$"
    with pytest.raises(publish.PublishError, match=told):
        deploy_space.deploy(Shelf(None, None), dict(FILES), space_args())  # type: ignore[arg-type]
    args = space_args(repo="user/r", create=True, pr=False, tag=None)
    with pytest.raises(publish.PublishError, match=told):
        push_weights.push(Shelf(None, None), dict(FILES), args)  # type: ignore[arg-type]


def repository(**api: Any) -> Any:
    made = publish.Repository.__new__(publish.Repository)
    made.name, made.kind, made.api = "user/r", "space", SimpleNamespace(**api)  # type: ignore[assignment]
    made._end = publish.time.monotonic() + 60
    return made


@pytest.mark.parametrize("tags", [{"v1": NEW}, {"v1": OLD}, {"v0": NEW}])
def test_a_commit_is_named_once_and_is_done_where_its_name_is_not(tags):
    asked: list[Any] = []

    def name(repo: str, **how: Any) -> None:
        asked.append([repo, how])
        if "v1" in tags:
            response = httpx2.Response(403, request=httpx2.Request("POST", "http://h/x"))
            raise HfHubHTTPError("why", response=response)

    def refs(repo: str, **how: Any) -> Any:
        assert [repo, how] == ["user/r", {"repo_type": "space", "include_pull_requests": True}]
        held = [SimpleNamespace(name=one, target_commit=commit) for one, commit in tags.items()]
        return SimpleNamespace(tags=held, pull_requests=None)

    to = repository(create_tag=name, list_repo_refs=refs)
    if tags == {"v1": OLD}:
        with pytest.raises(publish.PublishError) as end:
            to.tag("v1", NEW)
        told = f"the commit is done, {NEW}, the tag is not: user/r: the token may not write here; "
        assert str(end.value).startswith(told)
    else:
        to.tag("v1", NEW)
    how = {"tag": "v1", "revision": NEW, "repo_type": "space"}
    assert asked == ([] if tags == {"v1": NEW} else [["user/r", how]])


@pytest.mark.parametrize("theirs", [b"theirs", b"new"])
def test_whose_request_was_opened_is_told_by_what_it_holds(theirs):
    """One that somebody else opened meanwhile comes first in the list."""
    heads = {"main": (OLD, b"old")}

    def look(name: str, revision: str, **how: Any) -> Any:
        commit, data = heads[revision]
        file = SimpleNamespace(
            rfilename="x", size=len(data), lfs=None, blob_id=publish.git_hash(data)
        )
        return SimpleNamespace(sha=commit, siblings=[file])

    def commit(name: str, parts: Any, **how: Any) -> None:
        heads.update({"refs/pr/7": ("c" * 40, theirs), "refs/pr/8": (NEW, b"new")})
        raise OSError("cut")

    def refs(name: str, **how: Any) -> Any:
        pulls = [SimpleNamespace(ref=ref, target_commit=heads[ref][0]) for ref in list(heads)[1:]]
        return SimpleNamespace(tags=[], pull_requests=pulls)

    to = repository(repo_info=look, create_commit=commit, list_repo_refs=refs)
    ours = to.commit(to.look(), {"x": b"new"}, "Words", as_request=True)
    assert ours == (NEW if theirs != b"new" else "c" * 40)


def test_what_takes_too_long_keeps_no_process():
    held, before = threading.Event(), set(threading.enumerate())
    with pytest.raises(TimeoutError, match=r"^no end after 0\.01 s$"):
        publish.bounded(0.01, held.wait)
    left = [thread for thread in threading.enumerate() if thread not in before]
    held.set()
    assert [thread.daemon for thread in left] == [True]
    assert [publish.bounded(9, lambda one=one: one) for one in (0, None, "x")] == [0, None, "x"]
    with pytest.raises(KeyError):
        publish.bounded(9, lambda: {}["a"])  # type: ignore[var-annotated]


def test_weights_of_another_kind_go_with_a_card_that_is_made(tmp_path):
    metadata = make(tmp_path).metadata
    files = push_weights.read_artifact(tmp_path, "user/r")
    assert list(files) == ["model.safetensors", "metadata.json", "README.md", "config.json"]
    assert files["README.md"].decode() == push_weights.minimal_card(metadata)
    assert files["config.json"] == push_weights.hub_config(metadata)
    (tmp_path / "README.md").write_text('pretrained("user/heart") ![a](a-b_1.png) ![](c.svg)')
    with pytest.raises(ArtifactError, match=r"a-b_1\.png: is missing and the card shows it"):
        push_weights.read_artifact(tmp_path, "user/r")
    (tmp_path / "a-b_1.png").write_bytes(b"\x89PNG")
    files = push_weights.read_artifact(tmp_path, "user/r")
    assert files["a-b_1.png"] == b"\x89PNG"
    assert files["README.md"] == b'pretrained("user/r") ![a](a-b_1.png) ![](c.svg)'


def test_an_app_is_collected_through_a_link_to_its_folder(tmp_path):
    place = tmp_path / "real"
    (place / "classifiers" / "folder.py").mkdir(parents=True)
    (place / "classifiers" / "folder.py" / "a.css").write_text("x")
    (place / "app.py").write_text("y")
    (tmp_path / "link").symlink_to(place)
    for root in (place, tmp_path / "link"):
        assert deploy_space.collect(root) == {"app.py": b"y", "classifiers/folder.py/a.css": b"x"}


FRONT = {"title": "x", "sdk": "gradio", "sdk_version": '"6.1"', "app_file": "app.py",
         "colorFrom": "pink", "colorTo": "gray"}  # fmt: skip


def space_files(python: str) -> dict[str, bytes]:
    lines = [f"{key}: {value}" for key, value in FRONT.items()] + [f'python_version: "{python}"']
    readme = "\n".join(["---", *lines, "---", "Words"])
    return {"README.md": readme.encode(), "app.py": b"", "requirements.txt": b"gradio==6.1\n"}


@pytest.mark.parametrize(
    ("python", "fits"),
    [("3.10.9", False), ("3.11", True), ("3.11.0", True), ("3.13", True), ("3.13.9", True),
     ("3.14", False), ("4.0", False), ("3", False), ("", False)],
)  # fmt: skip
def test_the_pythons_of_a_space(python, fits):
    try:
        deploy_space.check(space_files(python), "cpu-basic")
    except ConfigError as error:
        assert not fits
        told = f"README.md python_version: must be 3.11 to 3.13, is {python!r}"
        assert str(error) == told
    else:
        assert fits


def test_a_space_needs_each_of_three_files_and_its_front_at_the_top():
    files = space_files("3.12")
    for name in files:
        with pytest.raises(ConfigError) as end:
            deploy_space.check({k: v for k, v in files.items() if k != name}, "cpu-basic")
        assert str(end.value) == f"{name}: is missing; a Space cannot start without it"
    late = {**files, "README.md": b"Words\n" + files["README.md"]}
    with pytest.raises(ConfigError, match=r"^README\.md: must start with front matter"):
        deploy_space.check(late, "cpu-basic")


def test_files_go_into_a_folder_that_is_there_and_empty(tmp_path):
    deploy_space.write({"a/b/c.txt": b"1", "a/b/d.txt": b"2", "e": b"3"}, tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {"c.txt": b"1", "d.txt": b"2", "e": b"3"}


@pytest.mark.parametrize("name", ["2_KEY", "A-KEY", "", "EMPTY_KEY", "NO_KEY"])
def test_a_secret_has_the_name_of_a_variable_that_holds_something(name, monkeypatch):
    for key, value in {"2_KEY": "x", "A-KEY": "x", "EMPTY_KEY": "", "_KEY2": "y=z"}.items():
        monkeypatch.setenv(key, value)
    assert deploy_space._secret("_KEY2") == ("_KEY2", "y=z")
    with pytest.raises(ArgumentTypeError, match="^must be the name of an environment variable"):
        deploy_space._secret(name)


@pytest.mark.parametrize(
    ("space", "host"), [("_Some/One_", "some-one"), ("a--b/c.._d", "a-b-c-d"), ("A1/2b", "a1-2b")]
)
def test_the_host_of_a_space_is_its_name_in_letters_digits_and_single_dashes(space, host):
    page = space_page("---\ntitle: x\n---\nThe project's own.\n", space, "user/w")
    assert f"({'https://' + host}.hf.space/gradio_api/openapi.json)" in page
    assert page.startswith(f"---\ntitle: x\nthumbnail: https://huggingface.co/spaces/{space}/")
    assert "\nmodels:\n  - user/w\n---\n" in page
    assert "project's own" not in page
