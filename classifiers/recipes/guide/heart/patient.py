"""Steps h6 and h7: one patient: what the model says, and what it does with what it never saw."""

from collections.abc import Callable, Iterator
from typing import Any

from classifiers.data.heart.file import FEATURES, parse_value
from classifiers.errors import DataError
from classifiers.recipes.guide.step import Measured, Option, Scale, Sources, Step, Table, at_once
from classifiers.recipes.heart.exercises import LESSON_PATIENT
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel
from classifiers.wording import listed, percent, whole_percent

PATIENT = SAMPLE_PATIENTS[LESSON_PATIENT]
STOPS, MAKES_UP, UNKNOWN = range(3)
STRANGE = 5  # between the scan's codes; no patient of the study has it


def _fields(sources: Sources) -> Table:
    rows = [
        (about.label, about.format(parse_value(about, PATIENT[about.name], text=True)))
        for about in FEATURES
    ]
    return Table(("Field", "The patient's"), rows)


def _predicted(sources: Sources) -> Measured:
    model = sources.heart()
    evaluation = model.artifact.metadata.evaluation
    said = model.predict(PATIENT)
    labels = evaluation["out_of_fold"]["labels"]
    return {
        "risk": said.probability,
        "low": said.interval[0],
        "high": said.interval[1],
        "level": evaluation["interval"]["level"],
        "doubts": [doubt.message for doubt in said.warnings],
        "ill": sum(labels) / len(labels),
    }


def _tell_risk(measured: Measured) -> Iterator[str]:
    yield (
        f"The model says {percent(measured['risk'])}: of many such patients sent to this clinic, "
        f"about that share would have a narrowed artery, where of all its patients "
        f"{percent(measured['ill'])} had one."
    )
    doubts = f"; and it warns: {' '.join(measured['doubts'])}" if measured["doubts"] else "."
    yield (
        f"That share is known from few patients only: its {whole_percent(measured['level'])} "
        f"interval runs from {percent(measured['low'])} to {percent(measured['high'])}{doubts}"
    )
    yield (
        "It is no diagnosis, since this one patient has a narrowing or has none; and it is no "
        "risk of falling ill later, nor one for people whom no doctor suspected of disease."
    )


def _encode(known: list[float], model: HeartModel) -> Any:
    from sklearn.preprocessing import LabelEncoder

    return LabelEncoder().fit(known).transform([STRANGE])[0]


def _encode_anew(known: list[float], model: HeartModel) -> Any:
    from sklearn.preprocessing import LabelEncoder

    return LabelEncoder().fit_transform([STRANGE])[0]


def _ask_model(known: list[float], model: HeartModel) -> Any:
    said = model.predict({**PATIENT, "thal": STRANGE})
    unknown = model.predict({**PATIENT, "thal": None})
    warned = any(d.code == "unseen_category" and d.field == "thal" for d in said.warnings)
    return None if warned and said.probability == unknown.probability else said.probability


# what is said to who was wrong of each
_ENCODERS: dict[str, tuple[str, Callable[[list[float], HeartModel], Any], str]] = {
    "label": (
        "scikit-learn's LabelEncoder",
        _encode,
        "An encoder has to cope with anything, you may think. This one holds a list of what it "
        "was fitted to, and looks up in it.",
    ),
    "anew": (
        "A LabelEncoder fitted again, on this patient only",
        _encode_anew,
        "Fitted again it knows the code, so all seems well, or it should complain. It counts from "
        "the first code it meets, and writes what stood for another code in training.",
    ),
    "model": (
        "This app's model",
        _ask_model,
        "A model can only know what it was trained on, you may think. That it does not know can "
        "be provided for, as a field that nobody measured is.",
    ),
}


def _met_strange(sources: Sources) -> Measured:
    model = sources.heart()
    columns = {column.name: column for column in model.preprocessor.columns}
    known = list(columns["thal"].codes)  # type: ignore[union-attr]
    found, numbers = {}, {}
    for name, (_, meet, _) in _ENCODERS.items():
        try:
            answer = meet(known, model)
        except ValueError:
            found[name] = STOPS
            continue
        found[name] = UNKNOWN if answer is None else MAKES_UP
        numbers[name] = None if answer is None else str(answer)
    return {
        "found": found,
        "numbers": numbers,
        "strange": STRANGE,
        "known": [f"{code:g}" for code in known],
        "risk": model.predict({**PATIENT, "thal": STRANGE}).probability,
        "seen": model.predict(PATIENT).probability,
        "refused": _refused(model),
    }


def _refused(model: HeartModel) -> bool:
    """Whether a word that is no code at all is refused, by the field's name."""
    try:
        model.predict({**PATIENT, "thal": "odd"})
    except DataError as error:
        return str(error).startswith("thal")
    return False


def _judge_strange(measured: Measured) -> list[int]:
    return [measured["found"][name] for name in _ENCODERS]


def _tell_strange(measured: Measured) -> Iterator[str]:
    did = ("an error", "goes on with", "takes it as unknown, and says so")
    told = []
    for name, (title, _, _) in _ENCODERS.items():
        number = measured["numbers"].get(name)
        told.append(f"{title}: {did[measured['found'][name]]}{f' {number}' if number else ''}")
    yield (
        f"Code {measured['strange']}, tried where {listed(measured['known'])} are known. "
        f"{'; '.join(told)}."
    )
    yield (
        f"Unknown means: the risk is an average over what the scan may have shown, given the "
        f"other fields: {percent(measured['risk'])} where with the patient's own code it is "
        f"{percent(measured['seen'])}."
    )
    if measured["refused"]:
        yield (
            "A word that is no code at all is refused here, with the field and its codes named: "
            "a typing error is not the same as another hospital's code."
        )


PATIENTS = (
    Step(
        key="h6",
        title="One patient",
        ask="This is the lesson's patient. The risk is the share with a narrowed artery among "
        "many patients like her who were sent to the clinic. What does the model say?",
        scale=Scale(
            low=0,
            high=100,
            step=1,
            unit="%",
            near=10,
            too_low="No coloured vessel and no pain on effort look reassuring, and the model "
            "counts that. But it also adds up the slope, the ST depression and the defect.",
            too_high="Her age, her pain and the defect on the scan sound alarming, each for "
            "itself. The model also counts what speaks against it: a woman, no coloured vessel, "
            "no pain on effort.",
        ),
        measure=at_once(_predicted),
        judge=lambda measured: 100 * measured["risk"],
        tell=_tell_risk,
        now="Pick the lesson's patient on the page and make her younger, year by year: when does "
        "the warning go, and what happens to the interval?",
        covers=("pandas and any code of the heart and capstone models",),
        terms=(
            "risk",
            "interval",
            "cholesterol",
            "angina",
            "ECG",
            "hypertrophy",
            "ST depression",
            "ST slope",
            "coloured vessels",
            "thallium scan",
        ),
        core=True,
        place="Patient #risk",
        touches=("look",),
        exhibit=_fields,
        code="row = pd.DataFrame([patient])  # one patient is a table with one row\n"
        "x = torch.tensor(preprocessing.transform(row), dtype=torch.float32)  # never fit again\n"
        "network.eval()  # or each call gives another risk\n"
        "with torch.inference_mode():\n"
        "    risk = torch.sigmoid(network(x)).item()",
    ),
    Step(
        key="h7",
        title="A code never seen",
        ask="A patient comes from another hospital. The thallium-scan field holds code 5, "
        "which no training patient had. What is made of it?",
        options=(
            Option("It stops with an error", "It would have to look the code up in a list."),
            Option("It goes on with some number", "It would have to make one up."),
            Option("It takes it as unknown", "It would need a place for what is not known."),
        ),
        rows=tuple(Option(title, because) for title, _, because in _ENCODERS.values()),
        measure=at_once(_met_strange),
        judge=_judge_strange,
        tell=_tell_strange,
        now="Choose “?”, unknown, for the thallium scan in the form: how far do the risk and its "
        "interval move?",
        covers=("the unknown category",),
        terms=("code", "thallium scan", "LabelEncoder", "fitted", "risk"),
        place="Patient #field-thal",
        touches=("data",),
        code='encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)\n'
        "encoder.fit(train_rows[NAMES])  # the codes that training knows\n"
        "x = encoder.transform(patient[NAMES])\n"
        "# Zeros in all columns of a field: unknown. Nothing says so: count them, and warn.\n"
        "unknown = [name for name, codes in zip(NAMES, encoder.categories_)\n"
        "           if patient[name].item() not in codes]",
    ),
)
