"""Where weights come from: a Hub repo at a commit, followed without ever going down.

A `Follower` looks at the repo in a thread of its own, takes a new commit's files, has them
verified by a `load` that is given from above, and swaps the result in as one reference. It knows
nothing of models. The only file of the package that talks to the Hub.

Files are read over the client's own session rather than with `hf_hub_download`: that one has no
limit on the time or the bytes a stalled or hostile server may take, and checks sizes, not hashes.
"""

import contextlib
import hashlib
import logging
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import quote

import httpx2
from huggingface_hub import (
    CommitOperationAdd,
    HfApi,
    constants,
    get_hf_file_metadata,
    get_session,
    hf_hub_url,
)
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, RemoteEntryNotFoundError
from huggingface_hub.utils import build_hf_headers, validate_repo_id

from classifiers.errors import ArtifactError, ConfigError, without_folders

T = TypeVar("T")

# HfHubHTTPError is both; a refused connection and a read that timed out are only the first.
NETWORK_ERRORS = (httpx2.HTTPError, OSError)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
TOKENS = "/settings/tokens"  # the page of the Hub where tokens get their scopes
_MOST_BYTES = 64 * 2**20
_REQUEST_SECONDS = 10.0
_FILE_SECONDS = 120.0
_COUNT_SECONDS = 3.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Revision:
    """A model repo at a branch, a tag, or, as a pin, a commit's 40 hex digits."""

    repo: str
    ref: str = "main"

    @classmethod
    def parse(cls, text: str, name: str = "WEIGHTS_REPO", *, refs: bool = True) -> "Revision":
        """Reads `user/name` and, with `refs`, `user/name@ref` or `user/name@commit`; raises
        ConfigError."""
        repo, at, ref = text.strip().partition("@")
        try:
            validate_repo_id(repo)
        except HFValidationError:
            repo = ""
        if "/" not in repo or (at and not (refs and ref)):
            forms = "user/name, user/name@ref or user/name@commit" if refs else "user/name"
            raise ConfigError(name, f"must be {forms}, got {text[:80]!r}")
        return cls(repo, ref or "main")

    @property
    def is_pin(self) -> bool:
        """A short hash is no pin: the Hub would resolve it anew each time."""
        return bool(_COMMIT.fullmatch(self.ref))

    def __str__(self) -> str:
        return f"{self.repo}@{self.ref}"


@dataclass(frozen=True)
class Following(Generic[T]):
    """All that a follower knows at one moment; replaced as a whole, never changed.

    `value` is the served version and `commit` where it is from; both None until a first version
    was verified. `reachable` is None until the first look at the Hub has ended.
    """

    value: T | None = None
    commit: str | None = None
    reachable: bool | None = None
    checked: str | None = None
    problem: str | None = None
    refused: Mapping[str, str] = field(default_factory=dict)


class Follower(Generic[T]):
    """Serves the newest commit of a revision that `load` accepts.

    Args:
        revision: what to follow; a pin is loaded once and never moves.
        files: the names that make up a version, at the root of the repo.
        load: verifies a folder holding these files and gives what is served, or raises.
        period: seconds between two looks.
        cache: keeps the last verified version for a start without the Hub; default: in HF_HOME.
    """

    def __init__(
        self,
        revision: Revision,
        files: tuple[str, ...],
        load: Callable[[Path], T],
        *,
        period: float = 60.0,
        cache: Path | None = None,
    ) -> None:
        self.revision = revision
        self.state: Following[T] = Following()
        self._files = files
        self._load = load
        self._period = period
        # A cache belongs to one ref: another branch's last version is not this one's.
        cache = cache or Path(constants.HF_HOME) / "followed-weights"
        self._cache = cache / quote(revision.repo, safe="") / quote(revision.ref, safe="")
        self._looked = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="weights-follower", daemon=True)

    def start(self, wait: float = 5.0) -> None:
        """Takes the cached version, then gives the Hub `wait` seconds to do better.

        A version that is fetched is also worked through once, which takes a second or two of a slow
        core. After `wait` the look goes on in the background, however long the Hub takes.
        """
        self._load_cached()
        self._thread.start()
        self._looked.wait(wait)

    def stop(self) -> None:
        """Ends the following; what is served stays."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.look()
            except Exception:  # a defect here must not end the following unnoticed
                logger.exception("looking at %s failed", self.revision)
            self._looked.set()
            settled = self.revision.ref in (self.state.commit, *self.state.refused)
            if settled or self._stopped.wait(self._period):
                return

    def look(self) -> None:
        """One look at the Hub, and the swap if there is something new and good."""
        commit = None
        try:
            commit = self.revision.ref if self.revision.is_pin else self._head()
            if commit not in (self.state.commit, *self.state.refused):
                self._take(commit)
            self._note(True, None)
        except _Refused as refusal:
            commit, reason = refusal.commit or commit or "", str(refusal)
            logger.warning("refused %s commit %s: %s", self.revision.repo, commit, reason)
            self.state = replace(self.state, refused={**self.state.refused, commit: reason})
            self._note(True, None)
        except NETWORK_ERRORS as error:
            status = error.response.status_code if isinstance(error, HfHubHTTPError) else 599
            self._note(status < 500 and status != 429, _first_line(error))

    def _note(self, reachable: bool, problem: str | None) -> None:
        if problem and problem != self.state.problem:
            logger.warning("cannot follow %s: %s", self.revision, problem)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.state = replace(self.state, reachable=reachable, problem=problem, checked=now)

    def _head(self) -> str:
        """The commit that the ref points to, from the headers of its smallest question."""
        url = hf_hub_url(self.revision.repo, self._files[0], revision=self.revision.ref)
        try:
            commit = get_hf_file_metadata(url, timeout=_REQUEST_SECONDS).commit_hash
        except RemoteEntryNotFoundError as error:
            commit = error.response.headers.get(constants.HUGGINGFACE_HEADER_X_REPO_COMMIT)
            if commit and _COMMIT.fullmatch(commit) and commit not in self.state.refused:
                raise _Refused(f"{self._files[0]}: is not in the commit", commit) from None
            if not commit:
                raise
        if not commit or not _COMMIT.fullmatch(commit):
            raise OSError(f"{url} names no commit; does HF_ENDPOINT point to a Hub?")
        return commit

    def _take(self, commit: str) -> None:
        """Downloads, verifies and swaps in."""
        contents = {name: self._fetch(name, commit) for name in self._files}
        with tempfile.TemporaryDirectory(prefix="weights-") as folder:
            for name, data in contents.items():
                Path(folder, name).write_bytes(data)
            value = self._verify(Path(folder))
        # What was refused before is history: whoever pushed in two halves has mended it.
        self.state = replace(self.state, value=value, commit=commit, refused={})
        logger.info("now serving %s at %s", self.revision, commit)
        try:
            self._keep(commit, contents)
        except OSError as error:  # served all the same; only a start without the Hub is poorer
            logger.warning("%s: cannot keep %s (%s)", self._cache, commit, error)

    def _verify(self, folder: Path) -> T:
        try:
            return self._load(folder)
        except Exception as error:  # whatever stops a verification, it is not verified
            reason = str(error).replace(f"{folder}{os.sep}", "")
            raise _Refused(without_folders(reason)) from None

    def _fetch(self, name: str, commit: str) -> bytes:
        """One file at a commit, as the Hub's own hash says it must be.

        A mismatch may be a bad copy on the way: it is fetched once more, then it counts.
        """
        url = hf_hub_url(self.revision.repo, name, revision=commit)
        for last in (False, True):
            try:
                about = get_hf_file_metadata(url, timeout=_REQUEST_SECONDS)
            except RemoteEntryNotFoundError:
                raise _Refused(f"{name}: is not in the commit") from None
            if about.size is not None and about.size > _MOST_BYTES:
                raise _Refused(f"{name}: must be at most {_MOST_BYTES} bytes, has {about.size}")
            data = _read(url, about.size or _MOST_BYTES)
            wrong = _mismatch(data, about.size, about.etag)
            if wrong is None:
                return data
            if last:
                raise _Refused(f"{name}: {wrong}")
        raise AssertionError("unreachable")

    def _keep(self, commit: str, contents: dict[str, bytes]) -> None:
        """Writes the verified version beside the last one, then points to it."""
        self._cache.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=self._cache, prefix=".part-"))
        try:
            for name, data in contents.items():
                (part / name).write_bytes(data)
            shutil.rmtree(self._cache / commit, ignore_errors=True)  # it may be a damaged copy
            os.replace(part, self._cache / commit)
            pointer = self._cache / f".verified-{os.getpid()}"
            pointer.write_text(commit)
            os.replace(pointer, self._cache / "verified")
        finally:
            shutil.rmtree(part, ignore_errors=True)
        for old in self._cache.iterdir():
            if _COMMIT.fullmatch(old.name) and old.name != commit:
                shutil.rmtree(old, ignore_errors=True)

    def _load_cached(self) -> None:
        """What was verified last time, verified again: a disk forgets nothing but may err."""
        try:
            commit = (self._cache / "verified").read_text()
        except OSError:
            return
        if not _COMMIT.fullmatch(commit):
            return
        try:
            self.state = replace(
                self.state, value=self._verify(self._cache / commit), commit=commit
            )
        except _Refused as refusal:
            logger.warning("%s: is not used: %s", self._cache / commit, refusal)


class _Refused(Exception):
    """A commit's content is not what it must be; `commit` where the caller does not know it."""

    def __init__(self, reason: str, commit: str | None = None) -> None:
        super().__init__(reason)
        self.commit = commit


def _read(url: str, most: int) -> bytes:
    """A file's bytes, one more than `most` at the utmost, within _FILE_SECONDS."""
    deadline = time.monotonic() + _FILE_SECONDS
    # Compressed on the way, its size could not be told from its headers.
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    data = bytearray()
    with get_session().stream("GET", url, headers=headers, timeout=_REQUEST_SECONDS) as response:
        if response.status_code != 200:
            raise OSError(f"{url} answered {response.status_code}")
        for chunk in response.iter_bytes(2**16):
            data += chunk
            if len(data) > most:
                break
            if time.monotonic() > deadline:
                raise OSError(f"{url} took more than {_FILE_SECONDS:g} s")
    return bytes(data[: most + 1])


def _mismatch(data: bytes, size: int | None, etag: str | None) -> str | None:
    """Why the bytes are not those that the Hub announced; None when they are."""
    if size is not None and len(data) != size:
        return f"must have {size} bytes, has {len(data)}: it is truncated or altered"
    if etag and _SHA256.fullmatch(etag):
        digest = hashlib.sha256(data).hexdigest()
    elif etag and _COMMIT.fullmatch(etag):
        digest = git_hash(data)
    else:
        return None
    return None if digest == etag else f"must have hash {etag}, has {digest}: it was altered"


def git_hash(data: bytes) -> str:
    """The name that git, and so the Hub, gives to a small file's content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _first_line(error: BaseException) -> str:
    text = (str(error).strip().splitlines() or [""])[0]
    text = re.sub(r" *\(Request ID:.*?\)", "", text)  # it makes every occurrence look new
    return f"{type(error).__name__}: {without_folders(text)}"[:200]


def fetch(
    revision: Revision,
    files: tuple[str, ...],
    load: Callable[[Path], T],
    cache: Path | None = None,
    counted: str = "",
) -> T:
    """The newest version that `load` accepts; without the Hub, the last one that it accepted.

    `counted`: the file whose requests the Hub counts as downloads; it is asked for where the Hub
    was asked at all, and whatever is answered changes nothing.

    Raises:
        ArtifactError: what the Hub has is refused, or there is nothing to fall back on.
    """
    follower = Follower(revision, files, load, cache=cache)
    follower._load_cached()
    if follower.state.value is None or not revision.is_pin:
        follower.look()
    state = follower.state
    if state.refused:
        commit, reason = next(iter(state.refused.items()))
        raise ArtifactError(str(revision), f"commit {commit[:12]} is refused: {reason}")
    if state.value is None:
        raise ArtifactError(
            str(revision), f"cannot be fetched ({state.problem}); {_remedy(state.problem or '')}"
        )
    if counted and state.reachable and state.commit:
        url = hf_hub_url(revision.repo, counted, revision=state.commit)
        with contextlib.suppress(Exception):  # older commits have none; the model is verified
            get_hf_file_metadata(url, timeout=_COUNT_SECONDS)
    return state.value


def _remedy(problem: str) -> str:
    """What a person can do about it."""
    if "Offline" in problem:
        return "unset HF_HUB_OFFLINE for the first time that it is loaded"
    if "Gated" in problem:
        return "ask for access on its page on the Hub, then log in with `hf auth login`"
    if re.search(r"NotFound|\b40[13] ", problem):  # such digits may stand in an address, too
        return "check its name; if it is private, log in with `hf auth login` or set HF_TOKEN"
    return "check the connection and try again"


def push(repo: str, files: Mapping[str, bytes], *, private: bool, message: str) -> str:
    """Makes a model repo if there is none, and sends files in one commit on top of its head, whose
    id is given back.

    Raises:
        ConfigError: not user/name.
        ArtifactError: the Hub refused.
    """
    name = Revision.parse(repo, "repo", refs=False).repo
    api = HfApi()
    try:
        api.create_repo(name, repo_type="model", private=private or None, exist_ok=True)
        head = api.model_info(name, timeout=_REQUEST_SECONDS).sha
        additions = [CommitOperationAdd(path, data) for path, data in files.items()]
        done = api.create_commit(name, additions, commit_message=message, parent_commit=head)
    except NETWORK_ERRORS as error:
        told = _first_line(error)
        if isinstance(error, HfHubHTTPError) and error.response.status_code in (401, 403):
            told += f"; log in with a token that may write to it, see {constants.ENDPOINT}{TOKENS}"
        raise ArtifactError(name, f"was not pushed: {told}") from None
    return str(done.oid)
