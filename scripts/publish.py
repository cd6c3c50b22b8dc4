"""One commit on the Hub, whatever happens on the way. Used by push_weights.py and deploy_space.py.

Whatever a reply said, or if none came, the Hub is asked again what it holds before anything is
repeated or reported. Every step ends within the time that the caller allows.
"""

import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx2
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    constants,
    get_token,
    set_client_factory,
)
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)
from huggingface_hub.utils import disable_progress_bars, logging
from huggingface_hub.utils._http import default_client_factory

from classifiers.hub import NETWORK_ERRORS, TOKENS, git_hash

T = TypeVar("T")
REQUEST_SECONDS = 30.0  # of silence
LAST_LOOK_SECONDS = 10.0
FIRST_WAIT_SECONDS = 1.0  # after a passing fault; then twice as long each time


class PublishError(Exception):
    """It did not work; the text says what is the matter and what to do."""


@dataclass(frozen=True)
class Snapshot:
    """A commit and, by path, the size and the digest of each of its files."""

    commit: str
    files: Mapping[str, tuple[int, str]]

    def holds(self, path: str, data: bytes | None) -> bool:
        """Whether a path has this content; None = whether it is absent."""
        if data is None or path not in self.files:
            return data is None and path not in self.files
        size, digest = self.files[path]
        own = hashlib.sha256(data).hexdigest() if len(digest) == 64 else git_hash(data)
        return (size, digest) == (len(data), own)


def say(text: str) -> None:
    """Prints, whatever a server may have put into its messages, without the token."""
    token = get_token()
    print(text.replace(token, "<token>") if token else text, flush=True)


def bounded(seconds: float, call: Callable[[], T]) -> T:
    """Runs a call in a thread and raises TimeoutError when it takes longer.

    The library has waits and reads without a limit of their own; they end with the process.
    """
    box: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            box.append(call())
        except BaseException as error:  # it is raised again where it is waited for
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not box:
        raise TimeoutError(f"no end after {seconds:g} s")
    return box[0]


class Repository:
    """A model repo or a Space, with a clock that all work on it shares."""

    def __init__(self, name: str, kind: str, seconds: float) -> None:
        disable_progress_bars()
        logging.set_verbosity_error()
        set_client_factory(_client)
        self.name, self.kind = name, kind
        self.api = HfApi()
        self._end = time.monotonic() + seconds

    def patiently(self, call: Callable[[], T]) -> T:
        """Repeats what may safely be done twice until it works, cannot work, or time is up."""
        wait = FIRST_WAIT_SECONDS
        while True:
            try:
                return call()
            except NETWORK_ERRORS as error:
                self.pause(error, wait)
            wait = min(2 * wait, 16.0)

    def pause(self, error: Exception, wait: float) -> None:
        """Waits as long as the answer asks; raises PublishError where that is of no use."""
        status = _status(error)
        if isinstance(error, OfflineModeIsEnabled):
            raise PublishError(f"{self.name}: {_in_words(error, status)}") from None
        if status is not None and status not in (409, 429) and status < 500:
            raise PublishError(f"{self.name}: {_in_words(error, status)}") from None
        if isinstance(error, HfHubHTTPError):
            asked = error.response.headers.get("Retry-After", "")
            wait = float(asked) if asked.isdigit() else wait
        if time.monotonic() + wait > self._end:
            raise PublishError(
                f"{self.name}: {_in_words(error, status)}; time is up, try again later"
            ) from None
        say(f"{_in_words(error, status)}; trying again in {wait:g} s")
        time.sleep(wait)

    def look(self, ref: str = "main") -> Snapshot | None:
        """What the Hub holds at a ref; None when there is no such repo for this token."""
        info: Any = self.patiently(
            lambda: _unless_missing(
                lambda: self.api.repo_info(
                    self.name, repo_type=self.kind, revision=ref, files_metadata=True
                )
            )
        )
        if info is None:
            return None
        files = {
            file.rfilename: (file.size, file.lfs.sha256 if file.lfs else file.blob_id)
            for file in info.siblings
        }
        return Snapshot(info.sha, files)

    def refs(self) -> tuple[dict[str, str], dict[str, str]]:
        """Tags and pull requests, each by name with its commit."""
        found = self.patiently(
            lambda: self.api.list_repo_refs(
                self.name, repo_type=self.kind, include_pull_requests=True
            )
        )
        return (
            {ref.name: ref.target_commit for ref in found.tags},
            {ref.ref: ref.target_commit for ref in found.pull_requests or []},
        )

    def create(self, *, private: bool, **space: Any) -> None:
        """Makes the repo; one that is there already is as good."""
        self.patiently(
            lambda: self.api.create_repo(
                self.name, repo_type=self.kind, private=private or None, exist_ok=True, **space
            )
        )

    def tag(self, name: str, commit: str) -> None:
        """Names a commit; raises PublishError when the name is taken by another one."""

        def once() -> None:
            if self.refs()[0].get(name) != commit:  # a lost reply may have done it
                self.api.create_tag(self.name, tag=name, revision=commit, repo_type=self.kind)

        try:
            self.patiently(once)
        except PublishError as error:
            raise PublishError(f"the commit is done, {commit}, the tag is not: {error}") from None

    def commit(
        self,
        seen: Snapshot,
        changes: Mapping[str, bytes | None],
        message: str,
        *,
        as_request: bool = False,
    ) -> str:
        """Makes `changes` (None = delete) in one commit on top of what was `seen`; gives its id.

        Raises:
            PublishError: nothing was changed, or it is not known, and the text says which.
        """
        requests = set(self.refs()[1]) if as_request else set()
        wait = FIRST_WAIT_SECONDS
        while True:
            try:
                done = self.api.create_commit(
                    self.name,
                    [
                        CommitOperationDelete(path)
                        if data is None
                        else CommitOperationAdd(path, data)
                        for path, data in changes.items()
                    ],
                    commit_message=message,
                    repo_type=self.kind,
                    parent_commit=seen.commit,
                    create_pr=as_request,
                )
                return self._confirm(done.oid, changes)
            except (*NETWORK_ERRORS, RuntimeError) as caught:
                # An upload's failure comes wrapped.
                error = caught.__cause__ if type(caught) is RuntimeError else caught
                if not isinstance(error, NETWORK_ERRORS):
                    raise
                landed, now = self._landed(changes, requests, as_request)
                if landed:
                    say(f"{_in_words(error, _status(error))}, but the commit is there")
                    return landed
                if _status(error) == 412:
                    seen = self._rebase(seen, now, changes)
                else:
                    self.pause(error, wait)
                    wait = min(2 * wait, 16.0)

    def _landed(
        self, changes: Mapping[str, bytes | None], requests: set[str], as_request: bool
    ) -> tuple[str | None, Snapshot | None]:
        """The commit that holds the changes although its reply was lost; what the Hub holds."""
        if not as_request:
            now = self.look()
            return (now.commit if now and _has_all(now, changes) else None), now
        for ref in sorted(set(self.refs()[1]) - requests):
            found = self.look(ref)
            if found and _has_all(found, changes):
                return found.commit, found
        return None, self.look()

    def _rebase(
        self, seen: Snapshot, now: Snapshot | None, changes: Mapping[str, bytes | None]
    ) -> Snapshot:
        """The new head, when somebody else's commit left our files alone."""
        moved = f"{self.name}: somebody else's commit came first"
        if now is None or now.commit == seen.commit:
            raise PublishError(f"{moved}; look at the repo, then try again")
        touched = [path for path in changes if seen.files.get(path) != now.files.get(path)]
        if touched:
            raise PublishError(
                f"{moved} and changed {', '.join(touched)}; nothing was overwritten: look at "
                f"{now.commit[:12]}, then try again"
            )
        say(f"somebody else's commit {now.commit[:12]} left these files alone; going on top of it")
        return now

    def _confirm(self, commit: str, changes: Mapping[str, bytes | None]) -> str:
        found = self.look(commit)
        if found is None or not _has_all(found, changes):
            raise PublishError(
                f"{self.name}: commit {commit} does not hold what was sent; do not use it"
            )
        return commit


def finish(repository: Repository, seconds: float, work: Callable[[], str]) -> NoReturn:
    """Runs the work on the Hub; the process ends with a sentence on what is there now."""
    try:
        say(bounded(seconds, work))
        code = 0
    except PublishError as error:
        say(f"error: {error}")
        code = 1
    except (*NETWORK_ERRORS, RuntimeError, ValueError) as error:
        say(f"error: {repository.name}: {_in_words(error, _status(error))}")
        code = 1
    except KeyboardInterrupt:
        say("error: interrupted")
        code = 130
    if code:
        say(_what_is_there(repository))
    sys.stderr.flush()
    os._exit(code)  # a stalled upload in one of the library's own threads would keep us here


def _what_is_there(repository: Repository) -> str:
    try:
        now = bounded(LAST_LOOK_SECONDS, repository.look)
    except (*NETWORK_ERRORS, PublishError):
        return (
            f"What {repository.name} holds now could not be read. Run the same command again "
            "later: it changes nothing if the commit is there."
        )
    if now is None:
        return f"{repository.name} does not exist on the Hub, or this token cannot see it."
    return f"{repository.name} is at commit {now.commit} now."


def _client() -> httpx2.Client:
    """The library's own client, whose timeout is none."""
    client = default_client_factory()
    client.timeout = httpx2.Timeout(REQUEST_SECONDS, connect=10.0)
    return client


def _unless_missing(call: Callable[[], T]) -> T | None:
    try:
        return call()
    except GatedRepoError:  # one of the below to the library: it is there, and may not be read
        raise
    except RepositoryNotFoundError:
        return None


def _has_all(found: Snapshot, changes: Mapping[str, bytes | None]) -> bool:
    return all(found.holds(path, data) for path, data in changes.items())


def _status(error: BaseException) -> int | None:
    return error.response.status_code if isinstance(error, HfHubHTTPError) else None


def _in_words(error: BaseException, status: int | None) -> str:
    known = {
        401: "the Hub does not accept the token; log in with `hf auth login` or set HF_TOKEN",
        404: "there is no such repo or revision, or the token cannot see it",
        409: "the Hub is busy with another operation on this repo (409)",
        412: "somebody else's commit came first (412)",
        429: "the Hub asks to slow down (429)",
    }
    if isinstance(error, OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE is set, so the Hub is not asked; unset it"
    if isinstance(error, GatedRepoError):
        return "the repo is gated; ask for access on its page, with the account of this token"
    told = getattr(error, "server_message", None)
    if status == 403:
        return (
            f"the token may not write here{f' ({told})' if told else ''}; give it write access to "
            f"this repo at {constants.ENDPOINT}{TOKENS}, or use one that has it"
        )
    if status in known:
        return known[status]
    if isinstance(error, TimeoutError):
        return f"the Hub did not answer in time ({error})"
    if status is not None and status >= 500:
        return f"the Hub has a problem of its own ({status})"
    text = " ".join(str(error).split())[:300] or type(error).__name__
    if status is not None:
        return f"the Hub refused ({status}): {told or text}"
    return f"the Hub could not be asked: {type(error).__name__}: {text}"
