"""Our Hub scripts, and the package, run by the real client against a loopback Hub.

The client reads its settings when it is imported. So one process per Hub imports the scripts, or
the package, with that Hub's settings, and forks for each run: a run starts in milliseconds and
ends like any other. It waits as ours do, but for a shorter time where no answer asks for a longer.
"""

import json
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from classifiers.artifacts import load_artifact, resave_artifact
from tests.processes.warm import Talk
from tests.tools.hub_server import TOKEN, Hub

ROOT = Path(__file__).resolve().parents[2]

_PARENT = """
import json, os, signal, sys
import torch
torch.set_num_threads(1)
exec(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    run = json.loads(line)
    child = os.fork()
    if child == 0:
        signal.alarm(120)
        for number, name in enumerate((run["out"], run["err"]), 1):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
        os.environ.update(run["env"])
        sys.argv = run["argv"]
        try:
            exec(run["code"])
        except SystemExit as end:
            sys.stdout.flush()
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr, flush=True)
            os._exit(end.code if isinstance(end.code, int) else 1 if end.code else 0)
        except BaseException:
            import traceback
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(99)
        sys.stdout.flush()
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
_SCRIPTS = """
sys.path.insert(0, "scripts")
import deploy_space, publish, push_weights
publish.FIRST_WAIT_SECONDS, publish.LAST_LOOK_SECONDS = 0.02, 2.0
deploy_space.LOOK_EVERY = 0.02
"""
_PACKAGE = """
import classifiers.recipes.heart.model
from classifiers import hub
hub._COUNT_SECONDS = 0.5
"""
_LINE = """
from classifiers import HeartModel
from classifiers.errors import ClassifiersError
try:
    {}
except ClassifiersError as error:
    print(type(error).__name__, error)
"""


def settings(hub: Hub, home: Path) -> dict[str, str]:
    """The environment in which the client talks to this Hub and touches nothing else."""
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("HF_")},
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(home),
        "HF_TOKEN": TOKEN,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1,localhost",
    }


@dataclass(frozen=True)
class Run:
    code: int
    text: str


class _Forks:
    """A process that has imported something with these settings, and forks for each run."""

    def __init__(self, imports: str, home: Path, env: dict[str, str]) -> None:
        self._folder = Path(tempfile.mkdtemp(dir=home))
        self._talk = Talk(_PARENT, imports, folder=self._folder, cwd=ROOT, env=env)

    def _run(self, code: str, argv: list[str], env: dict[str, str]) -> tuple[int, str, str]:
        """The exit code, and what it said on either side."""
        said = [self._folder / name for name in ("out", "err")]
        for path in said:
            path.write_text("")
        out, err = map(str, said)
        run = {"code": code, "argv": argv, "env": env, "out": out, "err": err}
        code_of_exit = int(self._talk.ask(run))
        return code_of_exit, said[0].read_text(), said[1].read_text()

    def close(self) -> None:
        self._talk.close()


class Scripts(_Forks):
    """Runs push_weights and deploy_space; keep no more than one a Hub."""

    def __init__(self, hub: Hub, home: Path) -> None:
        super().__init__(_SCRIPTS, home, settings(hub, home))

    def __call__(self, script: str, *args: object, **env: str) -> Run:
        words = [f"{script}.py", *map(str, args)]
        code, out, err = self._run(f"import {script}\n{script}.main()", words, env)
        text = err + out
        assert TOKEN not in text, "a token was printed"
        assert "Traceback" not in text, text
        return Run(code, text)


class Package(_Forks):
    """Runs a line of somebody's own script, which has a HeartModel; `environment` adds settings."""

    def __init__(self, hub: Hub, home: Path, **environment: str) -> None:
        super().__init__(_PACKAGE, home, settings(hub, home) | environment)

    def __call__(self, line: str) -> str:
        """What it prints."""
        code, out, err = self._run(_LINE.format(line), [], {})
        assert code == 0, err
        return out.strip()


_FOLLOWER = """
import json, sys, time
from pathlib import Path
import torch
from classifiers.hub import Follower, Revision
from classifiers.recipes.heart.direction import load_checked
torch.set_num_threads(1)
follower = None
print("ready", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if "follow" in asked:
        if follower:
            follower.stop()
        follower = Follower(
            Revision.parse(asked["follow"]), ("metadata.json", "model.safetensors"), load_checked,
            period=asked["period"], cache=Path(asked["cache"]),
        )
    start = time.monotonic()
    if "wait" in asked:
        follower.start(asked["wait"])
    elif asked.get("look"):
        follower.look()
    state = follower.state
    print(json.dumps({
        **{key: value for key, value in vars(state).items() if key != "value"},
        "sha256": state.value and state.value.artifact.sha256,
        "seconds": time.monotonic() - start,
    }), flush=True)
"""


class FollowerProcess:
    """A process that follows a repo and tells, after each step, all that it knows."""

    def __init__(self, hub: Hub, home: Path) -> None:
        self._talk = Talk(_FOLLOWER, folder=home, cwd=ROOT, env=settings(hub, home))

    def _ask(self, **asked: Any) -> dict[str, Any]:
        return json.loads(self._talk.ask(asked))

    def follow(self, revision: str, cache: Path) -> None:
        """Begins anew, as a process that has just started would, without looking yet."""
        self._ask(follow=revision, cache=str(cache), period=3600)

    def start(self, revision: str, cache: Path, wait: float = 3.0, period: float = 3600) -> Any:
        return self._ask(follow=revision, cache=str(cache), period=period, wait=wait)

    def look(self) -> dict[str, Any]:
        return self._ask(look=True)

    def tell(self) -> dict[str, Any]:
        return self._ask()

    def close(self) -> None:
        self._talk.close()


def make_version(folder: Path, shift: float = 0.0, *, inverted: bool = False) -> dict[str, bytes]:
    """A consistent artifact whose logits are the shipped ones plus `shift`, or their opposite."""
    artifact = load_artifact(ROOT / "weights" / "heart")
    network = artifact.network.copy(dtype=torch.float32)
    state = network.state_dict()
    sign = -1 if inverted else 1
    state["layers.1.weight"] *= sign
    state["layers.1.bias"] = sign * state["layers.1.bias"] + shift
    network.load_state_dict(state)
    changed = replace(artifact, network=network)
    resave_artifact(changed, folder, evaluation=artifact.metadata.evaluation)
    return {name: (folder / name).read_bytes() for name in ("metadata.json", "model.safetensors")}


def copy_weights(folder: Path) -> Path:
    """The shipped heart artifact, for a test to change."""
    return Path(shutil.copytree(ROOT / "weights" / "heart", folder))
