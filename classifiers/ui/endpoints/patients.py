"""The endpoints about patients: one, rows of them, a file of them."""

import inspect
from collections.abc import Callable
from typing import Any

import gradio as gr

from classifiers.data.files.write import Format
from classifiers.data.heart.file import FEATURES, Reading
from classifiers.recipes.heart.explain import explain_patient
from classifiers.recipes.heart.model import parse_threshold
from classifiers.recipes.heart.tables.rows import predict_patients
from classifiers.ui.endpoints.parameters import as_object
from classifiers.ui.gradio_internals.uploads import uploaded_path
from classifiers.ui.guard import give_back_memory, speaks_plainly
from classifiers.ui.heart.predictions import describe, predict_csv
from classifiers.ui.models import Served

Number = float | None
Code = float | str | bool | None
Text = str | None
Options = dict[str, Any] | None
PatientFunction = Callable[[dict[str, Any], Any], dict[str, Any]]


def about_patients(served: Callable[[], Served]) -> tuple[Callable[..., Any], ...]:
    """`predict_heart`, `explain_heart` and `predict_heart_rows`."""

    @over_patients(
        "predict_heart",
        "Risk of heart disease of one patient, for teaching, not for diagnosis. What is unknown is "
        "averaged over what it may be; decision is null where too little is known for one.",
    )
    def predict_heart(patient: dict[str, Any], threshold: Any) -> dict[str, Any]:
        now = served()
        return {**now.heart.predict(patient, threshold).to_dict(), "model": now.describe()}

    @over_patients(
        "explain_heart",
        "Exact Shapley values of one patient's log-odds: base_logit and contributions add up, "
        "unknown fields are 0; interactions of pairs come beside them.",
    )
    def explain_heart(patient: dict[str, Any], threshold: Any) -> dict[str, Any]:
        model = served().heart
        parse_threshold(threshold, model.threshold)
        return explain_patient(model, patient)

    @speaks_plainly
    def predict_heart_rows(rows: list[dict[str, Any]], threshold: Number = None) -> dict[str, Any]:
        """Risk for every patient of a table that is sent as JSON rows, in order, for teaching.

        Each answer has probability, interval, decision (null where too little is known), known,
        warnings as field:code, and error: null, or why the row has no answer.
        """
        now = served()
        answers = predict_patients(now.heart, as_object(rows, "rows"), threshold)
        give_back_memory()
        return {**answers, "model": now.describe()}

    return predict_heart, explain_heart, predict_heart_rows


def tables(served: Callable[[], Served]) -> tuple[Callable[..., Any], ...]:
    """`predict_heart_batch` and `describe_heart_table`."""

    @speaks_plainly
    def predict_heart_batch(
        file: gr.FileData,
        threshold: Number = None,
        decode: Text = None,
        units: Options = None,
        codes: Options = None,
        columns: Options = None,
        format: Text = None,
        rounded: bool = False,
    ) -> gr.FileData:
        """Risk for every patient of a table (.csv .tsv .txt .data .tab .arff .xlsx .xls), in order.

        Columns are named after the 13 features; a missing column or cell is unknown. A bad row is
        marked with the reason and never dropped. A file whose units or codes mean something else
        is refused with the option that converts it.
        """
        reading = _reading(decode, units, codes, columns)
        how = Format.parse(format, rounded)
        answer, _ = predict_csv(served(), uploaded_path(file), threshold, reading, how)
        return gr.FileData(path=answer)

    @speaks_plainly
    def describe_heart_table(
        file: gr.FileData,
        threshold: Number = None,
        decode: Text = None,
        units: Options = None,
        codes: Options = None,
        columns: Options = None,
    ) -> dict[str, Any]:
        """How a table of patients is read, column by column; its outcomes measured, if it has any.

        `questions` have to be answered by the options before it can be predicted. `outcomes`, where
        a column says who has the disease: AUC, calibration and the confusion table with intervals,
        beside the model's own record.
        """
        reading = _reading(decode, units, codes, columns)
        return describe(served(), uploaded_path(file), threshold, reading)

    return predict_heart_batch, describe_heart_table


def _reading(decode: Any, units: Any, codes: Any, columns: Any) -> Reading:
    told = {"units": units, "codes": codes, "columns": columns}
    return Reading.parse(decode, **{name: as_object(value, name) for name, value in told.items()})


def over_patients(name: str, summary: str) -> Callable[[PatientFunction], Callable[..., Any]]:
    """Gives a function of a patient and a threshold the signature that clients see.

    One argument a feature, in schema order, then the threshold; all may be left out.
    """
    kinds = {f.name: Number if f.kind == "numerical" else Code for f in FEATURES}
    kinds["threshold"] = Number

    def decorate(function: PatientFunction) -> Callable[..., Any]:
        signature = inspect.Signature(
            [
                inspect.Parameter(
                    key, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=kind
                )
                for key, kind in kinds.items()
            ],
            return_annotation=dict[str, Any],
        )

        def endpoint(*args: Any, **kwargs: Any) -> dict[str, Any]:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            patient = dict(bound.arguments)
            return function(patient, patient.pop("threshold"))

        endpoint.__name__, endpoint.__doc__ = name, summary
        endpoint.__annotations__ = {**kinds, "return": dict[str, Any]}
        endpoint.__signature__ = signature  # type: ignore[attr-defined]
        return speaks_plainly(endpoint)

    return decorate
