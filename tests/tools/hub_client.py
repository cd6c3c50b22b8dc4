"""Our Hub scripts, run by the real client in processes of their own against a loopback Hub.

The client reads its settings when it is imported. So one process per Hub imports the scripts with
that Hub's settings, and forks for each run: a run starts in milliseconds and ends like any other.
It waits as the scripts do, but for a shorter time where no answer asks for a longer one.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from classifiers.artifacts import load_artifact, resave_artifact
from tests.tools.hub_server import TOKEN, Hub

ROOT = Path(__file__).resolve().parents[2]

_PARENT = """
import json, os, signal, sys
sys.path.insert(0, "scripts")
import deploy_space, publish, push_weights
publish.FIRST_WAIT_SECONDS, publish.LAST_LOOK_SECONDS = 0.1, 2.0
deploy_space.LOOK_EVERY = 0.1
import torch
torch.set_num_threads(1)
print("ready", flush=True)
for line in sys.stdin:
    run = json.loads(line)
    child = os.fork()
    if child == 0:
        signal.alarm(120)
        out = os.open(run["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1), os.dup2(out, 2)
        os.environ.update(run["env"])
        sys.argv = [run["script"] + ".py", *run["args"]]
        try:
            sys.modules[run["script"]].main()
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


class Scripts:
    """Runs push_weights and deploy_space; keep no more than one a Hub."""

    def __init__(self, hub: Hub, home: Path) -> None:
        self._out = home / "output.txt"
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PARENT],
            cwd=ROOT,
            env=settings(hub, home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout.readline() == "ready\n"

    def __call__(self, script: str, *args: object, **env: str) -> Run:
        run = {"script": script, "args": [str(a) for a in args], "env": env, "out": str(self._out)}
        self._process.stdin.write(json.dumps(run) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        text = self._out.read_text()
        assert TOKEN not in text, "a token was printed"
        assert "Traceback" not in text, text
        return Run(code, text)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)


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
        self._process = subprocess.Popen(
            [sys.executable, "-c", _FOLLOWER],
            cwd=ROOT,
            env=settings(hub, home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(home / "follower.log").open("w"),
            text=True,
        )
        assert self._process.stdout.readline() == "ready\n"

    def _ask(self, **asked: Any) -> dict[str, Any]:
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

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
        self._process.stdin.close()
        self._process.wait(10)


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
