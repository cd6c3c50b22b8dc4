"""Readers and audit, on UCI's own files and on files that nobody knows."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from classifiers.data.heart.file import FEATURE_NAMES, audit_heart, read_heart, read_patients
from classifiers.errors import DataError
from tests.tools.heart_files import (
    RENAMED,
    SITES,
    UCI_HEADER,
    as_kaggle,
    as_sorted_rows,
    attempt,
    audit,
    binary,
    codes_of,
    invent_patients,
    inverted,
    path_to,
    recode,
    refusal_codes,
    shuffled,
    site_rows,
    to_csv,
    without_column,
)


@pytest.mark.parametrize(
    ("site", "rows", "duplicates", "sick", "missing"),
    [
        ("cleveland", 303, 0, 139, {"ca": 4, "thal": 2}),
        ("hungarian", 294, 1, 106, {"ca": 291, "thal": 266, "slope": 190, "chol": 23}),
        ("switzerland", 123, 0, 115, {"chol": 123, "fbs": 75}),
        # 56 written as missing and one blood pressure of 0; 7 and 49 zeros
        ("va", 200, 1, 149, {"trestbps": 57, "chol": 56}),
    ],
)
def test_uci_file_is_accepted_and_counted(site, rows, duplicates, sick, missing):
    result = audit_heart(path_to(f"uci/processed.{site}.data"))
    assert result.accepted
    assert result.known_copy == f"uci-{site}"
    assert (result.rows, result.duplicates) == (rows, duplicates)
    assert result.class_counts == {"0": rows - sick, "1": sick}
    assert missing.items() <= result.missing.items()
    assert result.out_of_range == {}


def test_cleveland_is_read_as_it_stands():
    table = read_heart(path_to("uci/processed.cleveland.data"))
    assert table.x.shape == (303, 13)
    assert table.x.dtype == np.float64
    assert table.y.dtype == np.int64
    assert np.isnan(table.x).sum() == 6
    assert np.array_equal(table.y, table.num > 0)
    assert np.bincount(table.num).tolist() == [164, 55, 36, 35, 13]
    assert np.array_equal(table.rows, np.arange(303))
    original = site_rows("cleveland")
    for row in (0, 100, 301):
        assert table.x[row].tolist() == [float(cell) for cell in original[row][:-1]]
    assert table.source_name == "processed.cleveland.data"
    assert table.sha256 == "a74b7efa387bc9d108d7d0115d831fe9b414b29ae7124f331b622b4efa0427c8"


def test_duplicates_are_left_out_and_the_rest_keep_their_row_numbers():
    table = read_heart(path_to("uci/processed.hungarian.data"))
    assert len(table.x) == len(table.y) == len(table.rows) == 293
    dropped = set(range(294)) - set(table.rows.tolist())
    assert len(dropped) == 1
    original = site_rows("hungarian")
    assert original[dropped.pop()] in [original[i] for i in table.rows]


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("change", ["header", "shuffled", "renamed", "semicolons", "tabs"])
def test_honest_file_stays_accepted_however_it_is_written(site, change):
    rows = site_rows(site)
    written = {
        "header": lambda: to_csv(rows, UCI_HEADER),
        "shuffled": lambda: to_csv(shuffled(rows), [*FEATURE_NAMES, "num"]),
        "renamed": lambda: to_csv(rows, RENAMED),
        "semicolons": lambda: b"\xef\xbb\xbf" + to_csv(rows, UCI_HEADER, ";"),
        "tabs": lambda: to_csv(rows, None, "\t").replace(b"\n", b"\r\n"),
    }[change]()
    result = audit_heart(written)
    assert result.accepted
    assert result.known_copy == f"uci-{site}"
    again = read_heart(written)
    order = np.random.default_rng(1).permutation(len(rows)) if change == "shuffled" else None
    original = read_heart(to_csv([rows[i] for i in order] if order is not None else rows))
    assert np.array_equal(again.x, original.x, equal_nan=True)
    assert np.array_equal(again.y, original.y)


def test_binary_labels_are_as_good_as_num():
    rows = binary(site_rows("cleveland"))
    table = read_heart(to_csv(rows, UCI_HEADER))
    assert table.y.sum() == 139
    assert table.num is None
    assert table.audit.known_copy == "uci-cleveland"


def test_half_of_cleveland_is_still_cleveland():
    result = audit(shuffled(site_rows("cleveland"))[:150])
    assert result.accepted
    assert result.known_copy == "uci-cleveland"


def test_all_four_sites_together_are_accepted_with_a_warning_about_testing():
    result = audit([row for site in SITES for row in site_rows(site)])
    assert result.accepted
    assert result.known_copy == "uci-920"
    assert "not_independent_of_cleveland" in codes_of(result)
    told = next(f.message for f in result.findings if f.code == "not_independent_of_cleveland")
    assert all(site in told for site in ("Cleveland", "hungarian", "switzerland", "va"))


def test_words_in_place_of_codes_are_read():
    words = {
        "sex": {"0": "Female", "1": "Male"},
        "cp": {"1": "typical angina", "2": "atypical angina", "3": "non-anginal"}
        | {"4": "asymptomatic"},
        "fbs": {"0": "FALSE", "1": "TRUE"},
        "restecg": {"0": "normal", "1": "st-t abnormality", "2": "lv hypertrophy"},
        "exang": {"0": "FALSE", "1": "TRUE"},
        "slope": {"1": "upsloping", "2": "flat", "3": "downsloping"},
        "thal": {"3": "normal", "6": "fixed defect", "7": "reversable defect"},
    }
    rows = [["7", *row] for row in recode(site_rows("cleveland"), words)]
    table = read_heart(
        to_csv(rows, ["id", *FEATURE_NAMES[:7], "thalch", *FEATURE_NAMES[8:], "num"])
    )
    original = read_heart(path_to("uci/processed.cleveland.data"))
    assert np.array_equal(table.x, original.x, equal_nan=True)
    assert np.array_equal(table.num, original.num)
    assert "ignored_columns" in codes_of(table.audit)


@pytest.mark.parametrize("site", SITES)
def test_inverted_labels_of_a_uci_file_are_refused(site):
    result = audit(inverted(site_rows(site)))
    if site == "switzerland":  # 8 healthy patients: too few to measure, but the count is known
        assert refusal_codes(result) <= {"labels_inverted", "labels_disagree"}
        assert not result.accepted
    else:
        assert refusal_codes(result) == {"labels_inverted"}
    assert result.known_copy is None


@pytest.mark.parametrize("site", ["switzerland", "va"])
def test_labels_that_start_at_num_2_are_refused_at_the_other_sites_too(site):
    rows = [[*row[:-1], str(int(int(row[-1]) >= 2))] for row in site_rows(site)]
    assert refusal_codes(audit(rows)) == {"labels_disagree"}


def test_cleveland_with_some_of_its_labels_changed_is_refused():
    rows = binary(site_rows("cleveland"))
    rng = np.random.default_rng(0)
    noisy = [[*row[:-1], str(rng.integers(0, 2))] for row in rows]
    assert "labels_disagree" in refusal_codes(audit(noisy))


def test_unknown_hospitals_file_is_accepted():
    rows = invent_patients()
    result = audit(rows)
    assert result.accepted
    assert result.known_copy is None
    assert result.findings == ()
    table = read_heart(to_csv(rows, UCI_HEADER))
    assert table.x.tolist() == [[float(cell) for cell in row[:-1]] for row in rows]
    assert table.num.tolist() == [int(row[-1]) for row in rows]


@pytest.mark.parametrize("seed", range(5))
def test_inverted_labels_of_an_unknown_file_are_refused(seed):
    result = audit(inverted(invent_patients(seed=seed)))
    assert refusal_codes(result) == {"labels_inverted"}
    assert "no option turns them" in result.refusals[0].message


def test_recoded_and_inverted_columns_of_an_unknown_file_decode():
    rows = invent_patients()
    content = to_csv(as_kaggle(rows), UCI_HEADER)
    assert refusal_codes(audit_heart(content)) == {"labels_inverted", "recoded_columns"}
    decoded = read_heart(content, decode="kaggle")
    original = read_heart(to_csv(binary(rows[:-1]), UCI_HEADER))
    assert as_sorted_rows(decoded) == as_sorted_rows(original)


def test_exact_duplicates_are_dropped_with_a_count_and_near_ones_are_not():
    rows = invent_patients(100)
    other_label = [[*rows[0][:-1], "0" if rows[0][-1] != "0" else "1"]]
    result = audit([*rows, *rows[:7], *other_label])
    assert result.accepted
    assert result.duplicates == 7
    assert result.rows == 108
    table = read_heart(to_csv([*rows, *rows[:7], *other_label], UCI_HEADER))
    assert len(table.x) == 101
    assert table.rows.tolist() == [*range(100), 107]


def test_all_codes_for_missing_are_missing_and_impossible_zeros_too():
    rows = invent_patients(40)
    for row, cell in zip(rows, ("", "?", "NA", "nan", " null ", "-9", "-9.0"), strict=False):
        row[UCI_HEADER.index("thal")] = cell
    rows[0][UCI_HEADER.index("chol")] = "0"
    rows[1][UCI_HEADER.index("trestbps")] = "0.0"
    rows[2][UCI_HEADER.index("oldpeak")] = "0"
    result = audit(rows)
    assert result.accepted
    assert result.missing == dict.fromkeys(FEATURE_NAMES, 0) | {"thal": 7, "chol": 1, "trestbps": 1}
    assert result.out_of_range == {}


def test_stray_impossible_value_is_reported_and_read_as_missing():
    rows = invent_patients()
    rows[3][UCI_HEADER.index("trestbps")] = "1200"
    rows[4][UCI_HEADER.index("cp")] = "9"
    result = audit(rows)
    assert result.accepted
    assert result.out_of_range == {"trestbps": 1, "cp": 1}
    messages = " ".join(finding.message for finding in result.findings)
    assert "trestbps cannot be 1200 (rows: 1); they are read as missing" in messages
    assert "cp cannot be 9 (rows: 1)" in messages
    assert np.isnan(read_heart(to_csv(rows, UCI_HEADER)).x[3, 3])


def test_one_slip_in_a_small_file_is_no_wrong_unit():
    rows = invent_patients(12)
    rows[3][UCI_HEADER.index("thalach")] = "1450"
    assert audit(rows).accepted


def test_column_in_another_unit_is_refused():
    rows = invent_patients()
    for row in rows:
        row[4] = f"{float(row[4]) / 38.67:.1f}"
    result = audit(rows)
    assert refusal_codes(result) == {"out_of_range"}
    assert "must be in mg/dl" in result.refusals[0].message


def test_words_where_numbers_belong_are_refused_with_the_line():
    rows = invent_patients(30)
    rows[4][0] = "old"
    result = audit(rows)
    assert refusal_codes(result) == {"unreadable_values"}
    assert "'old' on line 6" in result.refusals[0].message  # the header is line 1


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        (["0", "5"], "labels_unknown"),
        (["-1", "1"], "labels_unknown"),
        (["-9", "1"], "labels_unknown"),
        (["0.5", "1"], "labels_unknown"),
        (["sick", "well"], "labels_unknown"),
        (["", ""], "labels_unknown"),
        (["0", "0"], "one_class"),
        (["1", "1"], "one_class"),
    ],
)
def test_labels_that_cannot_be_learned_from_are_refused(labels, code):
    rows = [[*row[:-1], labels[i % 2]] for i, row in enumerate(invent_patients(60))]
    assert refusal_codes(audit(rows)) == {code}


def test_rows_without_a_label_are_left_out_of_training_only():
    rows = invent_patients(60)
    rows[5][-1] = ""
    content = to_csv(rows, UCI_HEADER)
    assert read_heart(content).rows.tolist() == [i for i in range(60) if i != 5]
    unlabelled = read_heart(content, require_labels=False)
    assert len(unlabelled.x) == 60
    assert unlabelled.y is None


def test_unlabelled_file_is_read_when_labels_are_not_required():
    rows = without_column(invent_patients(30), "target")
    for content in (to_csv(rows, list(FEATURE_NAMES)), to_csv(rows)):
        with pytest.raises(DataError, match="no column that says whether disease is present"):
            read_heart(content)
        table = read_heart(content, require_labels=False)
        assert table.y is None
        assert table.x.tolist() == [[float(cell) for cell in row] for row in rows]


def test_recoded_columns_are_refused_even_without_labels():
    content = to_csv(as_kaggle(invent_patients()), UCI_HEADER)
    with pytest.raises(DataError, match="Kaggle copy's coding"):
        read_heart(content, require_labels=False)
    assert read_heart(content, require_labels=False, decode="kaggle").x.shape == (200, 13)


def test_audit_is_json_with_the_promised_keys():
    for rows in (invent_patients(30), inverted(invent_patients()), invent_patients(30)[:1]):
        shown = audit(rows).to_dict()
        assert json.loads(json.dumps(shown, allow_nan=False)) == shown
        assert shown.keys() >= {
            "accepted",
            "known_copy",
            "findings",
            "rows",
            "duplicates",
            "missing",
            "class_counts",
        }
        assert all(finding.keys() == {"code", "message"} for finding in shown["findings"])


cells = st.sampled_from(
    ["0", "1", "2", "3", "4", "7", "55", "140", "240", "?", "", "x", "1e999", "-0", "NaN", "fixed"]
) | st.text(max_size=4)  # fmt: skip


@st.composite
def heart_like_files(draw):
    header = draw(
        st.none()
        | st.lists(st.sampled_from([*UCI_HEADER, "Age", "x", "y", ""]), min_size=5, max_size=15)
        | st.just(UCI_HEADER)
    )
    rows = draw(st.lists(st.lists(cells, min_size=12, max_size=15), max_size=8))
    repeats = draw(st.integers(1, 4))
    return to_csv(rows * repeats, header, draw(st.sampled_from(",;\t")))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300) | heart_like_files())
@example(b"\xfe\xff\xd8\x00")
@example(b'"')
@example(b"age\n\xff")
def test_any_bytes_give_an_audit_or_a_data_error(content):
    for call in (
        lambda: audit_heart(content).to_dict(),
        lambda: audit_heart(content, decode="kaggle").to_dict(),
        lambda: read_heart(content).audit.to_dict(),
        lambda: read_heart(content, require_labels=False).audit.to_dict(),
        lambda: read_patients(content, 10).rows,
    ):
        outcome = attempt(call)
        if isinstance(outcome, DataError):
            assert outcome.field == "file"
            assert len(str(outcome)) < 3000
        else:
            assert json.dumps(outcome, allow_nan=False)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(14)), st.integers(0, 2**16), st.booleans())
def test_verdict_does_not_depend_on_the_order_of_rows_and_columns(order, seed, spoil):
    rows = invent_patients(120, seed)
    rows = inverted(rows) if spoil else rows
    plain = audit(rows)
    moved = audit(
        [[row[i] for i in order] for row in shuffled(rows, seed)], [UCI_HEADER[i] for i in order]
    )
    assert (moved.accepted, moved.known_copy) == (plain.accepted, plain.known_copy)
    assert moved.missing == plain.missing
    assert moved.class_counts == plain.class_counts
    assert codes_of(moved) == codes_of(plain)
