"""Publishes the app as a Space, in one commit: python scripts/deploy_space.py --help"""

import argparse
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

import yaml  # noqa: E402
from huggingface_hub import SpaceHardware, get_token  # noqa: E402
from publish import PublishError, Repository, finish, say  # noqa: E402
from space_page import space_page  # noqa: E402

from classifiers.errors import ClassifiersError, ConfigError  # noqa: E402
from classifiers.hub import Revision  # noqa: E402
from classifiers.wording import counted  # noqa: E402

# What a Space gets, and nothing else: files, and per folder the endings or names it may hold.
TOP_FILES = ("README.md", "app.py", "requirements.txt", "LICENSE")
FOLDERS = {
    "classifiers": (".py", "py.typed", ".html", ".css", ".js", ".json", ".svg", "README.md"),
    "weights": (".safetensors", ".json", "README.md", ".png"),
}
KEPT = ".gitattributes"  # the Hub's own, made with the Space

ZERO = "zero-a10g"
ZERO_TORCH = ("2.8.0", "2.9.1", "2.10.0", "2.11.0")
ZERO_PYTHON = "3.12.12"  # its other one, 3.10, is too old for this package
# PyTorch's own builds without CUDA, a tenth of the size. ZeroGPU cannot run them.
CPU_INDEX = "--extra-index-url https://download.pytorch.org/whl/cpu\n"
COLORS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
FAILED = ("NO_APP_FILE", "CONFIG_ERROR", "BUILD_ERROR", "RUNTIME_ERROR", "PAUSED", "STOPPED")
LOOK_EVERY = 5.0


def collect(root: Path = ROOT) -> dict[str, bytes]:
    """The files of the app by their path; links and hidden things are never followed."""
    found = {name: root / name for name in TOP_FILES}
    for folder, allowed in FOLDERS.items():
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            hidden = any(part.startswith((".", "__pycache__")) for part in parts)
            if not hidden and path.name.endswith(allowed):
                found[path.relative_to(root).as_posix()] = path
    return {
        name: path.read_bytes()
        for name, path in found.items()
        if path.is_file() and path.resolve() == root.resolve() / name
    }


def adapt(files: dict[str, bytes], hardware: str, torch: str | None) -> dict[str, bytes]:
    """The files with the pins that this hardware runs.

    Raises:
        ConfigError: ZeroGPU does not run the asked-for torch.
    """
    if hardware == ZERO:
        torch = torch or ZERO_TORCH[-1]
        if torch not in ZERO_TORCH:
            raise ConfigError("--torch", f"ZeroGPU runs {', '.join(ZERO_TORCH)}, got {torch}")
        readme = files["README.md"].decode()
        line = f'python_version: "{ZERO_PYTHON}"'
        readme = re.sub(r"^python_version:.*$", line, readme, count=1, flags=re.M)
        files = {**files, "README.md": readme.encode()}
    if torch:
        pins = re.sub(
            r"^torch==.*$", f"torch=={torch}", files["requirements.txt"].decode(), flags=re.M
        )
        files = {**files, "requirements.txt": pins.encode()}
    if hardware.startswith("cpu-"):
        files = {**files, "requirements.txt": CPU_INDEX.encode() + files["requirements.txt"]}
    return files


def introduce(files: dict[str, bytes], args: argparse.Namespace) -> dict[str, bytes]:
    """The files with the Space's own page in place of the project's."""
    repo = dict(args.variable).get("WEIGHTS_REPO")
    weights = Revision.parse(repo).repo if repo else None
    page = space_page(files["README.md"].decode(), args.space, weights)
    return {**files, "README.md": page.encode()}


def check(files: dict[str, bytes], hardware: str) -> None:
    """Raises ConfigError where README's front matter, the pins and the files do not agree."""
    for name in ("README.md", "app.py", "requirements.txt"):
        if name not in files:
            raise ConfigError(name, "is missing; a Space cannot start without it")
    parts = files["README.md"].decode().split("---\n")
    try:
        front = yaml.safe_load(parts[1]) if len(parts) > 2 and not parts[0] else None
    except yaml.YAMLError as error:
        raise ConfigError("README.md", f"its front matter is not YAML: {error}") from None
    if not isinstance(front, dict):
        raise ConfigError("README.md", "must start with front matter between two lines of ---")

    def demand(key: str, fits: bool, what: str) -> None:
        if not fits:
            raise ConfigError(f"README.md {key}", f"must be {what}, is {front.get(key)!r}")

    pins = {}
    for line in files["requirements.txt"].decode().removeprefix(CPU_INDEX).split():
        name, equal, pin = line.partition("==")
        if not equal:
            raise ConfigError(f"requirements.txt {line}", "must be pinned with ==")
        pins[name] = pin
    demand("sdk", front.get("sdk") == "gradio", "gradio")
    gradio = pins.get("gradio[mcp]") or pins.get("gradio")
    demand("sdk_version", front.get("sdk_version") == gradio, f"gradio's pin, {gradio}")
    demand("app_file", front.get("app_file") in files, "a file of the app")
    python = front.get("python_version")
    demand("python_version", isinstance(python, str), "a quoted string: YAML reads 3.10 as 3.1")
    version = tuple(int(part) for part in re.findall(r"\d+", str(python))[:2])
    demand("python_version", (3, 11) <= version <= (3, 13), "3.11 to 3.13")
    demand("title", bool(front.get("title")), "the Space's name")
    short = str(front.get("short_description", ""))
    demand("short_description", len(short) <= 60, "at most 60 characters")
    for key in ("colorFrom", "colorTo"):
        demand(key, front.get(key) in COLORS, f"one of {', '.join(COLORS)}")
    if hardware == ZERO:
        demand("python_version", python == ZERO_PYTHON, f"{ZERO_PYTHON} on ZeroGPU")
        if pins.get("torch") not in ZERO_TORCH:
            raise ConfigError(
                "requirements.txt torch",
                f"ZeroGPU runs {', '.join(ZERO_TORCH)}, the pin is {pins.get('torch')}",
            )
        if "spaces" not in pins:
            raise ConfigError("requirements.txt spaces", "is missing; ZeroGPU needs it")


def deploy(repository: Repository, files: dict[str, bytes], args: argparse.Namespace) -> str:
    """Does what was asked for; gives the sentence that says what is on the Hub now."""
    seen = repository.look()
    changes: dict[str, bytes | None] = {
        name: data for name, data in files.items() if seen is None or not seen.holds(name, data)
    }
    changes |= {name: None for name in seen.files if name not in files} if seen else {}
    changes.pop(KEPT, None)
    say(f"{args.space} {f'at {seen.commit}' if seen else '(does not exist yet)'}")
    for name, data in sorted(changes.items()):
        known = seen is not None and name in seen.files
        say(f"  {'-' if data is None else '~' if known else '+'} {name}")
    unchanged = len(files) - sum(data is not None for data in changes.values())
    say(f"  = {counted(unchanged, 'file')} unchanged")
    if args.dry_run:
        return f"Dry run: nothing was sent; {counted(len(changes), 'file')} would change."
    if seen is None:
        repository.create(
            private=args.private, space_sdk="gradio", space_hardware=SpaceHardware(args.hardware)
        )
        seen = repository.look()
        if seen is None:
            raise PublishError(f"{args.space}: was made but cannot be read; try again")
    configure(repository, args)
    commit = seen.commit
    if changes:
        commit = repository.commit(seen, changes, args.message)
        done = f"Published {counted(len(changes), 'change')} to {args.space}: commit {commit}."
    else:
        done = f"Nothing to publish: {args.space} holds these files already, at commit {commit}."
    if args.wait:
        info = wait_until_running(repository, commit, args.wait)
        sha256 = info["models"]["heart"]["model"]["sha256"]
        done += f" It runs, and serves heart weights {sha256[:12]} from {info['source']}."
    return done


def configure(repository: Repository, args: argparse.Namespace) -> None:
    """Variables and hardware, before the files, so that one build has them all."""
    api, name = repository.api, repository.name
    has = repository.patiently(lambda: api.get_space_variables(name))
    for key, value in args.variable:
        if key not in has or has[key].value != value:
            repository.patiently(partial(api.add_space_variable, name, key, value))
            say(f"  variable {key} is set")
    for key, value in args.secret:  # the Hub shows no secret: it is always set anew
        repository.patiently(partial(api.add_space_secret, name, key, value))
        say(f"  secret {key} is set")
    runtime = repository.patiently(lambda: api.get_space_runtime(name))
    if args.hardware not in (runtime.requested_hardware, runtime.hardware):
        hardware = SpaceHardware(args.hardware)
        repository.patiently(lambda: api.request_space_hardware(name, hardware))
        say(f"  hardware {args.hardware} is asked for")


def wait_until_running(repository: Repository, commit: str, seconds: float) -> dict[str, Any]:
    """Waits until the Space runs this commit, then asks it what it serves."""
    api, name = repository.api, repository.name
    end, stage = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        runtime = repository.patiently(lambda: api.get_space_runtime(name))
        if runtime.stage != stage:
            stage = runtime.stage
            say(f"  {stage}")
        if stage in FAILED and runtime.raw.get("sha") in (None, commit):
            reason = runtime.raw.get("errorMessage") or "see the logs on its page"
            raise PublishError(f"{name}: the commit is there, the Space is {stage}: {reason}")
        if stage == "RUNNING" and runtime.raw.get("sha") in (None, commit):
            host = repository.patiently(lambda: api.space_info(name)).host
            return _model_info(name, str(host), end)
        time.sleep(min(LOOK_EVERY, max(0.0, end - time.monotonic())))
    raise PublishError(f"{name}: the commit is there, the Space is {stage} after {seconds:g} s")


def _model_info(name: str, host: str, end: float) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    if re.fullmatch(r"https://[\w.-]+\.hf\.space", host) and get_token():
        headers["Authorization"] = f"Bearer {get_token()}"  # a private Space asks for it
    url = f"{host}/gradio_api/call/model_info"
    problem: object = "no time was left"
    while time.monotonic() < end:
        try:
            request = urllib.request.Request(url, b'{"data": []}', headers)
            with urllib.request.urlopen(request, timeout=30) as answer:
                event = json.load(answer)["event_id"]
            request = urllib.request.Request(f"{url}/{event}", headers=headers)
            with urllib.request.urlopen(request, timeout=30) as answer:
                told = answer.read().decode().rpartition("event: complete\ndata: ")[2]
            info: dict[str, Any] = json.loads(told)[0]
            return info
        except (OSError, ValueError, LookupError) as error:  # it may have just begun to listen
            problem = error
            time.sleep(min(LOOK_EVERY, max(0.0, end - time.monotonic())))
    raise PublishError(f"{name}: runs, but {url} does not answer as it should: {problem}")


def write(files: dict[str, bytes], folder: Path) -> None:
    """Writes the very files that would be sent into an empty folder."""
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError("--export", f"must be an empty folder, {folder} is not")
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def _variable(text: str) -> tuple[str, str]:
    key, equal, value = text.partition("=")
    if not equal or not re.fullmatch(r"[A-Za-z_]\w*", key):
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, got {text!r}")
    return key, value


def _secret(name: str) -> tuple[str, str]:
    """By its name alone: what is on a command line, others can read."""
    if not re.fullmatch(r"[A-Za-z_]\w*", name) or not os.environ.get(name):
        raise argparse.ArgumentTypeError(
            "must be the name of an environment variable that holds the secret"
        )
    return name, os.environ[name]


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--space", required=True, help="user/name on the Hub; made if there is none")
    add(
        "--hardware",
        default=ZERO,
        choices=[h.value for h in SpaceHardware],
        metavar="NAME",
        help=f"{ZERO} (default), cpu-basic, ...",
    )
    add("--torch", help=f"torch's pin on the Space; ZeroGPU: {', '.join(ZERO_TORCH)}")
    add(
        "--variable",
        type=_variable,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a variable of the Space, WEIGHTS_REPO=user/name for example",
    )
    add(
        "--secret",
        type=_secret,
        action="append",
        default=[],
        metavar="NAME",
        help="a secret of the Space, its value that of the environment variable of this name",
    )
    add("--private", action="store_true", help="a Space that is made is made private")
    add("--message", default="Publish the app", help="the commit's message")
    add("--dry-run", action="store_true", help="show the changes, send nothing")
    add("--export", type=Path, metavar="FOLDER", help="write the files there, send nothing")
    add(
        "--wait",
        type=float,
        nargs="?",
        const=1200.0,
        metavar="SECONDS",
        help="wait until the Space runs (1200), then ask it what it serves",
    )
    add("--timeout", type=float, default=300, help="seconds for the publishing (300)")  # fmt: skip
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    try:
        Revision.parse(args.space, "--space", refs=False)
        files = adapt(collect(), args.hardware, args.torch)
        check(files, args.hardware)
        files = introduce(files, args)
        if args.export:
            write(files, args.export)
            print(f"Wrote {counted(len(files), 'file')} to {args.export}; nothing was sent.")
            return
    except ClassifiersError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    seconds = args.timeout + (args.wait or 0)
    repository = Repository(args.space, "space", seconds)
    finish(repository, seconds, lambda: deploy(repository, files, args))


if __name__ == "__main__":
    main()
