"""The public endpoints: JSON in, JSON out, each checking its own arguments.

Type hints become the schema that clients see; they are not enforced, so nothing here trusts them.
"""

import inspect
import platform
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import torch

from classifiers.compute.private_calls import fast_paths
from classifiers.config import CapstoneConfig, PlaygroundConfig, SweepConfig
from classifiers.data.files.write import Format
from classifiers.data.heart.file import FEATURES, Feature, Reading
from classifiers.recipes.capstone import run as capstone
from classifiers.recipes.exercises import exercise
from classifiers.recipes.heart import report
from classifiers.recipes.heart.explain import explain_patient
from classifiers.recipes.heart.model import parse_threshold
from classifiers.recipes.playground.budget import expect
from classifiers.recipes.playground.run import run_playground
from classifiers.recipes.sweep.budget import estimate_sweep
from classifiers.turns import Expect, Pace, paced
from classifiers.ui.capstone.sweep import resumable_sweep
from classifiers.ui.gradio_internals.uploads import uploaded_path
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.heart.batch import describe, predict_csv
from classifiers.ui.heavy import HEAVY, takes_turns
from classifiers.ui.models import Served

Number = float | None
Code = float | str | bool | None
Text = str | None
Options = dict[str, Any] | None
PatientFunction = Callable[[dict[str, Any], Any], dict[str, Any]]


_LIGHT: dict[str, Any] = {"concurrency_limit": 8, "concurrency_id": "light"}


def register(served: Callable[[], Served]) -> None:
    """Adds every endpoint to the Blocks in whose context it is called.

    An MCP tool is named after its function, which so has the endpoint's name.
    """
    for function in (*_about_patients(served), *_about_models(served)):
        gr.api(function, api_name=function.__name__, **_LIGHT)
    for function in _tables(served):
        gr.api(function, api_name=function.__name__, concurrency_limit=2, concurrency_id="batch")
    for run, long in (
        (train_playground, False),
        (compare_capstone, True),
        (sweep, True),
        (run_exercise, False),
    ):
        gr.api(takes_turns(run, long=long), api_name=run.__name__, **HEAVY)


def _about_patients(served: Callable[[], Served]) -> tuple[Callable[..., Any], ...]:
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

    return predict_heart, explain_heart


def _tables(served: Callable[[], Served]) -> tuple[Callable[..., Any], ...]:
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

        Args:
            file: the handle of an uploaded file.
            threshold: called disease from this probability on; null = the model's own.
            decode: "kaggle" or "from-zero": the copy whose codes it has.
            units: feature to unit, as {"chol": "mmol/l", "fbs": "mg/dl"}.
            codes: feature to what its codes mean, as {"sex": {"1": "male", "2": "female"}}.
            columns: feature to name of its column, as {"thalach": "HF max"}.
            format: "csv"; "csv-comma", "csv-semicolon" or "csv-tab" for Excel; or "xlsx".
            rounded: probabilities to four digits too, in columns of their own.
        """
        reading = Reading.parse(decode, units, codes, columns)
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

        Args:
            file: the handle of an uploaded file.
            threshold: of the confusion table; null = the model's own.
            decode: as of predict_heart_batch, like units, codes and columns.
            units: feature to unit.
            codes: feature to what its codes mean.
            columns: feature to name of its column.
        """
        reading = Reading.parse(decode, units, codes, columns)
        return describe(served(), uploaded_path(file), threshold, reading)

    return predict_heart_batch, describe_heart_table


def _about_models(served: Callable[[], Served]) -> tuple[Callable[..., Any], ...]:
    @speaks_plainly
    def heart_report(
        threshold: Number = None,
        cost_false_negative: Number = None,
        cost_false_positive: Number = None,
    ) -> dict[str, Any]:
        """Confusion counts and every metric with its interval; the best threshold for the costs.

        Args:
            threshold: called disease from this probability on; null = the model's own.
            cost_false_negative: of a missed patient, in any unit; null = 2.
            cost_false_positive: of a false alarm, in the same unit; null = 1.
        """
        return report.heart_report(
            served().heart, threshold, cost_false_negative, cost_false_positive
        )

    @speaks_plainly
    def model_info() -> dict[str, Any]:
        """Metadata of the loaded models, versions, device, and where the weights are from.

        `fast_paths` says which private calls of torch are made; for the others a public one is.
        """
        now = served()
        return {
            "models": {"heart": now.heart.artifact.metadata.to_dict()},
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


@speaks_plainly
def train_playground(config: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """Trains one playground run and streams progress; the last value is the result.

    Args:
        config: a PlaygroundConfig as a JSON object; empty = the lesson's blobs.
    """
    yield from _run_playground(PlaygroundConfig.parse(config))


@speaks_plainly
def compare_capstone(config: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """Trains underfit, overfit and good networks on moons; the last value is the result.

    Args:
        config: a CapstoneConfig as a JSON object; empty = the lesson's.
    """
    yield from capstone.compare_capstone(CapstoneConfig.parse(config))


@speaks_plainly
def sweep(config: dict[str, Any] | None = None, device: str = "auto") -> Iterator[dict[str, Any]]:
    """Trains one setting at several values, with error bars; the last value is the result.

    Args:
        config: a SweepConfig as a JSON object; empty = hidden widths 2 to 256 on the
            capstone's moons.
        device: "cpu", "cuda", or "auto": the GPU when it was measured to be faster. On
            ZeroGPU, whose seconds are your own, "auto" is the CPU.
    """
    yield from _run_sweep(SweepConfig.parse(config), device)


@speaks_plainly
def run_exercise(number: Code = None) -> Iterator[dict[str, Any]]:
    """Runs one of the lesson's exercises: what it asks, what was run, what came out.

    Args:
        number: 1 to 12, or the name of one of the lesson's boxes to try.
    """
    yield from exercise(number).steps()


def _run_playground(config: PlaygroundConfig) -> Iterator[Any]:
    yield expect(config, film=False)
    yield from paced(
        {"epoch": update.epoch, "epochs": update.epochs}
        if update.result is None
        else update.result.to_dict()
        for update in run_playground(config, film=False)
    )


def _run_sweep(config: SweepConfig, device: str) -> Iterator[Any]:
    pace = Pace()
    yield Expect(estimate_sweep(config))
    for news in resumable_sweep(config, device):
        whole = news is not None and (news.row is not None or news.result is not None)
        yield news.to_dict() if news is not None and (whole or pace.due()) else None


def over_patients(name: str, summary: str) -> Callable[[PatientFunction], Callable[..., Any]]:
    """Gives a function of a patient and a threshold the signature that clients see.

    One argument a feature, in schema order, then the threshold; all may be left out.
    """
    kinds = {f.name: Number if f.kind == "numerical" else Code for f in FEATURES}
    kinds["threshold"] = Number
    lines = [f"    {f.name}: {_describe(f)}" for f in FEATURES]
    lines.append("    threshold: called disease from this probability on; null = the model's own.")

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

        endpoint.__name__ = name
        endpoint.__doc__ = "\n".join([summary, "", "Args:", *lines])
        endpoint.__annotations__ = {**kinds, "return": dict[str, Any]}
        endpoint.__signature__ = signature  # type: ignore[attr-defined]
        return speaks_plainly(endpoint)

    return decorate


def _describe(about: Feature) -> str:
    if about.kind == "numerical":
        return f"{about.meaning}, {about.unit}."
    codes = ", ".join(f"{code.value} = {code.label}" for code in about.codes)
    return f"{about.meaning}: {codes}."
