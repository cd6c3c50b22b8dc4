"""The sample patients: made-up ones, and the lesson's own, with its unusual age."""

from typing import Any

SAMPLE_PATIENTS: dict[str, dict[str, Any]] = {
    "Few findings, age 42": {
        "age": 42, "sex": 0, "cp": 3, "trestbps": 118, "chol": 205, "fbs": 0, "restecg": 0,
        "thalach": 172, "exang": 0, "oldpeak": 0.0, "slope": 1, "ca": 0, "thal": 3,
    },
    "Angina on effort, age 61": {
        "age": 61, "sex": 1, "cp": 1, "trestbps": 142, "chol": 268, "fbs": 0, "restecg": 2,
        "thalach": 128, "exang": 1, "oldpeak": 2.2, "slope": 2, "ca": 2, "thal": 7,
    },
    "Between the two, age 57": {
        "age": 57, "sex": 1, "cp": 3, "trestbps": 132, "chol": 235, "fbs": 0, "restecg": 0,
        "thalach": 148, "exang": 0, "oldpeak": 1.2, "slope": 2, "ca": 1, "thal": 3,
    },
    "The lesson's patient, age 80": {
        "age": 80, "sex": 0, "cp": 1, "trestbps": 124, "chol": 300, "fbs": 1, "restecg": 2,
        "thalach": 150, "exang": 0, "oldpeak": 2.3, "slope": 3, "ca": 0, "thal": "fixed",
    },
    "Only the basics are known": {"age": 55, "sex": 1, "cp": 2, "trestbps": 135, "chol": 240},
}  # fmt: skip
