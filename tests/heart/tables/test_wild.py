"""Files from the wild: each case of the shared folder, and full-size ones from UCI's rows."""

import csv
import io

import numpy as np
import pytest

from classifiers.data.heart.file import (
    FEATURE_NAMES,
    Reading,
    audit_heart,
    read_heart,
    read_patients,
)
from classifiers.errors import DataError
from tests.tools.heart_files import (
    UCI_HEADER,
    as_counted_from_zero,
    as_kaggle,
    codes_of,
    path_to,
    recode,
    refusal_codes,
    site_rows,
    to_csv,
)
from tests.tools.wild_files import (
    as_arff,
    as_four_sites,
    as_funmodeling,
    as_orange,
    as_textbook,
    as_weka,
    as_words_on_kaggles_codes,
    case,
)


def answers(model, content, **options):
    return model.predict_file(content, None, Reading.parse(**options))


def rows_of(result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.to_csv(), newline="")))


def cleveland():
    return read_heart(path_to("uci/processed.cleveland.data"))


@pytest.fixture(scope="module")
def uci(model):
    return model.predict_rows(cleveland().x)


# Counted from 0


def test_counted_from_zero_is_named_refused_and_converted_on_request(model):
    path, right = case("from-zero-coding"), case("from-zero-coding", "right_coding.csv")
    audit = audit_heart(path)
    assert audit.known_copy == "from-zero-upload"
    assert "recoded_columns" in refusal_codes(audit)
    assert "--decode from-zero" in audit.refusals[0].message
    with pytest.raises(DataError, match="^file: .*counts from 0.* decode=from-zero converts them"):
        model.predict_file(path)
    decoded = answers(model, path, decode="from-zero")
    np.testing.assert_array_equal(decoded.answers, model.predict_file(right).answers)
    assert rows_of(decoded)[0]["converted"] == "decoded from from-zero"


def test_the_whole_upload_decodes_to_ucis_patients(model):
    rows = as_counted_from_zero(site_rows("cleveland"))
    content = to_csv(rows, [*FEATURE_NAMES, "condition"])
    table = read_heart(content, decode="from-zero")
    complete = ~np.isnan(cleveland().x).any(1)
    assert len(rows) == complete.sum() == 297
    np.testing.assert_array_equal(table.x, cleveland().x[complete])
    np.testing.assert_array_equal(table.y, cleveland().y[complete])
    with pytest.raises(DataError, match="decode=from-zero"):
        model.predict_file(content)
    decoded = answers(model, content, decode="from-zero")
    np.testing.assert_array_equal(decoded.patients.x, cleveland().x[complete])
    for wrong in ("kaggle", None):
        with pytest.raises(DataError):
            answers(model, content, decode=wrong)


def test_kaggles_whole_copy_is_decoded_in_the_batch_as_in_training(model):
    content = to_csv(as_kaggle(site_rows("cleveland")), UCI_HEADER)
    with pytest.raises(DataError, match="Kaggle copy's coding.*decode=kaggle converts them"):
        model.predict_file(content)
    decoded = answers(model, content, decode="kaggle")
    trained = read_heart(content, decode="kaggle")
    np.testing.assert_array_equal(decoded.patients.x[trained.rows], trained.x)
    np.testing.assert_array_equal(decoded.patients.labels[trained.rows], trained.y)


# Words on other codes


def test_words_on_kaggles_codes_are_not_ucis_patients(model):
    rows = as_words_on_kaggles_codes(site_rows("cleveland"))
    for content in (
        to_csv(rows, UCI_HEADER),
        to_csv([[*row[:-1], str(1 - int(row[-1]))] for row in rows], UCI_HEADER),
    ):
        audit = audit_heart(content)
        assert audit.known_copy is None
        assert "categories_not_theirs" in refusal_codes(audit)
        told = next(f.message for f in audit.refusals if f.code == "categories_not_theirs")
        assert "asymptomatic 8% in place of 48%" in told
        assert "thal normal 6% in place of 55%" in told
        with pytest.raises(DataError, match="categories are not theirs"):
            model.predict_file(content)


def test_the_words_case_is_read_as_its_words_say_and_never_called_ucis(model):
    path = case("words-from-kaggle-codes", "input_batch.csv")
    assert audit_heart(path).known_copy is None
    result = model.predict_file(path)
    assert result.patients.known_copy is None
    assert result.patients.x[:, [2, 6, 10, 12]].tolist() == [[1, 0, 2, 7], [2, 1, 3, 6]]


# Copies that only spell things differently


WRITTEN = {
    "islr-heart": lambda rows: to_csv(*as_textbook(rows)),
    "openml-heart-c": lambda rows: to_csv(as_weka(rows), [*UCI_HEADER[:2], "chest_pain",
                                                          *UCI_HEADER[3:-1], "num"]),
    "arff": as_arff,
    "orange-heart": as_orange,
    "funmodeling-heart": lambda rows: to_csv(*as_funmodeling(rows)),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_a_copy_in_other_words_joins_uci_without_a_wrong_value(model, uci, name):
    content = WRITTEN[name](site_rows("cleveland"))
    audit = audit_heart(content)
    assert audit.accepted, audit.refusals
    assert audit.known_copy == ("openml-heart-c" if name == "arff" else name)
    table, original = read_heart(content), cleveland()
    np.testing.assert_array_equal(table.x, original.x)
    np.testing.assert_array_equal(table.y, original.y)
    result = model.predict_file(content)
    assert result.errors == {}
    np.testing.assert_allclose(result.answers, uci, atol=1e-12)
    np.testing.assert_array_equal(result.patients.labels, original.y)


def test_the_textbooks_case_is_read(model):
    path = case("islr-heart")
    result = model.predict_file(path)
    assert result.errors == {}
    assert result.patients.labels.tolist() == [1, 0, 0, 1]
    assert result.patients.x[:, 2].tolist() == [4, 2, 3, 1]
    assert np.isnan(result.patients.x[2, 11:13]).all()
    assert audit_heart(path).known_copy == "islr-heart"


@pytest.mark.parametrize("file", ["input.csv", "input.arff"])
def test_wekas_case_is_read_labels_and_all(model, file):
    result = model.predict_file(case("openml-heart-c", file))
    assert result.errors == {}
    assert result.patients.labels.tolist()[:2] == [1, 0]
    assert result.patients.x[0].tolist() == [61, 1, 4, 141, 251, 0, 2, 131, 1, 1.9, 2, 2, 7]


def test_words_for_missing_are_one_list_for_both(model):
    path = case("missing-words")
    result = model.predict_file(path)
    assert result.errors == {}
    assert len({tuple(answer) for answer in result.answers.tolist()}) == 1
    words = [
        "NA",
        "NaN",
        "nan",
        "null",
        "None",
        "N/A",
        "-9",
        "-9.0",
        ".",
        "-",
        "--",
        "?",
        "",
        "#N/A",
    ]
    for word in words:
        content = f"age,sex,cp,chol\n50,1,4,{word}\n".encode()
        assert model.predict_file(content).errors == {}, word
        assert np.isnan(read_patients(content, 5).x[0, 4])


def test_the_920_rows_of_four_sites_are_named_and_so_is_what_is_in_them(model):
    rows, header = as_four_sites()
    audit = audit_heart(to_csv(rows, header))
    assert audit.known_copy == "uci-920"
    told = next(f.message for f in audit.findings if f.code == "not_independent_of_cleveland")
    assert all(place in told for place in ("Cleveland", "hungarian", "switzerland", "va"))
    filled = [["0" if header[i] == "ca" and not c else c for i, c in enumerate(r)] for r in rows]
    imputed = audit_heart(to_csv(filled, header))
    assert imputed.known_copy == "uci-920-imputed"
    assert "imputed_values" in codes_of(imputed)
    result = model.predict_file(to_csv(rows, header))
    assert len(result.errors) == 0
    assert result.patients.mild == 55


def test_the_raw_files_are_named_and_the_file_to_use():
    path = case("raw76-explained", "input.data")
    for read in (audit_heart, lambda file: read_patients(file, 100)):
        with pytest.raises(DataError, match="raw files: 76 attributes.*processed.cleveland.data"):
            read(path)


# Scales and few rows


def test_standardised_columns_are_said_once_and_nothing_repeats(model):
    path = case("false-repeats")
    audit = audit_heart(path)
    assert audit.duplicates == 0
    assert [f.code for f in audit.refusals] == ["standardised"]
    with pytest.raises(DataError, match="^file: the columns look standardised.*raw values$"):
        model.predict_file(path)


@pytest.mark.parametrize("how", ["standardised", "min-max"])
def test_cleveland_on_another_scale_is_refused_in_one_sentence(model, how):
    table = cleveland()
    x = table.x.copy()
    for i in (0, 3, 4, 7, 9):
        column = x[:, i]
        if how == "min-max":
            x[:, i] = (column - column.min()) / (column.max() - column.min())
        else:
            x[:, i] = (column - column.mean()) / column.std()
    rows = [["" if np.isnan(v) else f"{v:.4f}" for v in row] + [str(y)]
            for row, y in zip(x, table.y, strict=True)]  # fmt: skip
    content = to_csv(rows, UCI_HEADER)
    audit = audit_heart(content)
    assert [f.code for f in audit.refusals] == ["standardised"]
    assert audit.duplicates == 0
    with pytest.raises(DataError, match="look standardised"):
        model.predict_file(content)


def test_four_rows_of_kaggles_are_marked_and_the_coding_is_named(model):
    path = case("four-rows-kaggle")
    result = model.predict_file(path)
    finding = next(f for f in result.patients.findings if f.code == "another_coding")
    assert "cp 0, slope 0, thal 1 and 2" in finding.message
    assert "Kaggle's copy" in finding.message
    marks = [row["warnings"].count("another_coding") for row in rows_of(result)]
    assert marks == [1, 1, 1, 2]
    decoded = answers(model, path, decode="kaggle")
    assert decoded.patients.x[0].tolist() == [61, 1, 4, 141, 251, 0, 2, 131, 1, 1.9, 2, 2, 7]
    assert "another_coding" not in decoded.to_csv()


def test_no_advice_to_turn_labels_of_patients_nobody_knows():
    content = case("labels-against-every-sign").read_bytes()
    audit = audit_heart(content)
    assert "labels_inverted" not in codes_of(audit)  # its vessels are known now, and go with them
    assert "no column for thal (" in audit.refusals[0].message
    audit = audit_heart(content.replace(b"noofmajorvessels", b"unheard_of"))
    told = next(f.message for f in audit.refusals if f.code == "labels_inverted")
    assert "compared (exang, low thalach) and go with others (oldpeak)" in told
    assert "no option turns them: ask who made it" in told
    assert "write 0 for 1" not in told


# Units and codes


def changed(name, change):
    index = UCI_HEADER.index(name)
    return [[*row[:index], change(row[index]), *row[index + 1 :]]
            for row in site_rows("cleveland")]  # fmt: skip


QUESTIONS = [
    ("chol", lambda c: f"{float(c) / 38.67:.6f}", UCI_HEADER, "chol=mmol/l",
     {"units": {"chol": "mmol/l"}}),
    ("trestbps", lambda c: f"{float(c) / 7.50062:.8f}", UCI_HEADER, "trestbps=kPa",
     {"units": {"trestbps": "kPa"}}),
    ("fbs", lambda c: "140" if c == "1" else "95", UCI_HEADER, "fbs=mg/dl",
     {"units": {"fbs": "mg/dl"}}),
    ("fbs", lambda c: "7.4" if c == "1" else "5.3", UCI_HEADER, "fbs=mmol/l",
     {"units": {"fbs": "mmol/l"}}),
    ("sex", lambda c: {"1": "1", "0": "2"}[c], UCI_HEADER, "codes sex=1:male,2:female",
     {"codes": {"sex": {"1": "male", "2": "female"}}}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "header", "option", "answer"), QUESTIONS)
def test_units_and_codes_are_asked_once_a_file_and_converted_as_said(
    model, uci, name, change, header, option, answer
):
    content = to_csv(changed(name, change), header)
    with pytest.raises(DataError) as caught:
        model.predict_file(content)
    assert str(caught.value).count(option) == 1
    assert len(str(caught.value)) < 400
    audit = audit_heart(content)
    assert not audit.accepted
    assert sum(option in f.message for f in audit.refusals) == len(audit.refusals) == 1
    result = answers(model, content, **answer)
    assert result.errors == {}
    np.testing.assert_allclose(result.answers, uci, atol=1e-4)
    assert name in rows_of(result)[0]["converted"]
    table = read_heart(content, **answer)
    np.testing.assert_allclose(table.x, cleveland().x, atol=1e-3)
    assert "converted" in codes_of(table.audit)


@pytest.mark.parametrize("sugar", ["95", "130", "5.2"])
def test_one_patients_sugar_in_mg_is_asked_about_too(model, sugar):
    with pytest.raises(DataError, match="^file: fbs: .*units fbs="):
        model.predict_file(f"age,sex,cp,fbs\n50,1,4,{sugar}\n".encode())


def test_a_header_that_contradicts_its_values_is_asked_about(model):
    rows = site_rows("cleveland")
    header = ["chol (mmol/l)" if name == "chol" else name for name in UCI_HEADER]
    with pytest.raises(DataError, match="says mmol/l and its values .* say mg/dl"):
        model.predict_file(to_csv(rows, header))
    result = answers(model, to_csv(rows, header), units={"chol": "mg/dl"})
    assert result.errors == {}


def test_codes_that_only_another_copy_has_are_asked_about(model):
    rows = recode(site_rows("cleveland"), {"ca": {"3": "4"}, "thal": {"6": "2"}})
    with pytest.raises(DataError) as caught:
        model.predict_file(to_csv(rows, UCI_HEADER))
    assert "codes ca=4:?" in str(caught.value)
    assert "codes thal=2:?" in str(caught.value)
    said = {"ca": {"4": "3"}, "thal": {"2": "fixed"}}
    result = answers(model, to_csv(rows, UCI_HEADER), codes=said)
    np.testing.assert_array_equal(result.patients.x, cleveland().x)


def test_columns_are_what_the_caller_says_they_are(model, uci):
    header = [f"v{i}" for i in range(14)]
    content = to_csv(site_rows("cleveland"), header)
    told = {name: f"v{i}" for i, name in enumerate(FEATURE_NAMES)}
    np.testing.assert_allclose(answers(model, content, columns=told).answers, uci)
    assert read_heart(content, columns={**told, "target": "v13"}).y.sum() == 139


def test_zero_for_a_pressure_or_cholesterol_is_missing_with_a_warning(model):
    result = model.predict_file(b"age,sex,cp,trestbps,chol\n50,1,4,0,0\n50,1,4,,\n")
    assert result.errors == {}
    assert result.answers[0].tolist() == result.answers[1].tolist()
    assert sum(f.code == "zero_as_missing" for f in result.patients.findings) == 2
