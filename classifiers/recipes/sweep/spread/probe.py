"""What a worker must have in common with whoever sends it work.

Its text is sent as it is to workers that may lack the package, so it needs nothing but Python.
"""

import hashlib
import importlib.metadata
import importlib.util
import pathlib
import platform
from typing import Any


def digest_of_sources(package: pathlib.Path) -> str:
    """SHA-256 of all code of the package but the page's."""
    page = package / "ui"
    files = [path for path in sorted(package.rglob("*.py")) if not path.is_relative_to(page)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def identity() -> dict[str, str]:
    """What numbers depend on, without importing any of it: that would take seconds."""
    spec = importlib.util.find_spec("classifiers")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("cannot import classifiers; put its folder on their PYTHONPATH")
    found = {"python": platform.python_version()}
    for name in ("torch", "numpy"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            raise ModuleNotFoundError(f"have no {name}; install requirements.txt there") from None
    found["source"] = digest_of_sources(pathlib.Path(spec.origin).parent)
    return found


def processor() -> str:
    """The kind of processor, on which the last bits depend."""
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
        return names[0]
    except (OSError, IndexError):
        return platform.processor()


def check(expected: dict[str, Any]) -> str:
    """Raises RuntimeError where this process differs; returns its kind of processor."""
    words = {"source": "another version of the package", "python": "another Python"}
    found = identity()
    for name, value in expected.items():
        if found[name] != value:
            what = words.get(name, f"another {name}")
            shown = (text[:12] for text in (found[name], value))
            raise RuntimeError("have {} ({} in place of {})".format(what, *shown))
    return processor()
