"""The models that are served, and where they came from, behind one reference.

A request asks once, for a `Served`, and so is answered wholly by one version.
"""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from classifiers.artifacts import METADATA_FILE, MODEL_FILE, ROOT, TRAIN_AGAIN
from classifiers.errors import (
    ArtifactError,
    ClassifiersError,
    ConfigError,
    naming_files_from,
    without_folders,
)
from classifiers.hub import Follower, Revision
from classifiers.recipes.heart.direction import load_checked
from classifiers.recipes.heart.explorer import explorer_table
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.report import heart_report

POLL_SECONDS = 60.0

T = TypeVar("T")
Rehearsal = Callable[[HeartModel], None]  # does all that is done with a model, or raises


@dataclass(frozen=True)
class Served:
    """One version of the heart model, or the reason why there is none.

    `source` is a folder or user/name@commit. `hub` is what `/model_info` says of the repo that is
    followed; None when none is.
    """

    source: str
    heart_model: HeartModel | None
    error: ClassifiersError | None = None
    commit: str | None = None
    hub: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def heart(self) -> HeartModel:
        """The model; raises the error that kept it from loading."""
        if self.heart_model is None:
            raise self.error or ArtifactError(self.source, "holds no model")
        return self.heart_model

    def describe(self) -> dict[str, Any]:
        """What a prediction says of the model that made it."""
        artifact = self.heart.artifact
        return {
            "name": artifact.metadata.task,
            "sha256": artifact.sha256,
            "source": self.source,
        }

    def origin(self) -> str:
        """Where the weights are from and what is wrong with it, as Markdown for people."""
        if self.hub is None:
            return f"Weights: `{self.source}`."
        repo = self.hub["repo"]
        if self.commit is None:
            parts = [f"Weights: `{self.source}`, shipped with the app, instead of `{repo}`."]
        else:
            parts = [f"Weights: `{repo}` at commit `{self.commit[:12]}`."]
        if self.hub["reachable"] is None:
            parts.append("The Hub has not answered yet.")
        elif self.hub["problem"]:
            parts.append(
                f"The last look at the Hub ({self.hub['checked']}) failed: {self.hub['problem']}."
            )
        for commit, reason in self.hub["refused"].items():
            parts.append(f"Refused commit `{commit[:12]}`: {reason}.")
        return " ".join(parts)


class ServedModels:
    """Gives the version to serve: that of the followed repo, else the one in a folder."""

    def __init__(
        self, shipped: Callable[[], Served], follower: Follower[HeartModel] | None = None
    ) -> None:
        self._shipped = shipped
        self._follower = follower

    def __call__(self) -> Served:
        if self._follower is None:
            return self._shipped()
        now = self._follower.state  # read once: the follower replaces it as a whole
        hub = {
            "repo": str(self._follower.revision),
            "reachable": now.reachable,
            "checked": now.checked,
            "problem": now.problem,
            "refused": dict(now.refused),
        }
        if now.value is None:
            shipped = self._shipped()
            return Served(shipped.source, shipped.heart_model, shipped.error, hub=hub)
        source = f"{self._follower.revision.repo}@{now.commit}"
        return Served(source, now.value, commit=now.commit, hub=hub)


def weights_folder() -> Path:
    """WEIGHTS_DIR, or the weights that ship with the app.

    Raises:
        ConfigError: WEIGHTS_DIR is no folder.
    """
    asked = os.environ.get("WEIGHTS_DIR")
    if asked and not os.path.isdir(asked):
        raise ConfigError(
            "WEIGHTS_DIR",
            f"must be a folder of weights, got {asked[:80]!r}; leave it out to serve weights/",
        )
    return Path(asked or ROOT / "weights")


def from_weights(load: Callable[[Path], T], part: str) -> T:
    """What `load` makes of a folder of the weights; its errors name files from there on."""
    folder = weights_folder()
    with naming_files_from(folder):
        try:
            return load(folder / part)
        except ClassifiersError:
            raise
        except Exception as error:  # whoever wrote the files, no visitor should meet it
            raise ArtifactError(part, _unusable(error)) from None


def _unusable(error: Exception) -> str:
    return f"cannot be used ({without_folders(repr(error))[:200]}); {TRAIN_AGAIN}"


def load_shipped(rehearse: Rehearsal) -> Served:
    """Loads the heart model; a broken one is reported where it is used, the app serves on."""
    folder = weights_folder().resolve()
    source = f"{folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder.name}/heart"
    try:
        return Served(source, from_weights(partial(load_ready, rehearse=rehearse), "heart"))
    except ClassifiersError as error:
        return Served(source, None, error)


def load_ready(folder: Path, rehearse: Rehearsal = lambda model: None) -> HeartModel:
    """Loads and verifies, and does once what visitors will ask for.

    So nobody is shown weights that the page cannot show, and nobody waits for what is made once.

    Raises:
        ArtifactError: any of it failed.
    """
    try:
        model = load_checked(folder)
        explorer_table(model)
        heart_report(model)
        rehearse(model)
    except ArtifactError:
        raise
    except ClassifiersError as error:  # of a value that the files brought
        raise ArtifactError(METADATA_FILE, f"{error}; {TRAIN_AGAIN}") from None
    except Exception as error:  # whatever it is, a visitor would meet it
        raise ArtifactError(METADATA_FILE, _unusable(error)) from None
    return model


def serve_models(rehearse: Rehearsal) -> ServedModels:
    """Loads the folder's weights and, where WEIGHTS_REPO is set, follows that repo.

    The folder's are loaded beside what the caller does next; who asks before that is done waits.

    Args:
        rehearse: does all that is done with a model; what it raises at is not served.

    Raises:
        ConfigError: WEIGHTS_DIR, WEIGHTS_REPO or WEIGHTS_POLL_SECONDS cannot be used.
    """
    revision, period = read_settings()
    follower = None
    if revision is not None:
        files = (METADATA_FILE, MODEL_FILE)
        follower = Follower(revision, files, partial(load_ready, rehearse=rehearse), period=period)
    beside = ThreadPoolExecutor(1, "weights")
    shipped = beside.submit(load_shipped, rehearse)
    beside.shutdown(wait=False)
    if follower is not None:
        follower.start()
    return ServedModels(shipped.result, follower)


def read_settings() -> tuple[Revision | None, float]:
    """The repo to follow, and how often to look.

    Raises:
        ConfigError: WEIGHTS_DIR, WEIGHTS_REPO or WEIGHTS_POLL_SECONDS cannot be used.
    """
    weights_folder()
    repo = os.environ.get("WEIGHTS_REPO", "").strip()
    return (Revision.parse(repo), _poll_seconds()) if repo else (None, POLL_SECONDS)


def _poll_seconds() -> float:
    text = os.environ.get("WEIGHTS_POLL_SECONDS", "")
    try:
        seconds = float(text or POLL_SECONDS)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86_400:
        raise ConfigError(
            "WEIGHTS_POLL_SECONDS",
            f"must be a number of seconds above 0, up to 86400, got {text[:80]!r}; leave it out "
            f"for {POLL_SECONDS:g}",
        )
    return seconds
