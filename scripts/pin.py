"""Writes requirements.txt: all that the app installs, each at the version that is installed here.

What it needs is read from pyproject.toml and from the metadata of what is installed, for each
Python that the project runs on. A version that only another Python needs is kept as it was pinned.
Builds of torch bring packages of their own for cards; these follow torch's pin and have none here.

    python scripts/pin.py          # after a change of pyproject.toml or an upgrade in .venv
"""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13")


def needed(python: str) -> dict[str, set[str]]:
    """What the app needs under a Python: names, each with the extras that are asked for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    found: dict[str, set[str]] = {}
    ahead = [Requirement(text) for text in project["dependencies"] + extras["app"]]
    while ahead:
        need = ahead.pop()
        name = canonicalize_name(need.name)
        if name == project["name"]:
            ahead += [Requirement(text) for extra in need.extras for text in extras[extra]]
            continue
        if name in found and need.extras <= found[name]:
            continue
        found.setdefault(name, set()).update(need.extras)
        try:
            asked = map(Requirement, distribution(name).requires or [])
        except PackageNotFoundError:
            continue
        ahead += [
            next_one
            for next_one in asked
            if next_one.marker is None
            or any(
                next_one.marker.evaluate({**environment, "extra": extra})
                for extra in {"", *found[name]}
            )
        ]
    return found


def requirements(pinned: str) -> str:
    """The file's text. `pinned`: what it was, for what only another Python installs.

    Raises:
        LookupError: names what is neither installed nor pinned.
    """
    pins = dict(re.findall(r"^([\w.-]+)(?:\[.*?\])?==([^;\s]+)", pinned, re.MULTILINE))
    by_python = {python: needed(python) for python in PYTHONS}
    lines = []
    for name in sorted(set().union(*by_python.values())):
        asking = [python for python in PYTHONS if name in by_python[python]]
        try:
            pin = Version(version(name)).public
        except PackageNotFoundError:
            if name not in pins:
                raise LookupError(f"{name}: is not installed; pin it in requirements.txt") from None
            pin = pins[name]
        extras = ",".join(sorted(by_python[asking[0]][name]))
        # Only the later ones are told apart: so far nothing is needed by the earlier ones alone.
        marker = "" if len(asking) == len(PYTHONS) else f';python_version>="{asking[0]}"'
        lines.append(f"{name}{f'[{extras}]' if extras else ''}=={pin}{marker}\n")
    return "".join(lines)


if __name__ == "__main__":
    file = ROOT / "requirements.txt"
    file.write_text(requirements(file.read_text()))
