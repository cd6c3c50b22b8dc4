"""The audit against the copies in circulation: the lesson's, Kaggle's, StatLog's and others."""

import csv

import numpy as np
import pytest

from classifiers.data.heart.copies import is_cleveland_only
from classifiers.data.heart.file import FEATURE_NAMES, audit_heart, read_heart
from classifiers.errors import ConfigError, DataError
from tests.tools.heart_files import (
    HEART_FAILURE_HEADER,
    RENAMED,
    SITES,
    UCI_HEADER,
    Rows,
    as_counted_from_zero,
    as_heart_failure,
    as_kaggle,
    as_kaggle_1025,
    as_lesson,
    as_sorted_rows,
    as_statlog,
    audit,
    binary,
    codes_of,
    in_kaggle_coding,
    invent_patients,
    path_to,
    recode,
    refusal_codes,
    shuffled,
    site_rows,
    to_csv,
    without_column,
)


def test_lesson_file_is_refused_with_the_reason_and_the_option():
    path = path_to("variants/lesson_heart_301.csv")
    result = audit_heart(path)
    assert result.known_copy == "lesson"
    assert refusal_codes(result) == {"labels_num_ge_2"}
    assert result.class_counts == {"0": 218, "1": 83}
    assert result.out_of_range == {"cp": 3}
    assert result.missing["cp"] == 0
    with pytest.raises(DataError, match=r"^lesson_heart_301.csv: .*num >= 2 and not 'disease") as e:
        read_heart(path)
    assert "labelled 0 here: 56" in str(e.value)
    assert "--accept-labels lesson" in str(e.value)


def test_lesson_labels_are_taken_as_what_they_are_when_accepted():
    table = read_heart(path_to("variants/lesson_heart_301.csv"), accept_labels="lesson")
    assert table.y.sum() == 83
    assert table.x.shape == (301, 13)
    assert "labels_num_ge_2" in codes_of(table.audit)
    assert set(np.unique(table.x[:, FEATURE_NAMES.index("thal")])) == {3, 6, 7}
    assert np.isnan(table.x[:, FEATURE_NAMES.index("cp")]).sum() == 3


def test_real_lesson_file_is_recognised_shuffled_renamed_and_without_words():
    rows = list(csv.reader(path_to("variants/lesson_heart_301.csv").open()))[1:]
    numbers = recode(rows, {"thal": {"normal": "3", "fixed": "6", "reversible": "7"}})
    for copy in (shuffled(rows), shuffled(numbers), rows[:150], rows[150:], shuffled(rows)[:20]):
        result = audit(copy, RENAMED)
        assert result.known_copy == "lesson"
        assert refusal_codes(result) == {"labels_num_ge_2"}


def test_two_impossible_thallium_codes_are_counted_and_not_kept():
    rows = as_lesson(site_rows("cleveland"))
    result = audit(rows)
    assert result.known_copy == "lesson"
    assert result.out_of_range == {"thal": 2}
    table = read_heart(to_csv(rows, UCI_HEADER), accept_labels="lesson")
    assert np.isnan(table.x[:2, 12]).all()


COPIES = {
    "kaggle": (as_kaggle, {"labels_inverted", "recoded_columns"}),
    "kaggle-1025": (as_kaggle_1025, {"labels_inverted", "recoded_columns"}),
    "statlog": (as_statlog, {"labels_1_2"}),
    "lesson": (as_lesson, {"labels_num_ge_2"}),
}
copies = pytest.mark.parametrize("copy", COPIES)


def copy_rows(copy: str) -> Rows:
    return COPIES[copy][0](site_rows("cleveland"))


@copies
@pytest.mark.parametrize(
    "change", ["as it is", "shuffled", "renamed", "headerless", "half", "reordered", "meaningless"]
)
def test_copy_is_recognised_by_content(copy, change):
    rows, header, extra = copy_rows(copy), UCI_HEADER, set()
    if change == "shuffled":
        rows = shuffled(rows)
    elif change == "renamed":
        header = RENAMED
    elif change == "headerless":
        header = None
    elif change == "half":
        rows = shuffled(rows)[: len(rows) // 2]
    elif change == "reordered":
        order = np.random.default_rng(2).permutation(14)
        rows = [[row[i] for i in order] for row in rows]
        header = [UCI_HEADER[i].upper() for i in order]
    elif change == "meaningless":
        header, extra = [f"x{i}" for i in range(14)], {"unrecognised_columns"}
    result = audit(rows, header)
    assert result.known_copy == copy
    assert refusal_codes(result) == COPIES[copy][1] | extra


@copies
@pytest.mark.parametrize("dropped", FEATURE_NAMES)
@pytest.mark.parametrize("headed", [True, False], ids=["header", "no header"])
def test_copy_is_recognised_with_a_column_dropped(copy, dropped, headed):
    rows = without_column(shuffled(copy_rows(copy)), dropped)
    header = [name for name in UCI_HEADER if name != dropped] if headed else None
    result = audit(rows, header)
    assert result.known_copy == copy
    assert COPIES[copy][1] | {"missing_columns"} <= refusal_codes(result)
    (finding,) = [f for f in result.findings if f.code == "missing_columns"]
    assert finding.message.startswith(f"has no column for {dropped} (")


@pytest.mark.parametrize("dropped", FEATURE_NAMES)
def test_dropped_column_of_an_honest_file_is_refused_by_name_and_nothing_else_is(dropped):
    rows = without_column(site_rows("cleveland"), dropped)
    result = audit(rows, [name for name in UCI_HEADER if name != dropped])
    assert result.known_copy == "uci-cleveland"
    assert refusal_codes(result) == {"missing_columns"}
    assert result.missing[dropped] == 303


@copies
def test_copy_without_labels_is_refused_for_want_of_them(copy):
    result = audit(without_column(copy_rows(copy), "target"), list(FEATURE_NAMES))
    assert "no_labels" in refusal_codes(result)
    assert result.class_counts == {}


def test_decoding_kaggle_gives_back_ucis_patients():
    rows = site_rows("cleveland")
    table = read_heart(to_csv(shuffled(as_kaggle(rows)), UCI_HEADER), decode="kaggle")
    assert table.audit.known_copy == "kaggle"
    assert table.audit.duplicates == 1
    original = read_heart(to_csv(binary(rows[:-1]), UCI_HEADER))
    assert as_sorted_rows(table) == as_sorted_rows(original)


def test_the_1025_rows_hold_302_patients():
    content = to_csv(copy_rows("kaggle-1025"), UCI_HEADER)
    result = audit_heart(content)
    assert (result.rows, result.duplicates) == (1025, 723)
    assert {"repeated_patients", "duplicates_dropped"} <= codes_of(result)
    assert len(read_heart(content, decode="kaggle").x) == 302


def test_kaggle_codes_for_missing_are_counted_as_missing():
    rows = copy_rows("kaggle")
    written = {
        name: sum(row[UCI_HEADER.index(name)] == code for row in rows)
        for name, code in (("ca", "4"), ("thal", "0"))
    }
    assert min(written.values()) >= 2
    assert audit(rows).missing == dict.fromkeys(FEATURE_NAMES, 0) | written


def test_kaggle_file_with_labels_already_turned_is_said_to_be_so_and_decodes():
    rows = [[*row[:-1], str(1 - int(row[-1]))] for row in copy_rows("kaggle")]
    result = audit(rows)
    assert result.known_copy == "kaggle"
    assert refusal_codes(result) == {"recoded_columns"}
    assert "labels_not_inverted" in codes_of(result)
    decoded = read_heart(to_csv(rows, UCI_HEADER), decode="kaggle")
    straight = read_heart(to_csv(copy_rows("kaggle"), UCI_HEADER), decode="kaggle")
    assert np.array_equal(decoded.y, straight.y)


def test_one_class_of_the_kaggle_file_is_refused_even_when_decoded():
    head = copy_rows("kaggle")[:120]
    result = audit(head, decode="kaggle")
    assert result.known_copy == "kaggle"
    assert "one_class" in refusal_codes(result)


def test_columns_counted_from_zero_are_not_taken_for_kaggles():
    rows = as_counted_from_zero(site_rows("cleveland"))
    result = audit(rows)
    assert result.known_copy == "from-zero-upload"
    assert refusal_codes(result) == {"recoded_columns"}
    assert "convert with --decode from-zero" in result.refusals[0].message
    assert "option_does_not_apply" in refusal_codes(audit(rows, decode="kaggle"))


def test_half_decoded_kaggle_file_is_not_decoded_again():
    rows = recode(copy_rows("kaggle"), {"thal": {"1": "6", "2": "3", "3": "7", "0": "?"}})
    result = audit(rows, decode="kaggle")
    assert result.known_copy is None
    assert {"recoded_columns", "option_does_not_apply"} <= refusal_codes(result)


def test_statlog_separated_by_spaces_converts():
    rows = as_statlog(site_rows("cleveland"))
    content = to_csv(rows, None, " ")
    assert audit_heart(content).known_copy == "statlog"
    assert audit_heart(content).class_counts.keys() == {"1", "2"}
    table = read_heart(content, decode="statlog")
    assert table.y.tolist() == [int(row[-1]) - 1 for row in rows]
    assert table.audit.class_counts.keys() == {"0", "1"}


def test_statlog_with_words_for_labels_needs_no_option():
    words = {"1": "Absence", "2": "Presence"}
    rows = [[*row[:-1], words[row[-1]]] for row in as_statlog(site_rows("cleveland"))]
    header = (
        "Age,Sex,Chest pain type,BP,Cholesterol,FBS over 120,EKG results,Max HR,Exercise angina,"
        "ST depression,Slope of ST,Number of vessels fluro,Thallium,Heart Disease"
    )
    table = read_heart(to_csv(rows, header.split(",")))
    assert table.y.tolist() == [int(row[-1] == "Presence") for row in rows]


def test_sick_patients_only_are_not_taken_for_statlog():
    rows = [row for row in site_rows("cleveland") if row[-1] in ("1", "2")]
    result = audit(rows)
    assert refusal_codes(result) == {"one_class"}
    assert result.known_copy != "statlog"


@pytest.mark.parametrize("half", [False, True])
def test_heart_failure_file_is_refused_as_no_independent_test(half):
    rows = shuffled(as_heart_failure())
    result = audit(rows[: len(rows) // 2] if half else rows, HEART_FAILURE_HEADER)
    assert result.known_copy == "heart-failure-918"
    assert "not_independent_of_cleveland" in refusal_codes(result)
    assert "no independent test" in result.refusals[-1].message


def test_heart_failure_file_with_numbers_for_its_words_is_recognised():
    rows = [[*row[:11], row[13]] for row in binary([r for s in SITES for r in site_rows(s)])]
    result = audit(rows, HEART_FAILURE_HEADER)
    assert result.known_copy == "heart-failure-918"
    assert not result.accepted


@pytest.mark.parametrize(
    "options", [{"decode": "kaggle"}, {"decode": "statlog"}, {"accept_labels": "lesson"}]
)
def test_option_for_another_copy_is_refused_and_not_ignored(options):
    assert refusal_codes(audit(invent_patients(), **options)) == {"option_does_not_apply"}


@pytest.mark.parametrize("options", [{"decode": "uci"}, {"accept_labels": "kaggle"}])
def test_unknown_option_is_a_config_error(options):
    with pytest.raises(ConfigError, match=f"^{next(iter(options))}: must be "):
        audit(invent_patients(), **options)


def test_few_rows_of_kaggles_copy_are_inverted_and_not_the_lessons():
    rows = site_rows("cleveland")
    mild = [row for row in rows if row[-1] == "1"][:4]
    well = [row for row in rows if row[-1] == "0"][:4]
    recoded = in_kaggle_coding([*mild, *well])
    result = audit(recoded)
    assert result.known_copy == "kaggle"
    assert refusal_codes(result) == {"labels_inverted", "recoded_columns"}
    assert audit(recoded, decode="kaggle").class_counts["1"] == 4


def test_few_unknown_rows_in_kaggles_coding_are_not_decoded_on_a_guess():
    rows = invent_patients(400)
    sick = [row for row in rows if row[-1] != "0"][:3]
    well = [row for row in rows if row[-1] == "0"][:4]
    result = audit(in_kaggle_coding([*sick, *well]), decode="kaggle")
    assert "labels_unclear" in refusal_codes(result)


@pytest.mark.parametrize("left", ["cp", "slope", "thal"])
@pytest.mark.parametrize(("make", "copy"), [(as_kaggle, "kaggle"), (as_counted_from_zero, None)])
def test_one_recoded_column_is_enough_to_tell_the_coding(left, make, copy):
    rows = make(site_rows("cleveland"))
    header = list(UCI_HEADER)
    for name in {"cp", "slope", "thal", "ca", "restecg"} - {left}:
        rows = [[*row[: header.index(name)], *row[header.index(name) + 1 :]] for row in rows]
        header.remove(name)
    result = audit(rows, header)
    assert result.known_copy == copy
    assert "recoded_columns" in refusal_codes(result)


def test_kaggle_file_with_ucis_resting_ecg_is_not_decoded():
    rows = recode(copy_rows("kaggle"), {"restecg": {"0": "2", "1": "0", "2": "1"}})
    result = audit(rows, decode="kaggle")
    assert {"recoded_columns", "option_does_not_apply"} <= refusal_codes(result)


def test_stray_code_in_kaggles_copy_is_missing_and_not_taken_for_ucis():
    rows = copy_rows("kaggle")
    rows[0][UCI_HEADER.index("thal")] = "7"
    table = read_heart(to_csv(rows, UCI_HEADER), decode="kaggle")
    assert np.isnan(table.x[0, FEATURE_NAMES.index("thal")])


def test_lesson_labels_inverted_are_neither_the_lessons_copy_nor_accepted_as_it():
    rows = [[*row[:-1], str(1 - int(row[-1]))] for row in copy_rows("lesson")]
    result = audit(rows, accept_labels="lesson")
    assert result.known_copy is None
    assert "labels_inverted" in refusal_codes(result)


def test_heart_failure_files_letters_are_enough_without_its_patients():
    letters = {"cp": {"1": "TA", "2": "ATA", "3": "NAP", "4": "ASY"}}
    rows = [[*row[:11], row[13]] for row in recode(binary(invent_patients()), letters)]
    assert audit(rows, HEART_FAILURE_HEADER).known_copy == "heart-failure-918"


@pytest.mark.parametrize("site", ["hungarian", "switzerland", "va"])
@pytest.mark.parametrize("dropped", ["age", "trestbps", "thalach", "oldpeak"])
def test_other_sites_are_known_without_a_column(site, dropped):
    rows = without_column(shuffled(site_rows(site)), dropped)
    result = audit(rows, [name for name in UCI_HEADER if name != dropped])
    assert result.known_copy == f"uci-{site}"
    assert refusal_codes(result) == {"missing_columns"}


@pytest.mark.parametrize(
    ("patients", "mild", "only"),
    [
        (303, 55, True),
        (297, 55, True),
        (150, 27, True),
        (20, 4, True),
        (303, 40, False),
        (150, 10, False),
        (330, 55, False),
        (918, 55, False),
        (10, 0, False),
    ],
)
def test_share_of_mild_patients_tells_cleveland_from_a_mixture(patients, mild, only):
    assert is_cleveland_only(patients, mild) is only
