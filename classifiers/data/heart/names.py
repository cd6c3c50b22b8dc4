"""The names that copies of the heart data give to its columns, in one list.

Sources: UCI's heart-disease.names; the copies on Kaggle (303, 1,025 and 918 rows, the cleveland
upload, the renamed ones of notebooks); StatLog; OpenML's and Weka's heart-c; the R packages ISLR2
(Heart) and funModeling (heart_disease); Orange's heart_disease.tab; the 1,000 rows of another
hospital on Mendeley; hand-made sheets. Two sites' raw names (`restecg`, `thaltime`) are left out.
"""

import re

from classifiers.data.heart.schema import FEATURE_NAMES

TARGET = "target"
UCI_ORDER = (*FEATURE_NAMES, TARGET)

# As letters and digits only.
ALIASES: dict[str, str] = {
    "age": "age ageinyears ageyears patientage",
    "sex": "sex gender sexmale patientsex",
    "cp": "cp chestpain chestpaintype cptype typeofchestpain paintype",
    "trestbps": "trestbps trtbps trestbp restbps restbp restingbp restingbps bp bloodpressure "
    "restingbloodpressure restingsystolicbloodpressure systolicbloodpressure systolicbp sbp "
    "restsbp restingsbp restbloodpressure",
    "chol": "chol cholesterol cholestoral cholesteral serumcholesterol serumcholestoral "
    "serumcholesteral serumchol totalcholesterol serumcholestrol cholestrol",
    "fbs": "fbs fastingbs fastingbloodsugar fbsover120 fastingbloodsugarover120 "
    "fastingbloodsugar120 fastingbloodsugargt120 bloodsugar fastingglucose fastingbloodglucose",
    "restecg": "restecg restingecg ecg ekg ekgresults ecgresults restecgresults restingecgresults "
    "restingekgresults restingelectro restingrelectro restingelectrocardiographic "
    "restingelectrocardiographicresults restingelectrocardiogram",
    "thalach": "thalach thalachh thalch maxheartrate maximumheartrate maxhr hrmax heartratemax "
    "maxheartrateachieved maximumheartrateachieved peakheartrate",
    "exang": "exang exng exerciseangina exerciseinducedangina angina inducedangina exerangina "
    "exercindang exerciseindangina",
    "oldpeak": "oldpeak stdepression exercisestdepression stdepressioninducedbyexercise "
    "stdepressioninducedbyexerciserelativetorest oldpeakeqstdepression stbyexercise",
    "slope": "slope slp stslope slopeofst slopest slopeofpeakexercisestsegment "
    "slopeofthepeakexercisestsegment theslopeofthepeakexercisestsegment "
    "peakexercisestslope stsegmentslope slopepeakexcst",
    "ca": "ca caa vessels majorvessels nummajorvessels numberofmajorvessels numvessels "
    "numberofvesselsfluro numberofmajorvesselscoloredbyflouroscopy noofmajorvessels "
    "numberofmajorvesselscoloredbyfluoroscopy vesselscolored majorvesselscolored numvesselsflour "
    "nmajorvessels majorvesselscount",
    "thal": "thal thall thallium thalliumscan thalliumtest thalliumstresstest thalassemia",
    # UCI's own name first: where a file has several, the first one found counts.
    TARGET: "num heartdiseaseseverity target condition output heartdisease heartdiseasepresent "
    "hasheartdisease diseasepresent disease hasdisease diagnosis diagnosisofheartdisease ahd "
    "diameternarrowing label class goal presence hd outcome",
}
_NAME_TO_COLUMN = {
    alias: column for column, aliases in ALIASES.items() for alias in aliases.split()
}
_UNITS = frozenset(
    (
        "in",
        "mg",
        "per",
        "dl",
        "mgdl",
        "mmol",
        "l",
        "mmoll",
        "mm",
        "hg",
        "mmhg",
        "bpm",
        "years",
        "yrs",
    )
)


def key_of(name: str) -> str:
    """A name as `ALIASES` lists it."""
    return "".join(re.findall(r"[a-z0-9]+", name.casefold()))


def column_for(name: str) -> str | None:
    """The feature, or "target", that a column of this name is, or None."""
    if len(name) > 200:
        return None
    words = re.findall(r"[a-z0-9]+", name.casefold())
    outside = re.findall(r"[a-z0-9]+", re.sub(r"[(\[].*?[)\]]", " ", name.casefold()))
    for candidate in (words, outside, [word for word in outside if word not in _UNITS]):
        column = _NAME_TO_COLUMN.get("".join(candidate))
        if column:
            return column
    return None


def rank_of(name: str, column: str) -> int:
    """UCI's own name goes before any other, and for the label, in which they differ, by order."""
    key = key_of(name)
    aliases = ALIASES[column].split()
    if column == TARGET:
        return aliases.index(key) if key in aliases else len(aliases)
    return int(key != column)
