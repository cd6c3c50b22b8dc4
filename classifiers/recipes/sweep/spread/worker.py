"""Does tasks and answers in JSON: in this process, for a parent that writes lines, or for Dask."""

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from classifiers.compute.parallel import stay_on_one_core
from classifiers.errors import ClassifiersError, without_folders
from classifiers.recipes.sweep.tasks import Columns, Task, measure

READY = "ready"


@dataclass(frozen=True)
class Outcome:
    """One try at a task: the columns of each setting that it serves, or why there are none.

    `again`: another try may end otherwise. `seconds` of a core.
    """

    task: Task
    columns: list[Columns] | None = None
    error: str = ""
    again: bool = False
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """All but the task, which is known to whoever sent it."""
        kept = ("columns", "error", "again", "seconds")
        return {name: getattr(self, name) for name in kept}


def attempt(task: Task, most_seconds: float, device: str = "cpu") -> Outcome:
    """A task to its end, or to its time limit, which is looked at every few milliseconds."""
    began, used = time.monotonic(), time.thread_time()
    found: list[Columns] = []
    error, again = "", True
    try:
        for news in measure(task, device):
            if not isinstance(news, int):
                found.append(news[1])
            if time.monotonic() - began > most_seconds:
                error = f"took longer than {most_seconds:.3g} s"
                break
    except (ClassifiersError, ValidationError) as told:
        error, again = str(told), False
    except Exception as told:  # of one setting among many: it is named, the others go on
        error = f"{type(told).__name__}: {told}"
    seconds = time.thread_time() - used
    if error:
        said = " ".join(without_folders(error).split())
        return Outcome(task, error=said, again=again, seconds=seconds)
    return Outcome(task, found, seconds=seconds)


def request(tasks: list[Task], limits: list[float]) -> str:
    """What a worker is sent."""
    return json.dumps(
        [
            {"task": task.to_dict(), "limit": limit}
            for task, limit in zip(tasks, limits, strict=True)
        ]
    )


def answers(asked: str) -> Iterator[dict[str, Any]]:
    """An answer a task, in their order."""
    for order in json.loads(asked):
        yield attempt(Task.from_dict(order["task"]), order["limit"]).to_dict()


def answer(asked: str) -> str:
    """All answers at once."""
    stay_on_one_core()
    return json.dumps(list(answers(asked)))


def main() -> None:
    """Answers line by line until the parent closes the line or dies."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    stay_on_one_core()
    try:
        print(READY, file=out, flush=True)
        for line in sys.stdin:
            for told in answers(line):
                print(json.dumps(told), file=out, flush=True)
    except BrokenPipeError:
        os._exit(1)


if __name__ == "__main__":
    main()
