"""push_weights.py: one commit or none, and a true sentence about it, whatever the Hub does."""

import json
import time
from pathlib import Path

import pytest

from classifiers.artifacts import hub_config, load_artifact
from tests.conftest import ROOT
from tests.processes.warm import warm
from tests.tools.hub_client import Run, copy_weights
from tests.tools.hub_server import TOKEN, Repo

LONG = {"Retry-After": "9999"}
HEART = ROOT / "weights" / "heart"
FILES = {name: (HEART / name).read_bytes() for name in ("metadata.json", "model.safetensors")}
FILES |= {path.name: path.read_bytes() for path in (HEART / "README.md", *HEART.glob("*.png"))}
FILES["config.json"] = hub_config(load_artifact(HEART).metadata)


@pytest.fixture
def repo(hub, request):
    """An existing repo with somebody's notes in it, on a Hub without faults."""
    hub.heal()
    hub.requests.clear()
    hub.received.clear()
    hub.store.clear()
    return hub.add(f"user/r{abs(hash(request.node.name)) % 10**8}", {"notes.txt": b"mine"})


@pytest.fixture
def push(scripts, repo):
    def run(*args: object, artifact: Path = HEART, **env: str) -> Run:
        return scripts("push_weights", artifact, "--repo", repo.name, *args, **env)

    return run


def has_weights(repo: Repo, ref: str = "main") -> bool:
    named = FILES["README.md"].replace(b'"user/heart"', f'"{repo.name}"'.encode())
    return (FILES | {"README.md": named}).items() <= repo.tree(ref).items()


def test_weights_metadata_and_card_arrive_in_one_commit(hub, repo, push):
    first = repo.head
    run = push()
    assert run.code == 0
    assert repo.parents[repo.head] == first
    assert has_weights(repo)
    assert repo.tree()["notes.txt"] == b"mine"
    assert f"commit {repo.head}" in run.text.splitlines()[-1]
    assert "+ model.safetensors  " in run.text
    assert hub.count("lfs_put") == len(FILES) - 3  # metadata, card and config are text
    assert hub.count("commit") == 1


def test_the_hub_gets_a_file_to_count_downloads_by(repo, push):
    push()
    told, metadata = (json.loads(repo.tree()[n]) for n in ("config.json", "metadata.json"))
    same = ("task", "format_version", "versions", "model")
    assert told == {"library_name": "classifiers", **{name: metadata[name] for name in same}}


def test_the_card_loads_the_model_from_where_it_lies(repo, push):
    push()
    card = repo.tree()["README.md"].decode()
    assert f'HeartModel.from_pretrained("{repo.name}")' in card
    assert "user/heart" not in card


def test_unchanged_weights_make_no_commit(hub, repo, push):
    push()
    head = repo.head
    hub.requests.clear()
    run = push()
    assert run.code == 0
    assert run.text.splitlines()[-1] == (
        f"Nothing to push: {repo.name} holds these files already, at commit {head}."
    )
    assert all(" GET " in request for request in hub.requests)


def test_only_what_changed_is_sent(hub, repo, push):
    repo.put({**FILES, "README.md": b"# old"})
    run = push()
    assert run.code == 0
    assert "~ README.md" in run.text
    assert "= model.safetensors" in run.text
    assert hub.count("lfs_put") == 0
    assert has_weights(repo)


def test_other_content_of_the_same_size_is_sent(repo, push):
    push()
    for name in ("metadata.json", "model.safetensors"):
        repo.put({name: FILES[name][::-1]})
        assert f"~ {name}" in push().text
        assert has_weights(repo)


def test_nothing_but_the_artifact_is_ever_sent(hub, repo, push, tmp_path):
    folder = copy_weights(tmp_path / "heart")
    for name in (".env", "notes.py", "model.pkl"):
        (folder / name).write_text("SECRET=do-not-send")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_text("SECRET=do-not-send")
    assert push(artifact=folder).code == 0
    assert set(repo.tree()) == {".gitattributes", "notes.txt", *FILES}
    assert not any(b"do-not-send" in data for data in hub.received)


def test_dry_run_sends_nothing(hub, repo, push):
    run = push("--dry-run")
    assert run.code == 0
    assert "Dry run: nothing was sent; 7 of 7 files would change." in run.text
    assert hub.received == []


def test_a_missing_repo_is_made_only_when_asked(hub, repo, scripts):
    new = f"{repo.name}-new"
    run = scripts("push_weights", HEART, "--repo", new)
    assert run.code == 1
    assert f"error: {new}: does not exist, or this token cannot see it; pass --create" in run.text
    assert ("model", new) not in hub.repos
    run = scripts("push_weights", HEART, "--repo", new, "--create", "--private")
    assert run.code == 0
    assert hub.repos["model", new].private
    assert has_weights(hub.repos["model", new])


def test_a_pull_request_leaves_main_alone(repo, push):
    head = repo.head
    run = push("--pr")
    assert run.code == 0
    assert repo.head == head
    assert has_weights(repo, "refs/pr/1")
    assert "to a pull request of" in run.text


def test_a_pull_request_whose_reply_is_lost_is_not_opened_twice(hub, repo, push):
    hub.fail("commit", status=504, lands=True)
    run = push("--pr")
    assert run.code == 0
    assert [ref for ref in repo.refs if ref.startswith("refs/pr/")] == ["refs/pr/1"]
    assert repo.refs["refs/pr/1"] in run.text.splitlines()[-1]


def test_a_tag_names_the_pushed_commit_and_never_moves(repo, push, tmp_path):
    assert push("--tag", "v1").code == 0
    pushed = repo.head
    assert repo.tags == {"v1": pushed}
    assert push("--tag", "v1").code == 0
    for theirs in ("notes.txt", "README.md"):
        repo.put({theirs: b"# changed"})
        run = push("--tag", "v1")
        assert run.code == 1
        assert f"error: --tag: v1 is taken by commit {pushed}" in run.text
    assert repo.tags == {"v1": pushed}
    assert repo.tree()["README.md"] == b"# changed"


def test_a_tag_whose_reply_is_lost_is_there(hub, repo, push):
    hub.fail("tag", status=504, lands=True)
    run = push("--tag", "v1")
    assert run.code == 0
    assert repo.tags == {"v1": repo.head}


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 409, "message": "another commit operation is in progress", "times": 2},
        {"status": 503, "times": 2},
        {"status": 500},
        {},
    ],
    ids=["409", "503", "500", "connection cut"],
)
def test_a_passing_fault_is_waited_out(hub, repo, push, fault):
    first = repo.head
    hub.fail("commit", **fault)
    run = push()
    assert run.code == 0
    assert has_weights(repo)
    assert repo.parents[repo.head] == first
    assert "trying again in" in run.text


@pytest.mark.parametrize("status", [504, 503, 0], ids=["504", "503", "connection cut"])
def test_a_lost_reply_is_no_second_commit(hub, repo, push, status):
    first = repo.head
    hub.fail("commit", status=status, lands=True)
    run = push()
    assert run.code == 0
    assert "but the commit is there" in run.text
    assert repo.parents[repo.head] == first
    assert len(repo.commits) == 2
    assert f"commit {repo.head}" in run.text.splitlines()[-1]


def test_somebody_elses_commit_to_other_files_is_built_upon(hub, repo, push):
    hub.fail("commit", before=lambda: repo.put({"other.txt": b"theirs"}))
    run = push()
    assert run.code == 0
    assert has_weights(repo)
    assert repo.tree()["other.txt"] == b"theirs"
    assert "left these files alone" in run.text


def test_somebody_elses_commit_to_our_files_is_not_overwritten(hub, repo, push):
    hub.fail("commit", before=lambda: repo.put({"metadata.json": b"theirs"}))
    run = push()
    assert run.code == 1
    assert "somebody else's commit came first and changed metadata.json; nothing was" in run.text
    assert repo.tree()["metadata.json"] == b"theirs"
    assert "model.safetensors" not in repo.tree()
    assert run.text.splitlines()[-1] == f"{repo.name} is at commit {repo.head} now."


@pytest.mark.parametrize("route", ["lfs_put", "preupload", "info", "yaml"])
def test_a_503_on_any_other_step_is_waited_out(hub, repo, push, route):
    hub.fail(route, status=503)
    assert push().code == 0
    assert has_weights(repo)


@pytest.mark.parametrize(
    ("route", "fault", "words"),
    [
        ("commit", {"status": 401}, "does not accept the token; log in"),
        ("commit", {"status": 403}, "may not write here"),
        ("commit", {"status": 400, "message": f"bad {TOKEN}"}, "bad <token>"),
        ("commit", {"status": 503, "times": 99}, "problem of its own (503)"),
        ("commit", {"status": 409, "headers": LONG}, "busy with another operation"),
        ("commit", {"status": 429, "headers": LONG}, "slow down (429)"),
        ("preupload", {"status": 429, "headers": LONG}, "did not answer in time"),
        ("commit", {"stall": True}, "did not answer in time"),
        ("lfs_put", {"stall": True}, "did not answer in time"),
    ],
    ids=["401", "403", "400", "503", "409", "429", "429 early", "stalled", "upload stalled"],
)
def test_a_lasting_fault_ends_in_time_and_says_what_is_there(hub, repo, push, route, fault, words):
    head, start = repo.head, time.monotonic()
    hub.fail(route, **fault)
    run = push("--timeout", 1 if fault.get("stall") or route == "preupload" else 3)
    assert run.code == 1
    assert time.monotonic() - start < 20
    assert words in run.text
    assert repo.head == head
    assert run.text.splitlines()[-1] == f"{repo.name} is at commit {head} now."


@pytest.mark.parametrize("exists", [True, False])
def test_a_token_without_the_scope_to_write_is_told_at_once(hub, repo, scripts, exists):
    hub.read_only = True
    name, start = repo.name if exists else f"{repo.name}-new", time.monotonic()
    run = scripts("push_weights", HEART, "--repo", name, "--create", "--timeout", 4)
    assert run.code == 1
    assert time.monotonic() - start < 10
    assert (
        f"error: {name}: the token may not write here (this token lacks the scope repo.write); "
        f"give it write access to this repo at {hub.url}/settings/tokens, or use one that has it"
    ) in run.text.splitlines()
    assert "trying again" not in run.text
    assert hub.count("commit") == 0


def test_a_hub_that_never_answers_is_said_to_be_unknown(hub, repo, push):
    hub.fail("info", stall=True, times=99)
    start = time.monotonic()
    run = push("--timeout", 1)
    assert run.code == 1
    assert time.monotonic() - start < 20
    assert run.text.splitlines()[-1].endswith("it changes nothing if the commit is there.")


def test_no_hub_at_all(repo, push, tmp_path):
    words = ("scripts/push_weights.py", str(HEART), "--repo", "a/b", "--timeout", "1")
    env = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path), "PATH": ""}
    process = warm().run(*words, cwd=ROOT, env=env)
    assert process.returncode == 1
    assert "the Hub could not be asked" in process.stdout
    assert "Traceback" not in process.stdout + process.stderr


@pytest.mark.parametrize("damage", ["truncated", "inverted", "missing", "picture"])
def test_a_bad_artifact_never_leaves(hub, repo, push, tmp_path, damage):
    folder = copy_weights(tmp_path / "heart")
    if damage == "truncated":
        (folder / "model.safetensors").write_bytes(FILES["model.safetensors"][:-9])
        words = "model.safetensors: must have"
    elif damage == "missing":
        (folder / "metadata.json").unlink()
        words = "metadata.json: is missing"
    elif damage == "picture":
        (folder / "calibration.png").unlink()
        words = "calibration.png: is missing and the card shows it"
    else:
        metadata = json.loads(FILES["metadata.json"])
        metadata["evaluation"]["out_of_fold"]["labels"] = [
            1 - label for label in metadata["evaluation"]["out_of_fold"]["labels"]
        ]
        (folder / "metadata.json").write_text(json.dumps(metadata))
        words = "out-of-fold AUC must be above 0.5"
    run = push(artifact=folder)
    assert run.code == 2
    assert words in run.text
    assert "/tmp/tmp" not in run.text.replace(str(tmp_path), "")
    assert hub.requests == []


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--repo", "name"], "error: --repo: must be user/name"),
        (["--repo", "a/b@main"], "error: --repo: must be user/name"),
        (["--repo", "a/b", "--private"], "--private: goes with --create"),
        (["--repo", "a/b", "--pr", "--tag", "v1"], "--tag: a pull request is not tagged"),
        (["--repo", "a/b", "--tag", "a b"], "--tag: must be letters"),
    ],
)
def test_bad_arguments_are_named(scripts, args, words):
    run = scripts("push_weights", HEART, *args)
    assert run.code == 2
    assert words in run.text
