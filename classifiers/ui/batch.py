"""Files in and out: an uploaded CSV of patients, and the CSV of their predictions."""

import tempfile
from pathlib import Path
from typing import Any

from classifiers.errors import DataError
from classifiers.ui.models import Served


def uploaded_path(file: Any) -> Path:
    """The path of an uploaded file; raises DataError when there is none."""
    path = getattr(file, "path", None) or (file.get("path") if isinstance(file, dict) else file)
    if not isinstance(path, str) or not Path(path).is_file():
        raise DataError("file", "must be an uploaded CSV file; upload one and send its handle")
    return Path(path)


def predict_csv(served: Served, path: Path, threshold: Any) -> str:
    """Predicts a file and writes the answer beside Gradio's temporary files; gives its path."""
    result = served.heart.predict_file(path, threshold)
    folder = Path(tempfile.mkdtemp(prefix="predictions-"))
    target = folder / "predictions.csv"
    target.write_text(result.to_csv(), encoding="utf-8")
    return str(target)
