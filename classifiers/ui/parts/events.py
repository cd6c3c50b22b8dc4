"""How the page's own listeners are registered: what each kind has in common."""

from typing import Any

from classifiers.ui.heavy import HEAVY

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
LIGHT: dict[str, Any] = {**PRIVATE, "concurrency_id": "light"}
RUN: dict[str, Any] = {**PRIVATE, **HEAVY}
