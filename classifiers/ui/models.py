"""The models that are served, and where they came from, behind one reference.

A request asks once, for a `Served`, and so is answered wholly by one version.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classifiers.artifacts import METADATA_FILE, MODEL_FILE
from classifiers.errors import ArtifactError, ClassifiersError, ConfigError
from classifiers.hub import Follower, Revision
from classifiers.recipes.heart import HeartModel
from classifiers.recipes.heart_direction import load_checked
from classifiers.recipes.heart_report import explorer_table, heart_report

ROOT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 60.0


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

    def __init__(self, shipped: Served, follower: Follower[HeartModel] | None = None) -> None:
        self._shipped = shipped
        self._follower = follower

    def __call__(self) -> Served:
        if self._follower is None:
            return self._shipped
        now = self._follower.state  # read once: the follower replaces it as a whole
        hub = {
            "repo": str(self._follower.revision),
            "reachable": now.reachable,
            "checked": now.checked,
            "problem": now.problem,
            "refused": dict(now.refused),
        }
        if now.value is None:
            shipped = self._shipped
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


def load_shipped() -> Served:
    """Loads the heart model; a broken one is reported where it is used, the app serves on."""
    folder = weights_folder()
    source = os.path.relpath(folder, ROOT) if folder.is_relative_to(ROOT) else str(folder)
    try:
        return Served(f"{source}/heart", HeartModel.load(folder / "heart"))
    except ClassifiersError as error:
        return Served(f"{source}/heart", None, error)


def load_ready(folder: Path) -> HeartModel:
    """Loads and verifies, and computes what the first who asks for a report would wait for.

    Raises:
        ArtifactError: any of it failed.
    """
    model = load_checked(folder)
    explorer_table(model)
    heart_report(model)
    return model


def serve_models() -> ServedModels:
    """Loads the folder's weights and, where WEIGHTS_REPO is set, follows that repo.

    Raises:
        ConfigError: WEIGHTS_DIR, WEIGHTS_REPO or WEIGHTS_POLL_SECONDS cannot be used.
    """
    shipped = load_shipped()
    repo = os.environ.get("WEIGHTS_REPO", "").strip()
    if not repo:
        return ServedModels(shipped)
    follower = Follower(
        Revision.parse(repo), (METADATA_FILE, MODEL_FILE), load_ready, period=_poll_seconds()
    )
    follower.start()
    return ServedModels(shipped, follower)


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
