"""deploy_space.py: the allowed files and no others, one commit, pins that the hardware runs."""

import json
import os
import re
import subprocess
import sys
import time
import venv
from types import SimpleNamespace

import pytest
import yaml

from tests.conftest import ROOT, Server
from tests.processes.warm import warm
from tests.tools.app_client import Caller
from tests.tools.hub_client import Run
from tests.tools.hub_server import TOKEN, Repo

sys.path.insert(0, str(ROOT / "scripts"))
import deploy_space
from space_page import space_page

LONG = {"Retry-After": "9999"}


@pytest.fixture(scope="module")
def sent() -> dict[str, bytes]:
    return deploy_space.adapt(deploy_space.collect(), deploy_space.ZERO, None)


@pytest.fixture
def name(hub, request) -> str:
    hub.heal()
    hub.requests.clear()
    hub.received.clear()
    return f"user/s{abs(hash(request.node.name)) % 10**8}"


@pytest.fixture
def space(hub, name) -> Repo:
    """A Space that holds something old."""
    space = hub.add(name, {"old.py": b"old", "app.py": b"old"}, kind="space")
    space.hardware = deploy_space.ZERO
    return space


@pytest.fixture
def deploy(scripts, name):
    return lambda *args, **env: scripts("deploy_space", "--space", name, *args, **env)


def test_a_new_space_gets_the_app_in_one_commit(hub, name, deploy, sent):
    run: Run = deploy("--private", "--variable", "WEIGHTS_REPO=user/heart")
    assert run.code == 0, run.text
    space = hub.repos["space", name]
    assert (space.sdk, space.hardware, space.private) == ("gradio", "zero-a10g", True)
    assert space.variables == {"WEIGHTS_REPO": "user/heart"}
    assert len(space.commits) == 2
    own = {name: space.tree()[name] for name in (".gitattributes", "README.md")}
    assert space.tree() == {**sent, **own}
    assert run.text.splitlines()[-1].endswith(f"to {name}: commit {space.head}.")


def test_what_the_list_has_not_is_deleted_and_a_second_run_changes_nothing(space, deploy, sent):
    run = deploy()
    assert run.code == 0
    assert "  - old.py" in run.text
    assert "  ~ app.py" in run.text
    assert set(space.tree()) == {*sent, ".gitattributes"}
    head = space.head
    run = deploy()
    assert space.head == head
    assert run.text.splitlines()[-1].startswith("Nothing to publish: ")


def test_no_secret_test_cache_or_link_is_ever_collected(tmp_path):
    for path in (
        ".env", "app.py", "README.md", "secret.txt", "tests/test_x.py", "scripts/x.py",
        "classifiers/a.py", "classifiers/.env", "classifiers/a.pyi", "classifiers/key.pem",
        "classifiers/__pycache__/a.py", "classifiers/.hidden/a.py", "classifiers/.a.py",
        "weights/heart/notes.txt", "weights/heart/model.safetensors",
        "weights/heart/optimizer.pt", "requirements-dev.txt",
        "weights/heart/calibration.png", "classifiers/photograph.png",
    ):  # fmt: skip
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path)
    (tmp_path / "classifiers" / "link.py").symlink_to(tmp_path / ".env")
    (tmp_path / "requirements.txt").symlink_to(tmp_path / "secret.txt")
    assert set(deploy_space.collect(tmp_path)) == {
        "app.py", "README.md", "classifiers/a.py", "weights/heart/model.safetensors",
        "weights/heart/calibration.png",
    }  # fmt: skip


def test_every_file_that_the_repository_tracks_for_the_app_is_sent(sent):
    tracked = subprocess.run(
        ["git", "ls-files", "app.py", "classifiers", "weights", "requirements.txt", "README.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if tracked.returncode:
        pytest.skip("this is no git checkout: what is tracked cannot be told")
    assert {p for p in tracked.stdout.splitlines() if (ROOT / p).exists()} <= set(sent)


def test_dry_run_sends_nothing(hub, space, deploy):
    run = deploy("--dry-run")
    assert run.code == 0
    assert "Dry run: nothing was sent" in run.text
    assert hub.received == []


def test_zerogpu_gets_the_pins_that_it_runs(sent):
    assert b"torch==2.11.0\n" in sent["requirements.txt"]
    assert b'python_version: "3.12.12"\n' in sent["README.md"]
    other = deploy_space.adapt(deploy_space.collect(), "cpu-basic", None)
    index, _, pins = other["requirements.txt"].partition(b"\n")
    assert index == b"--extra-index-url https://download.pytorch.org/whl/cpu"
    assert pins == (ROOT / "requirements.txt").read_bytes()
    assert b"index-url" not in sent["requirements.txt"]
    deploy_space.check(other, "cpu-basic")


@pytest.mark.parametrize("torch", ["2.13.0", "2.11.0+cpu", "2.7.1"])
def test_zerogpu_pins_that_do_not_run_are_refused(hub, name, deploy, torch):
    run = deploy("--torch", torch)
    assert run.code == 2
    assert f"error: --torch: ZeroGPU runs 2.8.0, 2.9.1, 2.10.0, 2.11.0, got {torch}" in run.text
    assert hub.requests == []


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (
            "README.md",
            "sdk_version: 6",
            "sdk_version: 5",
            "README.md sdk_version: must be gradio's",
        ),
        ("requirements.txt", "]==6", "]==5", "README.md sdk_version: must be gradio's pin, 5"),
        ("README.md", '"3.12.12"', "3.12", "README.md python_version: must be a quoted string"),
        ("README.md", '"3.12.12"', '"3.10.13"', "README.md python_version: must be 3.11 to 3.13"),
        ("README.md", '"3.12.12"', '"3.11.9"', "README.md python_version: must be 3.12.12 on Zero"),
        ("README.md", "app_file: app", "app_file: main", "README.md app_file: must be a file of"),
        ("README.md", "sdk: gradio", "sdk: docker", "sdk: must be gradio, is 'docker'"),
        ("README.md", "colorTo: ", "colorTo: bright", "README.md colorTo: must be one of"),
        ("README.md", "description: ", "description: " + 60 * "x", "at most 60 characters"),
        ("README.md", "---\ntitle", "title", "README.md: must start with front matter"),
        ("README.md", "title: ", "title: [", "README.md: its front matter is not YAML"),
        ("requirements.txt", "spaces==", "space==", "requirements.txt spaces: is missing"),
        ("requirements.txt", "numpy==", "numpy>=", "requirements.txt numpy>=2.4.6: must be pinned"),
        ("requirements.txt", "torch==2.11.0", "torch==2.13.0", "requirements.txt torch: ZeroGPU"),
    ],
)
def test_what_does_not_agree_is_named(sent, name, old, new, words):
    deploy_space.check(sent, deploy_space.ZERO)
    assert old.encode() in sent[name]
    bad = {**sent, name: sent[name].replace(old.encode(), new.encode(), 1)}
    with pytest.raises(deploy_space.ConfigError) as caught:
        deploy_space.check(bad, deploy_space.ZERO)
    assert str(caught.value).startswith(words) or words in str(caught.value)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 409, "message": "another operation is in progress"},
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 503},
        {"status": 504, "lands": True},
        {"lands": True},
    ],
    ids=["409", "429", "503", "lost reply", "cut after it landed"],
)
def test_a_passing_fault_leaves_one_commit(hub, space, deploy, sent, fault):
    first = space.head
    hub.fail("commit", **fault)
    assert deploy().code == 0
    assert space.parents[space.head] == first
    assert set(space.tree()) == {*sent, ".gitattributes"}


@pytest.mark.parametrize("route", ["runtime", "variables", "hardware", "info", "lfs_put"])
def test_a_503_on_any_other_step_is_waited_out(hub, space, deploy, sent, route):
    hub.fail(route, status=503)
    assert deploy("--variable", "A=b", "--hardware", "cpu-basic").code == 0
    assert (space.hardware, space.variables) == ("cpu-basic", {"A": "b"})
    assert b"torch==2.13.0" in space.tree()["requirements.txt"]


@pytest.mark.parametrize(
    ("route", "fault", "words"),
    [
        ("commit", {"status": 401}, "does not accept the token"),
        ("commit", {"status": 403}, "may not write here"),
        ("commit", {"status": 429, "headers": LONG}, "slow down (429)"),
        ("commit", {"status": 503, "headers": LONG}, "problem of its own (503)"),
        ("commit", {"stall": True}, "did not answer in time"),
        ("variables", {"status": 402, "message": f"pay, {TOKEN}"}, "pay, <token>"),
    ],
    ids=["401", "403", "429", "503", "stalled", "402"],
)
def test_a_lasting_fault_changes_nothing_and_says_so(hub, space, deploy, route, fault, words):
    head, start = space.head, time.monotonic()
    hub.fail(route, **fault)
    run = deploy("--timeout", 1 if fault.get("stall") else 3, "--variable", "A=b")
    assert run.code == 1
    assert time.monotonic() - start < 20
    assert words in run.text
    assert run.text.splitlines()[-1] == f"{space.name} is at commit {head} now."
    assert space.head == head


@pytest.mark.parametrize("exists", [True, False])
def test_a_token_without_the_scope_to_write_is_told_at_once(hub, name, deploy, exists):
    if exists:
        hub.add(name, {"app.py": b"old"}, kind="space").hardware = deploy_space.ZERO
    hub.read_only = True
    run = deploy("--variable", "A=b", "--timeout", 4)
    assert run.code == 1
    (told,) = [line for line in run.text.splitlines() if line.startswith("error: ")]
    assert told.startswith(f"error: {name}: the token may not write here (this token lacks")
    assert told.endswith(f"at {hub.url}/settings/tokens, or use one that has it")
    assert "trying again" not in run.text


def test_somebody_elses_change_to_the_app_is_not_overwritten(hub, space, deploy):
    hub.fail("commit", before=lambda: space.put({"app.py": b"theirs"}))
    run = deploy()
    assert run.code == 1
    assert "somebody else's commit came first and changed app.py" in run.text
    assert space.tree()["app.py"] == b"theirs"


def test_waiting_ends_with_what_the_space_serves(hub, space, deploy, app_url):
    space.stages = ["BUILDING", "APP_STARTING", "RUNNING"]
    hub.space_host = app_url
    run = deploy("--wait", 40)
    assert run.code == 0, run.text
    assert [s for s in ("BUILDING", "APP_STARTING", "RUNNING") if f"  {s}\n" in run.text]
    assert "It runs, and serves heart weights" in run.text.splitlines()[-1]
    assert "from weights/heart." in run.text.splitlines()[-1]


def test_waiting_for_a_space_that_fails_says_so(space, deploy):
    space.stages = ["BUILDING", "BUILD_ERROR"]
    run = deploy("--wait", 30)
    assert run.code == 1
    assert "the commit is there, the Space is BUILD_ERROR: see the logs" in run.text
    assert run.text.splitlines()[-1] == f"{space.name} is at commit {space.head} now."


def test_the_commit_before_is_not_taken_for_this_one(monkeypatch):
    left = iter(["RUNNING old", "BUILD_ERROR old", "BUILDING new", "RUNNING new"])

    def runtime(_: str) -> SimpleNamespace:
        stage, commit = next(left).split()
        return SimpleNamespace(stage=stage, raw={"sha": commit})

    api = SimpleNamespace(get_space_runtime=runtime, space_info=lambda _: SimpleNamespace(host="x"))
    repository = SimpleNamespace(api=api, name="user/s", patiently=lambda call: call())
    monkeypatch.setattr(deploy_space, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(deploy_space, "_model_info", lambda *_: {"left": [*left]})
    assert deploy_space.wait_until_running(repository, "new", 60) == {"left": []}


def test_the_very_files_it_sends_serve_in_a_clean_environment(scripts, tmp_path):
    """Exports what would be sent and starts it away from this checkout.

    With INSTALL_SPACE=1, in an environment of its own into which requirements.txt is installed, as
    the Hub would (minutes). Without, with this one's packages: then only the files are clean.
    The pins are those of cpu-basic: ZeroGPU's torch is not the one that these tests run with.
    """
    files, python = tmp_path / "space", ""
    run = scripts("deploy_space", "--space", "a/b", "--hardware", "cpu-basic", "--export", files)
    assert run.code == 0
    if os.environ.get("INSTALL_SPACE") == "1":
        venv.create(tmp_path / "venv", with_pip=True)
        python = str(tmp_path / "venv" / "bin" / "python")
        pip = [python, "-m", "pip", "install", "--quiet", "-r", str(files / "requirements.txt")]
        subprocess.run(pip, check=True, timeout=900)
    home = {"HOME": str(tmp_path), "HF_HOME": str(tmp_path / "hf"), "PYTHONPATH": ""}
    server = Server(tmp_path, files, python, **home)
    try:
        info = Caller(server.url)("model_info")
    finally:
        server.stop()
    assert info["source"] == "weights/heart"
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--space", "name"], "error: --space: must be user/name"),
        (["--space", "a/b", "--variable", "x"], "must be NAME=VALUE"),
        (["--space", "a/b", "--hardware", "toaster"], "--hardware"),
    ],
)
def test_bad_arguments_are_named(scripts, args, words):
    run = scripts("deploy_space", *args)
    assert run.code == 2
    assert words in run.text


def test_a_space_has_a_page_of_its_own(name, deploy, hub):
    assert deploy("--variable", "WEIGHTS_REPO=user/heart@v1").code == 0
    readme = hub.repos["space", name].tree()["README.md"].decode()
    front = yaml.safe_load(readme.split("---\n")[1])
    assert front["models"] == ["user/heart"]
    picture = front["thumbnail"].partition("/resolve/main/")[2]
    assert (ROOT / picture).is_file()
    body = readme.split("---\n", 2)[2]
    assert "scripts/" not in body
    assert f'Client("{name}")' in body
    assert "The heart model is [user/heart](https://huggingface.co/user/heart)." in body
    for line in body.splitlines():
        if "mcpServers" in line:
            (server,) = json.loads(line)["mcpServers"].values()
            assert server["url"].startswith(f"https://{name.replace('/', '-')}.hf.space/")


def test_the_page_knows_the_space_by_the_name_of_its_host(sent):
    page = space_page(sent["README.md"].decode(), "Some_One/My.App", None)
    assert set(re.findall(r"https://[\w-]+\.hf\.space", page)) == {
        "https://some-one-my-app.hf.space"
    }
    assert 'Client("Some_One/My.App")' in page
    assert "models" not in yaml.safe_load(page.split("---\n")[1])


def test_a_secret_is_sent_and_never_shown(name, deploy, hub):
    run = deploy("--secret", "API_KEY", API_KEY="hush-hush")
    assert run.code == 0, run.text
    assert hub.repos["space", name].secrets == {"API_KEY": "hush-hush"}
    assert "secret API_KEY is set" in run.text
    assert "hush" not in run.text
    assert "must be the name of an environment variable" in deploy("--secret", "A=b").text


def test_offline_is_said_at_once(name, scripts, tmp_path):
    env = {**os.environ, "HF_HUB_OFFLINE": "1"}
    told = warm().run("scripts/deploy_space.py", "--space", name, cwd=ROOT, env=env)
    assert told.returncode == 1
    assert "HF_HUB_OFFLINE is set, so the Hub is not asked; unset it" in told.stdout
    assert "trying again" not in told.stdout
