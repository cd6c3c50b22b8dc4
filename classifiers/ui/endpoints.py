"""The public endpoints: JSON in, JSON out, each checking its own arguments.

Type hints become the schema that clients see; they are not enforced, so nothing here trusts them.
"""

import platform
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import torch

from classifiers.config import CapstoneConfig, PlaygroundConfig
from classifiers.recipes.capstone import compare_capstone
from classifiers.recipes.playground import run_playground
from classifiers.ui.batch import predict_csv, uploaded_path
from classifiers.ui.guard import speaks_plainly
from classifiers.ui.models import Served

Number = float | None
Code = float | str | None


def register(served: Callable[[], Served]) -> None:
    """Adds every endpoint to the Blocks in whose context it is called."""

    @speaks_plainly
    def predict_heart(
        age: Number = None,
        sex: Code = None,
        cp: Code = None,
        trestbps: Number = None,
        chol: Number = None,
        fbs: Code = None,
        restecg: Code = None,
        thalach: Number = None,
        exang: Code = None,
        oldpeak: Number = None,
        slope: Code = None,
        ca: Code = None,
        thal: Code = None,
        threshold: Number = None,
    ) -> dict[str, Any]:
        """Risk of heart disease of one patient, for teaching, not for diagnosis.

        Args:
            age: years.
            sex: 0 or female, 1 or male.
            cp: chest pain, 1 typical angina, 2 atypical, 3 non-anginal, 4 asymptomatic.
            trestbps: resting blood pressure, mm Hg.
            chol: serum cholesterol, mg/dl.
            fbs: fasting blood sugar above 120 mg/dl, 0 or 1.
            restecg: resting ECG, 0 normal, 1 ST-T abnormality, 2 left ventricular hypertrophy.
            thalach: highest heart rate reached, beats a minute.
            exang: angina during exercise, 0 or 1.
            oldpeak: ST depression by exercise, mm.
            slope: slope of the peak ST segment, 1 up, 2 flat, 3 down.
            ca: major vessels coloured by fluoroscopy, 0 to 3.
            thal: 3 or normal, 6 or fixed, 7 or reversible.
            threshold: decide for disease from this probability on; null = the model's own.
        """
        patient = {
            "age": age, "sex": sex, "cp": cp, "trestbps": trestbps, "chol": chol, "fbs": fbs,
            "restecg": restecg, "thalach": thalach, "exang": exang, "oldpeak": oldpeak,
            "slope": slope, "ca": ca, "thal": thal,
        }  # fmt: skip
        now = served()
        return {**now.heart.predict(patient, threshold).to_dict(), "model": now.describe()}

    @speaks_plainly
    def predict_heart_batch(file: gr.FileData, threshold: Number = None) -> gr.FileData:
        """Risk for every patient of a CSV file, as a CSV file in the same order.

        Columns are named after the 13 features; a missing column or cell is unknown. A bad row is
        marked with the reason and never dropped.
        """
        return gr.FileData(path=predict_csv(served(), uploaded_path(file), threshold))

    @speaks_plainly
    def model_info() -> dict[str, Any]:
        """Metadata of the loaded models, versions, device, and where the weights are from."""
        now = served()
        return {
            "models": {"heart": now.heart.artifact.metadata.to_dict()},
            "source": now.source,
            "commit": None,
            "device": "cpu",
            "versions": {
                "python": platform.python_version(),
                "torch": torch.__version__,
                "gradio": gr.__version__,
            },
        }

    @speaks_plainly
    def train_playground(config: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Trains one playground run and streams progress; the last value is the result.

        Args:
            config: a PlaygroundConfig as a JSON object; empty = the lesson's blobs.
        """
        for update in run_playground(PlaygroundConfig.parse(config), film=False):
            yield (
                {"epoch": update.epoch, "epochs": update.epochs}
                if update.result is None
                else update.result.to_dict()
            )

    @speaks_plainly
    def capstone(config: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Trains underfit, overfit and good networks on moons; the last value is the result.

        Args:
            config: a CapstoneConfig as a JSON object; empty = the lesson's.
        """
        yield from compare_capstone(CapstoneConfig.parse(config))

    light: dict[str, Any] = {"concurrency_limit": 8, "concurrency_id": "light"}
    heavy: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "training"}
    gr.api(predict_heart, api_name="predict_heart", **light)
    gr.api(predict_heart_batch, api_name="predict_heart_batch", concurrency_limit=2)
    gr.api(model_info, api_name="model_info", **light)
    gr.api(train_playground, api_name="train_playground", **heavy)
    gr.api(capstone, api_name="compare_capstone", **heavy)
