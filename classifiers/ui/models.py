"""The models that are served, and where they came from, behind one reference.

A request reads the reference once and so is answered wholly by one version.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifiers.errors import ArtifactError, ClassifiersError
from classifiers.recipes.heart import HeartModel

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Served:
    """One version of the heart model, or the reason why there is none."""

    source: str
    heart_model: HeartModel | None
    error: ClassifiersError | None = None

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


def weights_folder() -> Path:
    """WEIGHTS_DIR, or the weights that ship with the app."""
    return Path(os.environ.get("WEIGHTS_DIR") or ROOT / "weights")


def load_served() -> Served:
    """Loads the heart model; a broken one is reported where it is used, the app serves on."""
    folder = weights_folder()
    source = os.path.relpath(folder, ROOT) if folder.is_relative_to(ROOT) else str(folder)
    try:
        return Served(f"{source}/heart", HeartModel.load(folder / "heart"))
    except ClassifiersError as error:
        return Served(f"{source}/heart", None, error)
