"""Our Hub scripts, run by the real client in processes of their own against a loopback Hub.

The client reads its settings when it is imported. So one process per Hub imports the scripts with
that Hub's settings, and forks for each run: a run starts in milliseconds and ends like any other.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from tests.hub_server import TOKEN, Hub

_PARENT = """
import json, os, signal, sys
sys.path.insert(0, "scripts")
import deploy_space, push_weights
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


def copy_weights(folder: Path) -> Path:
    """The shipped heart artifact, for a test to change."""
    return Path(shutil.copytree(ROOT / "weights" / "heart", folder))
