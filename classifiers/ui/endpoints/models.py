"""The endpoints about the models: how good they are, and which ones are served."""

import platform
from collections.abc import Callable
from typing import Any

import gradio as gr
import torch

from classifiers.compute.private_calls import fast_paths
from classifiers.errors import ConfigError
from classifiers.recipes.heart import report
from classifiers.ui.gradio_internals import Asker
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.models import Served

Number = float | None


def about_models(served: Callable[[], Served]) -> tuple[Callable[..., Any], ...]:
    """`heart_report` and `model_info`."""

    @speaks_plainly
    def heart_report(
        threshold: Number = None,
        cost_false_negative: Number = None,
        cost_false_positive: Number = None,
    ) -> dict[str, Any]:
        """Confusion counts and every metric with its interval; the best threshold for the costs."""
        return report.heart_report(
            served().heart, threshold, cost_false_negative, cost_false_positive
        )

    @speaks_plainly
    def model_info(detail: str | None = None) -> dict[str, Any]:
        """Metadata of the loaded models, versions, device, and where the weights are from.

        `fast_paths` says which private calls of torch are made; for the others a public one is.
        """
        if detail not in (None, "short", "full"):
            raise ConfigError("detail", f"must be short, full or null, got {str(detail)[:60]!r}")
        short = detail == "short" or (detail is None and Asker.current().is_tool)
        now = served()
        return {
            "models": {"heart": _short(now) if short else now.heart.artifact.metadata.to_dict()},
            "source": now.source,
            "commit": now.commit,
            "hub": now.hub,
            "device": "cpu",
            "versions": {
                "python": platform.python_version(),
                "torch": torch.__version__,
                "gradio": gr.__version__,
            },
            "fast_paths": fast_paths(),
        }

    return heart_report, model_info


def _short(now: Served) -> dict[str, Any]:
    """What the heart model is and how good, in a few hundred bytes."""
    metadata = now.heart.artifact.metadata
    return {
        "task": metadata.task,
        "class_names": metadata.class_names,
        "features": [feature["name"] for feature in metadata.features],
        "networks": metadata.point_members,
        "threshold": now.heart.threshold,
        "trained_on": metadata.source.to_dict(),
        "model": metadata.model.to_dict(),
        "metrics": {
            part: {
                name: [round(estimate[end], 4) for end in ("value", "low", "high")]
                for name, estimate in metadata.evaluation[part]["metrics"].items()
            }
            for part in ("out_of_fold", "held_out")
        },
    }
