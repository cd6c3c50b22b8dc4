"""The app follows its weights: every answer is one version's, whatever the Hub does meanwhile."""

import re
import threading
import time
from pathlib import Path

import pytest

from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel, parse_patient
from tests.conftest import Server
from tests.tools.app_client import Caller
from tests.tools.hub_client import make_version, settings
from tests.tools.hub_server import Repo, sha256

ROWS = [parse_patient(patient).tolist() for patient in SAMPLE_PATIENTS.values()]
ROWS = [[None if value != value else value for value in row] for row in ROWS]
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def versions(tmp_path_factory) -> list[Files]:
    folder = tmp_path_factory.mktemp("versions")
    return [make_version(folder / str(i), i / 50) for i in range(4)]


@pytest.fixture
def serve(hub, tmp_path):
    """Starts the app on this Hub; it looks for news ten times a second."""
    running = []
    hub.heal()

    def start(revision: str, **environment: str) -> Server:
        server = Server(
            tmp_path,
            **settings(hub, tmp_path / "home"),
            HF_HUB_OFFLINE="0",
            WEIGHTS_REPO=revision,
            WEIGHTS_POLL_SECONDS="0.1",
            **environment,
        )
        running.append(server)
        return server

    yield start
    for server in running:
        server.stop()
        assert "Traceback" not in server.log.read_text()


def wait_for(call, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not call():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def settled_at(url: str, commit: str, caller: Caller | None = None) -> bool:
    """Whether the app has decided about a commit; who asks often brings a caller."""
    info = (caller or Caller(url))("model_info", "short")  # all of it takes 20 ms more
    return commit in (info["commit"], *info["hub"]["refused"])


def bad_versions(good: Files, folder: Path) -> list[Files]:
    model = good["model.safetensors"]
    return [
        {**good, "model.safetensors": model[:-1] + bytes([model[-1] ^ 1])},
        {**good, "metadata.json": good["metadata.json"].replace(b'"age"', b'"years"')},
        make_version(folder, inverted=True),
    ]


def predictions(files: Files, folder: Path) -> tuple[str, list[float]]:
    """The hash of a version, and the risk of each sample patient."""
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    model = HeartModel.load(folder)
    told = [model.predict(patient).probability for patient in SAMPLE_PATIENTS.values()]
    return model.artifact.sha256, told


def test_predictions_during_6_swaps_are_each_wholly_one_good_version(
    hub, serve, versions, tmp_path
):
    repo = hub.add("user/heart", versions[0])
    server = serve("user/heart")
    assert Caller(server.url)("model_info")["commit"] == repo.head
    expected = dict(predictions(files, tmp_path / f"v{i}") for i, files in enumerate(versions))
    answers: list[tuple[int, dict]] = []
    errors: list[BaseException] = []
    swapped = threading.Event()

    def ask(number: int) -> None:
        caller = Caller(server.url)
        try:
            for i in range(10**6):
                if swapped.is_set() and len(answers) >= 400:
                    return
                time.sleep(0.05)  # else new weights are checked at a third of their speed
                which = (number + i) % len(ROWS)
                answers.append((which, caller("predict_heart", *ROWS[which], None)))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    bad = bad_versions(versions[0], tmp_path / "bad")
    # The last of all is a good one.
    for files in [one for both in zip(bad, versions[1:], strict=True) for one in both]:
        seen = len(answers) + 20
        wait_for(lambda seen=seen: len(answers) >= seen)
        repo.put(files)
        asking = Caller(server.url)
        wait_for(lambda asking=asking: settled_at(server.url, repo.head, asking))
    swapped.set()
    for thread in threads:
        thread.join()

    assert errors == []
    assert len(answers) >= 400
    for which, answer in answers:
        used = answer["model"]["sha256"]
        assert answer["probability"] == pytest.approx(expected[used][which], abs=1e-12)
    for source, used in {(a["model"]["source"], a["model"]["sha256"]) for _, a in answers}:
        commit = source.removeprefix("user/heart@")
        assert sha256(repo.commits[commit]["model.safetensors"]) == used
    assert {answer["model"]["sha256"] for _, answer in answers} == set(expected)
    last = answers[-1][1]["model"]["sha256"]
    assert last == sha256(versions[-1]["model.safetensors"])
    refused = re.findall(r"refused user/heart commit (\w+)", server.log.read_text())
    assert len(set(refused)) == 3
    # What is served now has mended them all.
    assert Caller(server.url)("model_info")["hub"]["refused"] == {}


def test_the_app_starts_with_the_hub_stalled_and_restarts_without_it(hub, serve, versions):
    repo: Repo = hub.add("user/heart", versions[1])
    hub.fail("head", stall=True, times=99)
    first = serve("user/heart")
    info = Caller(first.url)("model_info")
    assert (info["source"], info["commit"]) == ("weights/heart", None)
    assert info["hub"]["reachable"] in (None, False)
    hub.heal()
    wait_for(lambda: settled_at(first.url, repo.head))
    answer = Caller(first.url)("predict_heart", *ROWS[0], None)
    assert answer["model"]["source"] == f"user/heart@{repo.head}"
    first.stop()
    # Another start serves the last version, whatever the Hub does.
    hub.fail("head", status=503, times=10**6)
    info = Caller(serve("user/heart").url)("model_info")
    assert info["commit"] == repo.head
    assert info["hub"]["reachable"] is False
    assert "503" in info["hub"]["problem"]
