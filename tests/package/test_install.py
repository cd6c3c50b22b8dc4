"""`scripts/install.sh` on machines that differ: no GPU, no index, a wrong Python, a bad .venv."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT


def make_wheel(folder: Path, version: str) -> Path:
    """A torch that is nothing but its name and version."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"torch-{version}-py3-none-any.whl"
    info = f"torch-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """A loopback index that has the build without CUDA; it notes what it is asked for."""
    root = tmp_path_factory.mktemp("index")
    make_wheel(root / "torch", "9.9.9+cpu")
    asked: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            asked.append(self.path)

    handler = functools.partial(Handler, directory=root)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url, server.asked = f"http://127.0.0.1:{server.server_port}", asked
    yield server
    server.shutdown()


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A checkout that wants a torch, and nothing else; its ordinary index has the large one."""
    place = tmp_path_factory.mktemp("place")
    (place / "requirements.txt").write_text("torch==9.9.9\n")
    make_wheel(place / "wheels", "9.9.9")
    return place


def install(place: Path, cpu_index: str, *, gpu: bool = False, **environment: str):
    commands = place / "commands"
    commands.mkdir(exist_ok=True)
    (commands / "nvidia-smi").unlink(missing_ok=True)
    if gpu:
        (commands / "nvidia-smi").symlink_to("/bin/true")
    (place / ".venv" / "requirements.txt.stamp").unlink(missing_ok=True)
    settings = {
        **os.environ,
        "PATH": f"{commands}:{os.environ['PATH']}",
        "PYTHON": sys.executable,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(place / "wheels"),
        "PIP_CONFIG_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
        "TORCH_CPU_INDEX": cpu_index,
        **environment,
    }
    script = f"set -euo pipefail; source {ROOT}/scripts/install.sh; install requirements.txt"
    return subprocess.run(
        ["bash", "-c", script], cwd=place, env=settings, capture_output=True, text=True
    )


def torch_in(place: Path) -> str:
    code = "from importlib.metadata import version; print(version('torch'))"
    return subprocess.check_output([place / ".venv/bin/python", "-c", code], text=True).strip()


def forget_torch(place: Path) -> None:
    (info,) = (place / ".venv" / "lib").glob("python*/site-packages/torch-*.dist-info")
    shutil.rmtree(info)  # it is nothing else


def test_a_machine_without_a_gpu_gets_the_build_without_cuda(index, place):
    """Where a broken environment is, it is named and made anew first."""
    (place / ".venv" / "bin").mkdir(parents=True)
    (place / ".venv" / "bin" / "python").symlink_to("/bin/false")
    (place / ".venv" / "left").touch()
    told = install(place, index.url)
    assert told.returncode == 0, told.stderr
    assert ".venv is no environment of Python 3.11 to 3.13 with pip" in told.stderr
    assert not (place / ".venv" / "left").exists()
    assert torch_in(place) == "9.9.9+cpu"
    assert any("torch" in path for path in index.asked)
    index.asked.clear()
    assert install(place, index.url).returncode == 0
    assert index.asked == []  # it is there


def test_without_that_index_or_with_a_gpu_the_ordinary_way_is_gone(index, place):
    forget_torch(place)
    told = install(place, "http://127.0.0.1:9")
    assert told.returncode == 0, told.stderr
    assert torch_in(place) == "9.9.9"
    forget_torch(place)
    index.asked.clear()
    assert install(place, index.url, gpu=True).returncode == 0
    assert torch_in(place) == "9.9.9"
    assert index.asked == []


def test_a_python_that_does_not_fit_is_an_error(index, tmp_path):
    (tmp_path / "requirements.txt").write_text("")
    told = install(tmp_path, index.url, PYTHON="/bin/false")
    assert told.returncode != 0
    assert "error: PYTHON=/bin/false must be a Python 3.11 to 3.13" in told.stderr
    assert not (tmp_path / ".venv").exists()
