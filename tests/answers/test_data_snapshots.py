"""Tables, own points and drawn points, whole: held against what was looked at and kept."""

from io import BytesIO
from typing import Any, get_args

import numpy as np
import openpyxl

from classifiers.config import DatasetConfig
from classifiers.config.dataset import Feature
from classifiers.data.balance import class_counts, class_priors
from classifiers.data.bayes import bayes_accuracy, bayes_hit_rate
from classifiers.data.features import apply_features
from classifiers.data.files.points import read_points
from classifiers.data.files.table import read_table
from classifiers.data.files.write import Format, write_table
from classifiers.data.splits import fold_weights, split_indices, split_seed, stratified_folds
from classifiers.data.synthetic import bayes_predict, extent, fresh, posterior, sample
from tests.answers.thinned import attempt, hold
from tests.tools.heart_files import UCI_HEADER, invent_patients
from tests.tools.hostile_files import HOSTILE
from tests.tools.written_tables import ENCODINGS, SEPARATORS, TEXTS, xls, xlsx

SETS: dict[str, dict[str, Any]] = {
    "blobs": {}, "blobs of eight": {"classes": 8, "noise": 0.7, "seed": 3},
    "blobs, one rare": {"classes": 3, "balance": 0.1}, "circles": {"name": "circles"},
    "narrow circles": {"name": "circles", "factor": 0.3, "noise": 0.05},
    "circles, one rare": {"name": "circles", "balance": 0.8, "samples": 101},
    "moons": {"name": "moons"}, "moons, turned": {"name": "moons", "label_noise": 0.3},
    "moons without noise": {"name": "moons", "noise": 0.0, "balance": 0.3},
    "spirals": {"name": "spirals"}, "three spirals": {"name": "spirals", "classes": 3},
    "four spirals": {"name": "spirals", "classes": 4, "noise": 0.4, "balance": 0.5},
    "xor": {"name": "xor"}, "xor of three": {"name": "xor", "classes": 3, "noise": 0.3},
    "xor of four": {"name": "xor", "classes": 4, "balance": 0.4},
    "own": {"name": "points", "points": [[i % 7, -i / 3, i % 3] for i in range(15)]},
    "own, named": {"name": "points", "points": [[i, i * i, "ab"[i % 2]] for i in range(12)]},
}  # fmt: skip
PLACES = [[x, y] for x in (-3.0, -0.8, 0.1, 1.7) for y in (-6.0, -0.4, 0.3, 2.2)]


def points_of(x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    place = np.arange(1, len(y) + 1) / len(y)
    return {
        "x": [[*column[:4], column.mean(), column.std(), (column * place).mean()] for column in
              x.astype(float).T],
        "y": [y[:12], np.bincount(y), float((y * place).mean())],
    }  # fmt: skip


def test_sets_of_points(snapshots):
    for name, given in SETS.items():
        own = given.get("name") == "points"  # those say themselves how many they are
        config = DatasetConfig.parse(given if own else {"samples": 60, **given})
        told = describe_set(config)
        hold(snapshots, name, {"classes": config.classes, **told}, 12)


def describe_set(config: DatasetConfig) -> dict[str, Any]:
    drawn = sample(config)

    def known() -> dict[str, Any]:
        new = fresh(config, 50, 3)
        return {
            "another seed": points_of(sample(config, seed=9, samples=33).x, np.zeros(33, int)),
            "fresh": points_of(new.x, new.y),
            "posterior": [list(row) for row in posterior(config, PLACES).tolist()][:8],
            "best": bayes_predict(config, PLACES),
            "accuracy": bayes_accuracy(config, 400, 1),
            "here": bayes_hit_rate(config, drawn.x, drawn.y),
            "priors": class_priors(config),
        }

    return {
        "drawn": points_of(drawn.x, drawn.y),
        "extent": extent(drawn.x)._asdict(),
        "counts": [class_counts(config, n) for n in (5, 60, 101)],
        "features": apply_features(drawn.x[:5], get_args(Feature)).tolist(),
        "distribution": attempt(known),
    }


def test_splits_and_folds(snapshots):
    y = np.array([0, 1, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0, 2])
    hold(snapshots, "seeds", [split_seed(7, member) for member in range(4)])
    for share in (0.05, 0.2, 0.5, 0.8, 0.93, 0.99, 0, 1, -1):
        parts = [
            attempt(lambda share=share, by=by: split_indices(14, share, 3, stratify=by))
            for by in (None, y)
        ]
        hold(snapshots, f"a share of {share}", parts, 20)
    for folds in (1, 2, 3, 4, 20):
        told = attempt(lambda folds=folds: stratified_folds(y, folds, 2, 5))
        hold(snapshots, f"{folds} folds", told, 30)
    hold(snapshots, "weights", fold_weights(stratified_folds(y, 3, 1, 5), 3), 50)


def table_of(content: bytes) -> Any:
    def read() -> dict[str, Any]:
        table = read_table(content, "a file")
        return {
            "header": table.header, "has_header": table.has_header, "rows": len(table.rows),
            "first": table.rows[0], "last": table.rows[-1],
            "first as numbers": [table.values(i)[0] for i in range(len(table.header))],
            "lines": [*table.lines[:2], table.lines[-1]], "errors": table.row_errors,
            "decimal": table.decimal, "units": table.units, "notes": list(table.notes),
            "form": table.form,
        }  # fmt: skip

    return attempt(read)


def test_tables_as_programs_write_them(snapshots):
    rows = [row[:5] for row in invent_patients(6, seed=2)]
    header = [*UCI_HEADER[:4], "Größe"]
    for name, write in TEXTS.items():
        for separator in SEPARATORS:
            text = write(header, rows, SEPARATORS[separator])
            content = text.encode(ENCODINGS[len(name) % len(ENCODINGS)], "replace")
            hold(snapshots, f"{name}, {separator}", table_of(content))
    hold(snapshots, "xlsx", table_of(xlsx(header, rows)))
    hold(snapshots, "xlsx, titled", table_of(xlsx(header, rows, title=True, second=True)))
    hold(snapshots, "xls", table_of(xls(header, rows)))


ODD = {
    "ragged": b"a,b,c\n1,2\n3,4,5,6\n7,8,9\n", "only a header": b"a,b\n", "one name": b"a\n1\n2\n",
    "twice a name": b"a,a,b\n1,2,3\n4,5,6\n", "quotes": b'a,b\n"1,5",2\n"x ""y""",3\n',
    "semicolons": b"a;b\n1,5;2\n2,5;3\n", "units": b"age;chol\nyears;mmol/l\n50;5,2\n61;6,1\n",
    "open quote": b'a,b\n"1,2\n3,4\n', "nul": b"a,b\n1,\x002\n", "spaces": b"1 2 3\n4 5 6\n",
    "arff": b"@relation r\n@attribute 'a b' numeric\n@attribute c {x,y}\n@data\n1,x\n?,'y'\n",
    "arff without data": b"@relation r\n@attribute a real\n",
    "sparse arff": b"@relation r\n@attribute a real\n@data\n{0 1}\n",
    "latin": "größe,b\n1,2\n".encode("latin-1"), "utf-16": "a\tb\n1\t2\n".encode("utf-16"),
}  # fmt: skip


def test_odd_tables_and_hostile_ones(snapshots):
    for name, content in ODD.items():
        hold(snapshots, name, table_of(content))
    for name in ("entities", "no zip", "a document", "no sheet of old Excel", "an open quote"):
        told = attempt(lambda name=name: read_table(HOSTILE[name](), "a file"))
        hold(snapshots, name, told if isinstance(told, str) else "read")


def test_written_tables(snapshots):
    rows = [
        ["name", "risk", "note"], ["=1+1", 0.25, "a;b"], ["-3", 12, '"x", y'], ["@a", 1e-7, "\t=x"],
        ["+49 1", -0.5, "line\nbreak"], ["3,5 %", 100.0, ""], ["bell\x07", 3, "é"],
    ]  # fmt: skip
    for name in ("csv", "csv-comma", "csv-semicolon", "csv-tab"):
        text = write_table(rows[0], rows[1:], Format.parse(name)).decode()
        snapshots.hold(name, [repr(line) for line in text.split("\n")], alone=True)
    book = openpyxl.load_workbook(BytesIO(write_table(rows[0], rows[1:], Format.parse("xlsx"))))
    hold(snapshots, "xlsx", [list(row) for row in book.active.values])
    bad = ("pdf", 4, None, "", ["csv"], "CSV")
    told = {str(name): attempt(lambda name=name: vars(Format.parse(name))) for name in bad}
    hold(snapshots, "formats", told)


def lines(*rows: str) -> bytes:
    return "\n".join(rows).encode()


def test_own_points(snapshots):
    xy = [f"{i % 5},{(i * i) % 7 / 2}" for i in range(24)]
    tables = {
        "headless": lines(*(f"{at},{i % 2}" for i, at in enumerate(xy))),
        "named": lines("x,y,label", *(f"{at},{['ab', 'c'][i % 2]}" for i, at in enumerate(xy))),
        "class first": lines("class,u,v", *(f"{i % 3},{at}" for i, at in enumerate(xy))),
        "row numbers": lines("id,x,y,t", *(f"{i},{at},{i % 2}" for i, at in enumerate(xy))),
        "some left out": lines(
            "x,y,t", "1,,0", "?,2,1", "1,2,", "one,2,0", *(f"{at},{len(at) % 2}" for at in xy)
        ),
        "scales": lines("x,y,t", *(f"{i},{1000 * i},{i % 2}" for i in range(24))),
        "too far": lines("x,y,t", *(f"{i},{1e6 * i},{i % 2}" for i in range(24))),
        "many classes": lines("x,y,t", *(f"{at},{i}" for i, at in enumerate(xy))),
        "one class": lines("x,y,t", *(f"{at},1" for at in xy)),
        "two columns": lines("x,y", *xy), "few": lines("x,y,t", "1,2,0", "2,3,1"), "empty": b"",
        "many": lines("x,y,t", *(f"{i % 97},{i % 89},{i % 2}" for i in range(6000))),
    }  # fmt: skip
    for name, content in tables.items():
        for standardise in (False, True):
            told = attempt(lambda c=content, s=standardise: read_points(c, standardise=s))
            hold(snapshots, f"{name}, standardised: {standardise}", told, 4)
    for columns in (("v", "u", "class"), ("u", None, None), ("who", "u", "class"), ("u", "u", "v")):
        told = attempt(lambda c=columns: read_points(tables["class first"], columns=c))
        hold(snapshots, f"columns {columns}", told, 4)
