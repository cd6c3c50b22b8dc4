"""The files that a request names: only what was uploaded here is opened, by us or by Gradio."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder
from gradio_client.utils import is_file_obj_with_meta, is_http_url_like

from classifiers.errors import DataError


def uploaded_path(file: Any) -> Path:
    """The path of an uploaded file.

    An endpoint without components is handed whatever path a request names, so only files below
    the folder that uploads go to are opened.

    Raises:
        DataError: there is no such upload.
    """
    name = getattr(file, "path", None) or (file.get("path") if isinstance(file, dict) else file)
    if isinstance(name, str) and is_http_url_like(name):
        raise DataError("file", "must be an uploaded file, not an address; fetch it and upload it")
    # Too long, a NUL, a lone surrogate, a ring of links.
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        path = Path(name).resolve() if isinstance(name, str) else None
        if path and path.is_relative_to(Path(get_upload_folder()).resolve()) and path.is_file():
            return path
    raise DataError(
        "file",
        "must be a CSV file uploaded within the hour; upload it, again if need be, and send its "
        "handle",
    )


def handles(value: Any) -> Iterator[dict[str, Any]]:
    """The handles of files in a value that was sent, at any depth.

    Gradio looks for them everywhere and copies what they name into its cache before our functions
    see it: fetches an address, however much is there, and stops at a strange path.
    """
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if is_file_obj_with_meta(value):
                yield value
            waiting += value.values()
        elif isinstance(value, (list, tuple)):
            waiting += value
