"""Steps h1 and h2: the table of patients: looked at before anything is built, and made into
numbers.
"""

from collections.abc import Iterator

from classifiers.data.heart.file import feature
from classifiers.recipes.guide.heart.records import experiments
from classifiers.recipes.guide.step import Measured, Option, Sources, Step, Table, at_once
from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from classifiers.wording import gap_points, gap_text, listed, percent, verdict

LESSON_COUNTS = (165, 138)  # as the lesson has them
SHARES = (0.05, 0.30, 0.55, 0.80)  # the answers of h1
_NEAR = 0.05  # further from all of them, none is right
_REPEATED = 2  # the copy that the lesson counted repeats one patient in place of another
_SHOWN = ("age", "sex", "cp", "chol", "thalach", "thal")


def _counted(sources: Sources) -> Measured:
    record = experiments(sources)
    folded, defects = record["evaluation"]["out_of_fold"], record["defects"]
    ill, patients = sum(folded["labels"]), len(folded["labels"])
    larger, smaller = LESSON_COUNTS
    return {
        "patients": patients,
        "ill": ill,
        "healthy": patients - ill,
        "everybody_healthy": (patients - ill) / patients,
        "network": folded["metrics"]["accuracy"]["value"],
        "lesson": {"larger": larger, "smaller": smaller},
        "lesson_turned_round": abs(larger - (patients - ill)) + abs(smaller - ill) <= _REPEATED,
        "turned_round": defects["kaggle_labels"],
        "lesson_file": defects["lesson_labels"],
    }


def _nearest(measured: Measured) -> int | None:
    away = [abs(share - measured["everybody_healthy"]) for share in SHARES]
    return away.index(min(away)) if min(away) <= _NEAR else None


def _tell_counts(measured: Measured) -> Iterator[str]:
    lesson, turned = measured["lesson"], measured["turned_round"]
    own = measured["lesson_file"]
    yield (
        f"Of {measured['patients']} patients {measured['healthy']} are healthy and "
        f"{measured['ill']} ill, so calling everybody healthy is right for "
        f"{percent(measured['everybody_healthy'])}, and finds none of the ill: this app's model's "
        f"{percent(measured['network'])}, out of fold, has to be read beside that."
    )
    yield (
        f"The lesson counts {lesson['larger']} ill and {lesson['smaller']} healthy. That is, "
        "nearly, this table with ill and healthy swapped, as one copy has it: a network trained on "
        f"that gives the ill a risk of {percent(turned['mean_predicted_with_disease'])} on "
        f"average, the healthy {percent(turned['mean_predicted_without_disease'])}."
        if measured["lesson_turned_round"]
        else f"The lesson counts {lesson['larger']} ill and {lesson['smaller']} healthy: that is "
        "another table."
    )
    yield (
        f"The lesson's own file is another one still: it labels {own['patients_mislabelled']} of "
        f"the ill as healthy, and there the rule that never looks scores "
        f"{percent(own['majority_share'])}."
    )


def _first_rows(sources: Sources) -> Table:
    """Made-up patients, since the study's own do not ship."""
    rows = [
        (name, *(f"{patient[field]:g}" for field in _SHOWN))
        for name, patient in list(SAMPLE_PATIENTS.items())[:3]
    ]
    return Table(("Made-up patient", *(feature(name).label for name in _SHOWN)), rows)


# field: what is said to who sorted it wrongly
_SORTED = {
    "age": "You may see a few age groups in it. But years are measured: ten more are ten more, "
    "wherever they start.",
    "cp": "Its codes are digits, and digits look like amounts. They stand for kinds of pain, in an "
    "order that somebody once wrote down.",
    "chol": "Doctors speak of high and normal. The field itself holds what the laboratory "
    "measured, and half of it is half as much.",
    "restecg": "Normal, abnormal, thickened: that sounds like steps of one thing. They are three "
    "different findings, and the last is no doubling of the middle one.",
    "thalach": "It comes from a test, like the names beside it. But beats are counted, and a "
    "difference of ten means the same everywhere.",
    "thal": "The codes leave gaps, as measurements do. They are labels for a normal scan and two "
    "kinds of defect, and the gaps mean nothing.",
}


def _field(name: str) -> str:
    about = feature(name)
    codes = [str(code.value) for code in about.codes]
    return f"{about.label}: {listed(codes) if codes else about.unit}"


def _encoded(sources: Sources) -> Measured:
    record, model = experiments(sources), sources.heart()
    columns = model.preprocessor.to_dict()["columns"]
    pain = record["evaluation"]["counts"]["cp"]
    pairs = zip(pain["with_disease"], pain["without_disease"], strict=True)
    return {
        "kinds": {column["name"]: column["kind"] for column in columns},
        "pain": [ill / (ill + healthy) for ill, healthy in pairs],
        "one_hot": record["methods"]["one_hot"]["difference"],
        "splits": record["splits"],
    }


def _kinds(measured: Measured) -> list[int]:
    """As the served model was fed: 0 an amount, 1 a name."""
    return [int(measured["kinds"][name] == "categorical") for name in _SORTED]


def _tell_encoding(measured: Measured) -> Iterator[str]:
    shares = measured["pain"]
    one_way = shares in (sorted(shares), sorted(shares, reverse=True))
    way = (
        "They happen to go one way, as an amount may."
        if one_way
        else "That is no order of illness: a single weight would have to go one way, and hidden "
        "units would have to learn each bend from few patients."
    )
    yield (
        f"Of the patients with each chest-pain code, in order, "
        f"{listed([percent(share) for share in shares])} are ill. {way}"
    )
    gaps = measured["one_hot"]
    yield (
        f"A column for each code instead of the code as an amount, over {measured['splits']} "
        f"splits: test accuracy {gap_points(gaps['test_accuracy'])}, "
        f"{verdict(gaps['test_accuracy'])}; log loss {gap_text(gaps['test_log_loss'])}, "
        f"{verdict(gaps['test_log_loss'])}."
    )
    yield (
        "Amounts are put on one scale, by a mean and a spread, or the field with the largest "
        "numbers would rule the first steps of training."
    )


TABLE = (
    Step(
        key="h1",
        title="Look first",
        ask="Each row is a patient sent to a heart clinic: fields that were measured, and "
        "whether angiography showed a narrowed artery (ill) or not (healthy). You call every "
        "patient healthy, without a look. For how many are you right?",
        options=(
            Option(
                "About 5 %",
                "A rule that never looks must be nearly always wrong, you may think. But it is "
                "right for every single healthy patient.",
            ),
            Option(
                "About 30 %",
                "People who are sent to a heart clinic are mostly ill, you may think. They were "
                "sent because somebody suspected it, and suspicion is often wrong.",
            ),
            Option(
                "About 55 %",
                "Two answers, so about half each, you may think. Nothing makes two classes even: "
                "they have to be counted.",
            ),
            Option(
                "About 80 %",
                "Most people have healthy hearts, but these are not most people: a doctor "
                "suspected disease in every one of them.",
            ),
        ),
        measure=at_once(_counted),
        judge=_nearest,
        tell=_tell_counts,
        now="Open the row about saying “healthy” to everybody: by how much does the network beat "
        "it, and how sure is that?",
        covers=(
            "a look at the rows first",
            "class balance",
            "pandas and any code of the heart and capstone models",
        ),
        terms=("angiography", "cholesterol", "thallium scan", "out of fold", "risk"),
        core=True,
        place='Lessons #heart-lessons [data-key="majority"]',
        touches=("data", "look"),
        exhibit=_first_rows,
        code='patients = pd.read_csv(path, names=COLUMNS, na_values="?")  # "?": not measured\n'
        "print(patients.head())  # a strange code shows here, and in no score later on\n"
        'disease = patients["num"] > 0  # the file grades from 0 to 4: is there any?\n'
        "print(disease.value_counts())  # what a rule that never looks would score",
    ),
    Step(
        key="h2",
        title="Amount or name?",
        ask="A network takes only numbers. In an amount, twice as much means something; in a code "
        "for a name, 4 is not twice 2. Which is each field?",
        options=(
            Option("An amount", "What is measured or counted has an order and a distance."),
            Option("A name", "What is named has neither, whatever digits stand for it."),
        ),
        rows=tuple(Option(_field(name), because) for name, because in _SORTED.items()),
        measure=at_once(_encoded),
        judge=_kinds,
        tell=_tell_encoding,
        now="Open the row about one-hot: which of its two scores can tell the difference, and "
        "which cannot?",
        covers=("numerical against categorical", "standardise and encode"),
        terms=(
            "code",
            "one-hot",
            "cholesterol",
            "ECG",
            "thallium scan",
            "weights",
            "units",
            "split",
            "test accuracy",
            "log loss",
            "[a, b]",
            "distinguishable from zero",
        ),
        core=True,
        place='Lessons #heart-lessons [data-key="encoding"]',
        touches=("data",),
        code="preprocessing = ColumnTransformer([\n"
        '    ("amounts", StandardScaler(), AMOUNTS),  # or the largest numbers rule the steps\n'
        '    ("names", OneHotEncoder(handle_unknown="ignore"), NAMES),  # 4 is not twice 2\n'
        "])\n"
        "x_train = preprocessing.fit_transform(train_rows)",
    ),
)
