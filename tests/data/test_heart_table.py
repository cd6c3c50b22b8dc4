"""From a file's bytes to cells, and from column names to features."""

import pytest

from classifiers.data.files import table as any_table
from classifiers.data.heart.file import FEATURE_NAMES, audit_heart, read_heart, read_patients
from classifiers.errors import DataError
from tests.tools.heart_files import (
    UCI_HEADER,
    as_kaggle,
    audit,
    codes_of,
    invent_patients,
    refusal_codes,
    site_rows,
    to_csv,
    without_column,
)


def test_index_column_and_numbered_header_of_a_data_frame_are_understood():
    rows = invent_patients(30)
    indexed = [[str(i), *row] for i, row in enumerate(rows)]
    numbers = [str(i) for i in range(14)]
    for content in (
        to_csv(indexed, ["", *UCI_HEADER]),
        to_csv(rows, numbers),
        to_csv(indexed, ["", *numbers]),
    ):
        assert read_heart(content).x.tolist() == [[float(c) for c in row[:-1]] for row in rows]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "is empty"),
        (b"age,sex,cp\n", "has a header and no rows"),
        (b"PK\x03\x04\x00\x00", "is not a text file"),
        (b"\xff\xfea\x00\x00", "is not a text file"),
        (b"x,y\n1,2\n", "no column for age, sex, cp.* Found 'x', 'y'; name the columns age, sex"),
        (b"1,2,3\n", "has no header.* its width is 3; add a header"),
        (b"hello\nworld\n", "is not a heart table"),
        (b"age,sex,cp,chol,a,b\n50,1,1,200,1,1\n", "no column for trestbps, fbs"),
        (b"age,Age,sex,cp,chol,fbs,ca\n1,1,1,1,1,1,1\n", "'age' and 'Age' both mean age"),
        (b"a," * 600 + b"\n1", "at most 500 are read"),
        (b"1\n" * 100_002, "at most 100000 rows"),
        (b"a," * 499 + b"\n" + b"1\n" * 4_000, "line 4001 of 500 columns .* 2,000,000 cells"),
        (b"0" * 5_000_001, "larger than 5 MB"),
        (b'a,"' + b"b" * 200_000, "is not CSV"),
    ],
)
def test_what_is_no_heart_table_is_a_data_error_that_says_so(content, message):
    with pytest.raises(DataError, match=f"^upload.csv: .*{message}") as caught:
        audit_heart(content, name="upload.csv")
    assert len(str(caught.value)) < 600


def test_ceiling_of_cells_counts_what_short_rows_lack_and_is_met_exactly():
    content = b"age,note,other\n" + b"50\n" * 99
    assert len(read_patients(content, 200, max_cells=300).rows) == 99
    with pytest.raises(DataError, match="^file: line 100 of 3 columns .* passes 299 cells.* split"):
        read_patients(content, 200, max_cells=299)


def test_reading_stops_where_the_ceiling_is_passed(monkeypatch):
    seen = []
    read = any_table.read_text
    monkeypatch.setattr(any_table, "read_text", lambda *given: counted(*read(*given)))

    def counted(rows, delimiter):
        return map(count, rows), delimiter

    def count(line):
        seen.append(line)
        return line

    with pytest.raises(DataError, match="line 21 of 500 columns"):
        read_patients((b"age" + b"," * 499 + b"\n") * 9_900, 20_000, max_cells=10_000)
    assert len(seen) == 21


def test_unreadable_path_is_a_data_error_without_the_rest_of_the_path(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path, "nul\0byte", "x" * 5000):
        with pytest.raises(DataError, match="cannot be read") as caught:
            audit_heart(path)
        assert str(tmp_path.parent) not in str(caught.value)
    with pytest.raises(DataError, match="must be a path or bytes, got int"):
        audit_heart(7)


def test_path_and_bytes_read_alike(tmp_path):
    content = to_csv(invent_patients(30), UCI_HEADER)
    path = tmp_path / "ward.csv"
    path.write_bytes(content)
    assert audit_heart(path).to_dict() == audit_heart(content, name="ward.csv").to_dict()
    assert audit_heart(str(path)).source_name == "ward.csv"


def test_ragged_row_refuses_training_and_spare_separators_do_not():
    lines = to_csv(invent_patients(30), UCI_HEADER).decode().splitlines()
    spare = "\n".join([lines[0], *(line + ",," for line in lines[1:])])
    assert audit_heart(spare.encode()).accepted
    lines[7] += ",1"
    result = audit_heart("\n".join(lines).encode())
    assert refusal_codes(result) == {"unreadable_rows"}
    assert "line 8 has 15 cells where 14 belong" in result.refusals[0].message


def test_uncut_num_goes_before_a_label_made_from_it():
    rows = [[*row, "1"] for row in invent_patients()]
    table = read_heart(to_csv(rows, [*FEATURE_NAMES, "num", "target"]))
    assert table.num.tolist() == [int(row[13]) for row in rows]


def test_label_column_that_is_only_guessed_is_refused_by_name():
    result = audit(invent_patients(), [*FEATURE_NAMES, "risk"])
    assert refusal_codes(result) == {"unrecognised_columns"}
    assert "rename 'risk' to target" in result.refusals[0].message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_usual_encodings_are_read(encoding):
    file = read_patients('note,age\n"Zoë, née Müller",50\n'.encode(encoding), 10)
    assert file.rows == ({"note": "Zoë, née Müller", "age": "50"},)


def test_quotes_after_a_space_still_quote():
    file = read_patients(b'age, note, thal\n50, "a, b", "fixed"\n', 10)
    assert file.rows == ({"age": "50", "note": "a, b", "thal": "fixed"},)


def test_repeated_names_of_other_columns_are_told_apart():
    file = read_patients(b"note,note (2),note,age,note\na,b,c,50,d\n", 10)
    assert list(file.rows[0].values()) == ["a", "b", "c", "50", "d"]
    assert len(set(file.header)) == 5


@pytest.mark.parametrize(
    ("name", "feature"),
    [
        ("chol mg/dl", "chol"),
        ("Serum cholesterol in mg/dl", "chol"),
        ("trestbps_mmHg", "trestbps"),
        ("age (years)", "age"),
        ("thalach [bpm]", "thalach"),
        ("MaxHR", "thalach"),
        ("the_slope_of_the_peak_exercise_ST_segment", "slope"),
        ("fasting_blood_sugar_gt_120_mg_per_dl", "fbs"),
        ("sex (1 = male; 0 = female)", "sex"),
        ("CAA", "ca"),
    ],
)
def test_other_spellings_of_a_name_are_recognised(name, feature):
    assert read_patients(f"{name},note\n1,2\n".encode(), 10).columns == {feature: name}


def test_exact_name_goes_before_another_spelling_of_it():
    file = read_patients(b"Blood pressure,trestbps\n80,140\n", 10)
    assert file.columns == {"trestbps": "trestbps"}
    assert file.unrecognised == ("Blood pressure",)
    with pytest.raises(DataError, match="'sbp' and 'resting bp' both mean trestbps; keep one"):
        read_patients(b"sbp,resting bp\n80,140\n", 10)


# Hungarian has next to nothing in its last columns to tell them by.
@pytest.mark.parametrize(
    ("site", "dropped"),
    [
        *(("cleveland", name) for name in FEATURE_NAMES),
        *(("hungarian", name) for name in FEATURE_NAMES[:9]),
    ],
)
def test_column_dropped_from_a_headerless_file_is_named(site, dropped):
    result = audit_heart(to_csv(without_column(site_rows(site), dropped)))
    assert refusal_codes(result) == {"missing_columns"}
    assert result.known_copy == f"uci-{site}"
    assert f"no column for {dropped} (without a header" in result.refusals[0].message


def moved_and_renamed(rows, renamed, dropped=()):
    """The columns in reverse order, some under names that mean nothing, some left out."""
    order = [i for i in reversed(range(14)) if UCI_HEADER[i] not in dropped]
    header = [renamed.get(UCI_HEADER[i], UCI_HEADER[i]) for i in order]
    return [[row[i] for i in order] for row in rows], header


def test_last_unknown_name_is_guessed_by_what_the_column_holds():
    rows, header = moved_and_renamed(as_kaggle(invent_patients()), {"target": "zzz"})
    result = audit([[*row, "x"] for row in rows], [*header, "remark"])
    assert result.known_copy == "kaggle"
    assert refusal_codes(result) == {"labels_inverted", "recoded_columns", "unrecognised_columns"}
    assert "rename 'zzz' to target" in " ".join(f.message for f in result.refusals)


def test_only_unknown_column_is_guessed_when_another_was_dropped():
    rows, header = moved_and_renamed(invent_patients(), {"chol": "lipids"}, dropped=("ca",))
    result = audit(rows, header)
    assert refusal_codes(result) == {"missing_columns", "unrecognised_columns"}
    assert "rename 'lipids' to chol" in " ".join(f.message for f in result.refusals)


def test_two_columns_that_could_be_the_label_are_not_guessed_between():
    rows = [[*row[:-1], str(int(row[-1] != "0")), row[5]] for row in invent_patients()]
    result = audit(rows, [*FEATURE_NAMES, "a", "b"])
    assert refusal_codes(result) == {"no_labels"}
    assert "ignored_columns" in codes_of(result)


def test_unknown_names_are_not_guessed_by_position_where_the_order_is_not_ucis():
    rows, header = moved_and_renamed(invent_patients(), {"sex": "a", "fbs": "b", "exang": "c"})
    result = audit(rows, header)
    assert refusal_codes(result) == {"missing_columns"}
    assert "no column for sex, fbs, exang" in result.refusals[0].message
