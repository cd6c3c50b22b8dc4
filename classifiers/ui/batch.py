"""Files in and out: an uploaded CSV of patients, and the CSV of their predictions."""

import contextlib
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

from classifiers.errors import DataError
from classifiers.recipes.heart import BatchResult
from classifiers.ui.models import Served

_PREFIX = "heart-predictions-"
_KEPT_SECONDS = 3600


def uploaded_path(file: Any) -> Path:
    """The path of an uploaded file.

    An endpoint without components is handed whatever path a request names, so only files below
    the folder that uploads go to are opened.

    Raises:
        DataError: there is no such upload.
    """
    name = getattr(file, "path", None) or (file.get("path") if isinstance(file, dict) else file)
    uploads = Path(get_upload_folder()).resolve()
    try:
        path = Path(name).resolve() if isinstance(name, str) else None
        if path is not None and path.is_relative_to(uploads) and path.is_file():
            return path
    except (OSError, ValueError):  # a name that no file can have
        pass
    raise DataError("file", "must be an uploaded CSV file; upload one and send its handle")


def predict_csv(served: Served, path: Path, threshold: Any) -> tuple[str, BatchResult]:
    """Predicts a file and writes the answer to a temporary file of its own; gives both."""
    result = served.heart.predict_file(path, threshold)
    _forget_old_answers()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    target = folder / "predictions.csv"
    target.write_text(result.to_csv(), encoding="utf-8")
    return str(target), result


def _forget_old_answers() -> None:
    """Patients' data does not stay on the disk longer than it takes to fetch it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _KEPT_SECONDS:
                shutil.rmtree(folder)
