"""What the tests of the page's handlers share."""

from pathlib import Path

import pytest
from gradio.utils import get_upload_folder


@pytest.fixture
def uploaded(tmp_path, monkeypatch):
    """Keeps a file as if it had been uploaded, and says where."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    assert Path(get_upload_folder()) == tmp_path

    def keep(content: bytes, name: str = "patients.csv") -> str:
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return keep
