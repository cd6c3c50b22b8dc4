"""The file of predictions that a visitor or a script gets: a table of patients in, its answer kept
on the server.
"""

from collections.abc import Generator
from pathlib import Path
from typing import Any

from classifiers.data.files.write import Format
from classifiers.data.heart.file import PatientFile, Reading
from classifiers.recipes.heart.model import BatchResult
from classifiers.recipes.heart.tables.outcomes import measure_outcomes
from classifiers.recipes.heart.tables.predictions import AS_CSV
from classifiers.recipes.heart.tables.preview import describe_table
from classifiers.recipes.heart.tables.read import read_batch_file
from classifiers.ui.guard import give_back_memory
from classifiers.ui.models import Served
from classifiers.ui.server.storage import keep_answer


def predict_csv(
    served: Served,
    source: Path | PatientFile,
    threshold: Any,
    reading: Reading | None = None,
    how: Format = AS_CSV,
) -> tuple[str, BatchResult]:
    """Predicts a file and writes the answer to a file of its own; gives both.

    Raises:
        ClassifiersError: the file cannot be used, or there is no room for the answer.
    """
    return _keep(served.heart.predict_file(source, threshold, reading), how)


def predicting_csv(
    served: Served, patients: PatientFile, threshold: Any, reading: Reading, how: Format
) -> Generator[int, None, tuple[str, BatchResult]]:
    """As `predict_csv`, which it gives at its end; yields how many rows have been answered."""
    result = yield from served.heart.predicting_file(patients, threshold, reading)
    return _keep(result, how)


def _keep(result: BatchResult, how: Format) -> tuple[str, BatchResult]:
    answer = keep_answer(result.to_bytes(how), f"predictions.{how.extension}")
    give_back_memory()
    return str(answer), result


def describe(served: Served, path: Path, threshold: Any, reading: Reading) -> dict[str, Any]:
    """How a table is read, and, where nothing has to be asked, what the risks were worth in it.

    Raises:
        ClassifiersError: the file cannot be used.
    """
    patients = read_batch_file(path, reading, named=False)
    told = describe_table(patients, reading)
    if not patients.questions:
        result = served.heart.predict_file(patients, threshold)
        told["refused_rows"] = len(result.errors)
        told["outcomes"] = measure_outcomes(served.heart, result)
    give_back_memory()
    return told
