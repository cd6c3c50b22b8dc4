"""What the form and the result call a field, a value and a share: short, as a clinician says it."""

from classifiers.data.heart.file import feature
from classifiers.wording import whole_percent

MMOL = 38.67  # mg/dl of cholesterol in one mmol/l
SUGAR_LIMIT = {"mg/dl": "120", "mmol/l": "6.7"}  # of the one field about sugar

_LABELS = {
    "trestbps": "Blood pressure",
    "chol": "Cholesterol",
    "fbs": "Fasting sugar",
    "restecg": "ECG at rest",
    "thalach": "Highest heart rate",
    "exang": "Angina in the test",
}
_CODES = {
    "cp": {1: "typical", 2: "atypical", 3: "non-anginal", 4: "none"},
    "fbs": {0: f"up to {SUGAR_LIMIT['mg/dl']}", 1: f"over {SUGAR_LIMIT['mg/dl']}"},
    "restecg": {0: "normal", 1: "ST-T", 2: "hypertrophy"},
    "slope": {1: "up", 2: "flat", 3: "down"},
    "thal": {3: "normal", 6: "fixed", 7: "reversible"},
}
_UNITS = {"thalach": "per min"}
# What the schema's own help leaves unsaid of a medical word.
_MORE = {
    "cp": "“None” is the source's “asymptomatic”: the patient was sent for another reason.",
    "restecg": "Hypertrophy is a thickened left ventricle. ST and T are stretches of the curve "
    "after each beat.",
    "oldpeak": "The ST segment is the stretch of the curve after each beat; it sinks where the "
    "muscle gets too little blood.",
    "ca": "Fluoroscopy is a moving X-ray picture.",
}
_ONLY_MEANING = ("slope", "ca")  # the help of these is about the file


def label(name: str) -> str:
    return _LABELS.get(name, feature(name).label)


def inside(name: str) -> str:
    """The label as it reads within a sentence."""
    text = label(name)
    return text if text[:2].isupper() else text[0].lower() + text[1:]


def unit(name: str) -> str:
    return _UNITS.get(name, feature(name).unit or "")


def codes(name: str) -> dict[int, str]:
    """The choices of a categorical field: UCI's number and what it is called."""
    return _CODES.get(name) or {code.value: code.label for code in feature(name).codes}


def value_text(name: str, value: float | None, blood_unit: str = "mg/dl") -> str:
    """A value as a person reads it: "132 mm Hg", "reversible", "unknown".

    `blood_unit` is the one that cholesterol and sugar are told in, mg/dl or mmol/l.
    """
    if value is None or value != value:
        return "unknown"
    about = feature(name)
    if about.kind == "categorical":
        text = codes(name).get(int(value), f"code {value:g}")
        if name == "fbs" and text in codes(name).values():
            limit = SUGAR_LIMIT[blood_unit]
            return f"{text.replace(SUGAR_LIMIT['mg/dl'], limit)} {blood_unit}"
        return text
    if name == "chol" and blood_unit == "mmol/l":
        return f"{value / MMOL:.1f} {blood_unit}"
    text = f"{value:.{about.decimals}f}"
    return f"{text if float(text) == value else f'{value:g}'} {unit(name)}"


def explanation(name: str) -> str:
    """What a field's medical words mean."""
    about = feature(name)
    meaning = f"{about.meaning}."
    if name not in _ONLY_MEANING:
        meaning += f" {about.help}"
    return f"{meaning} {_MORE[name]}" if name in _MORE else meaning


def of_hundred(share: float) -> str:
    """A share as a number of 100: "41", "under 1", "over 99"."""
    return whole_percent(share).removesuffix(" %")
