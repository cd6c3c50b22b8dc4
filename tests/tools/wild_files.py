"""Files as people really have them: the cases of the shared folder, and full-size ones from UCI's.

Each recoding is written down here by hand, from what was measured of the file it stands for, and
not taken from the readers.
"""

from pathlib import Path

import pytest

from tests.tools.heart_files import UCI_HEADER, Rows, inverted, recode, site_rows

CASES = Path(__file__).parents[3] / "shared" / "cases"


def case(name: str, file: str = "input.csv") -> Path:
    path = CASES / name / file
    if not path.exists():
        pytest.skip(f"needs shared/cases/{name}/{file}, which is not committed")
    return path


def as_textbook(rows: Rows) -> tuple[Rows, list[str]]:
    """ISLR's Heart.csv: row numbers, words for chest pain and thallium, NA, Yes and No."""
    codes = {
        "cp": {"1": "typical", "2": "nontypical", "3": "nonanginal", "4": "asymptomatic"},
        "thal": {"3": "normal", "6": "fixed", "7": "reversable", "?": "NA"},
        "ca": {"?": "NA"},
    }
    header = ["", "Age", "Sex", "ChestPain", "RestBP", "Chol", "Fbs", "RestECG", "MaxHR", "ExAng",
              "Oldpeak", "Slope", "Ca", "Thal", "AHD"]  # fmt: skip
    written = [
        [str(i + 1), *row[:-1], "No" if row[-1] == "0" else "Yes"]
        for i, row in enumerate(recode(rows, codes))
    ]
    return written, header


WEKA = {
    "sex": {"0": "female", "1": "male"},
    "cp": {"1": "typ_angina", "2": "atyp_angina", "3": "non_anginal", "4": "asympt"},
    "fbs": {"0": "f", "1": "t"},
    "restecg": {"0": "normal", "1": "st_t_wave_abnormality", "2": "left_vent_hyper"},
    "exang": {"0": "no", "1": "yes"},
    "slope": {"1": "up", "2": "flat", "3": "down"},
    "thal": {"3": "normal", "6": "fixed_defect", "7": "reversable_defect"},
}


def as_weka(rows: Rows) -> Rows:
    """heart-c: the label says how far a vessel is narrowed."""
    labelled = [[*row[:-1], "<50" if row[-1] == "0" else ">50_1"] for row in rows]
    return recode(labelled, WEKA)


def as_arff(rows: Rows) -> bytes:
    lines = ["% a comment", "@relation 'heart c'", ""]
    for name in UCI_HEADER:
        words = WEKA.get(name)
        kind = "{" + ",".join(words.values()) + "}" if words else "numeric"
        kind = "{'<50','>50_1'}" if name == "target" else kind
        lines.append(f"@ATTRIBUTE {name} {kind}")
    lines.append("@data")
    for row in as_weka(rows):
        quoted = [f"'{cell}'" if set(cell) & set("<>_ ") else cell for cell in row]
        lines.append(",".join(quoted))
    return "\n".join(lines).encode()


def as_orange(rows: Rows) -> bytes:
    """heart_disease.tab: three lines above the rows."""
    codes = {
        "sex": {"0": "female", "1": "male"},
        "cp": {"1": "typical ang", "2": "atypical ang", "3": "non-anginal", "4": "asymptomatic"},
        "restecg": {"0": "normal", "1": "ST-T abnormal", "2": "left vent hypertrophy"},
        "slope": {"1": "upsloping", "2": "flat", "3": "downsloping"},
        "thal": {"3": "normal", "6": "fixed defect", "7": "reversable defect"},
    }
    header = ["age", "gender", "chest pain", "rest SBP", "cholesterol",
              "fasting blood sugar > 120", "rest ECG", "max HR", "exerc ind ang",
              "ST by exercise", "slope peak exc ST", "major vessels colored", "thal",
              "diameter narrowing"]  # fmt: skip
    kinds = ["c" if name in ("age", "trestbps", "chol", "thalach", "oldpeak") else "d"
             for name in UCI_HEADER]  # fmt: skip
    roles = [""] * 13 + ["class"]
    labelled = [[*row[:-1], "0" if row[-1] == "0" else "1"] for row in recode(rows, codes)]
    return "\n".join("\t".join(line) for line in (header, kinds, roles, *labelled)).encode()


def as_funmodeling(rows: Rows) -> tuple[Rows, list[str]]:
    header = ["age", "gender", "chest_pain", "resting_blood_pressure", "serum_cholestoral",
              "fasting_blood_sugar", "resting_electro", "max_heart_rate", "exer_angina", "oldpeak",
              "slope", "num_vessels_flour", "thal", "heart_disease_severity", "exter_angina",
              "has_heart_disease"]  # fmt: skip
    codes = {"sex": {"0": "female", "1": "male"}, "ca": {"?": "NA"}, "thal": {"?": "NA"}}
    written = [[*row, row[8], "no" if row[-1] == "0" else "yes"] for row in recode(rows, codes)]
    return written, header


def as_words_on_kaggles_codes(rows: Rows) -> Rows:
    """UCI's words for the number that Kaggle's copy has there, labels inverted as Kaggle's."""
    kaggle = {
        "cp": {"4": "0", "2": "1", "3": "2", "1": "3"},
        "restecg": {"2": "0", "0": "1", "1": "2"},
        "slope": {"3": "0", "2": "1", "1": "2"},
        "ca": {"?": "4"},
        "thal": {"6": "1", "3": "2", "7": "3", "?": "0"},
    }
    words = {
        "cp": {"0": "typical angina", "1": "atypical angina", "2": "non-anginal pain",
               "3": "asymptomatic"},
        "restecg": {"0": "normal", "1": "ST-T wave abnormality",
                    "2": "left ventricular hypertrophy"},
        "slope": {"0": "upsloping", "1": "flat", "2": "downsloping"},
        "thal": {"0": "", "1": "normal", "2": "fixed defect", "3": "reversable defect"},
    }  # fmt: skip
    return recode(recode(inverted(rows), kaggle), words)


def as_four_sites() -> tuple[Rows, list[str]]:
    """The 920 rows: an id, the hospital, words; what was not recorded is empty."""
    words = {
        "sex": {"0": "Female", "1": "Male"},
        "cp": {"1": "typical angina", "2": "atypical angina", "3": "non-anginal",
               "4": "asymptomatic"},
        "fbs": {"0": "FALSE", "1": "TRUE"},
        "restecg": {"0": "normal", "1": "st-t abnormality", "2": "lv hypertrophy"},
        "exang": {"0": "FALSE", "1": "TRUE"},
        "slope": {"1": "upsloping", "2": "flat", "3": "downsloping"},
        "thal": {"3": "normal", "6": "fixed defect", "7": "reversable defect"},
    }  # fmt: skip
    header = ["id", "age", "sex", "dataset", "cp", "trestbps", "chol", "fbs", "restecg", "thalch",
              "exang", "oldpeak", "slope", "ca", "thal", "num"]  # fmt: skip
    written: Rows = []
    places = {"cleveland": "Cleveland", "hungarian": "Hungary", "switzerland": "Switzerland",
              "va": "VA Long Beach"}  # fmt: skip
    for site, place in places.items():
        for row in recode(site_rows(site), words):
            row = ["" if cell == "?" else cell for cell in row]
            written.append([str(len(written) + 1), *row[:2], place, *row[2:]])
    return written, header
