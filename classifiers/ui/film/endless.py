"""A run without an end as messages for the film player: what is new, and the whole at a pause."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from classifiers.config import Change, PlaygroundConfig
from classifiers.film import Frame, Moment
from classifiers.recipes.playground.endless import Run
from classifiers.recipes.playground.result import HistoryRow, Result
from classifiers.recipes.playground.run import Update
from classifiers.ui.film.message import film_of, rows_of, start_of, summary_of, to_text

SECONDS_BETWEEN = 0.1
MOST_MOMENTS = 3  # of a message sent on the way: a page shows them one after the other
_BETWEEN_MOMENTS = SECONDS_BETWEEN / MOST_MOMENTS
Describe = Callable[[PlaygroundConfig], tuple[str, Mapping[str, str]]]


class RunNews:
    """What a player with one stage is told about a run: `take` its updates, `message()` whenever
    `due()`, `whole` at first, at a pause and at the end. `describe`: a config's title, and its
    settings by their labels. `name`: of the run, in each message.
    """

    def __init__(self, run: Run, describe: Describe, name: str) -> None:
        self._run, self._describe = run, describe
        self._name = name
        self._rows: list[HistoryRow] = []
        self._frames: list[Frame | Moment] = []
        self._changes: tuple[Change, ...] = ()
        self._sent = self._looked = 0.0

    def take(self, update: Update) -> None:
        """The news of an update, and, a few times a message, how a small network is by then."""
        if update.row is not None:
            self._rows.append(update.row)
        if update.frame is not None:
            self._frames.append(update.frame)
        elif self._run.can_glance and time.monotonic() - self._looked > _BETWEEN_MOMENTS:
            self._frames.append(self._run.glance())
        else:
            return
        self._looked = time.monotonic()
        del self._frames[:-MOST_MOMENTS]

    def due(self) -> bool:
        return time.monotonic() - self._sent >= SECONDS_BETWEEN

    def message(self) -> str:
        """What is new since the last message."""
        news: dict[str, Any] = {}
        if self._rows:
            news["rows"] = rows_of(self._rows)
        if self._frames:
            news["frames"] = film_of(self._frames)
        if self._run.changes != self._changes:
            news["changes"] = self._tell_changes()
        return self._to_text(news)

    def whole(self, state: str, result: Result | None = None) -> str:
        """All there is to show.

        States: "running", more messages will come; "paused", the run can go on; "done", it cannot.
        """
        run = self._run
        frames = run.film.shown(run.glance()) if result is None else result.frames
        weights = isinstance(frames[0], Moment)
        scene = run.scene.with_config(run.config)
        title, settings = self._describe(scene.config)
        news: dict[str, Any] = {
            "start": start_of(scene, title, settings, weights=weights),
            "rows": rows_of(run.rows if result is None else result.history.rows),
            "frames": film_of(frames),
            "changes": self._tell_changes(),
        }
        if result is not None:
            news["result"] = summary_of(result)
        return self._to_text(news, state=state, jump=True, epoch=run.epoch, ended=run.ended)

    def _tell_changes(self) -> list[dict[str, Any]]:
        self._changes = self._run.changes
        return [change.to_dict() for change in self._changes]

    def _to_text(self, news: Mapping[str, Any], **more: Any) -> str:
        self._sent = time.monotonic()
        self._rows, self._frames = [], []
        return to_text({"run": self._name, "stages": [news], **more})
