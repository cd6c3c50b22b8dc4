"""Own points from a table: which columns they are, what the classes are called, what is lost."""

from types import SimpleNamespace
from urllib.parse import parse_qs, parse_qsl

import numpy as np
import pytest

from classifiers.config import DatasetConfig, PlaygroundConfig
from classifiers.data.files.points import read_points
from classifiers.errors import ConfigError, DataError
from classifiers.recipes.playground.findings import find
from classifiers.recipes.playground.result import build_scene
from classifiers.recipes.playground.run import run_playground
from classifiers.ui.film.message import start_of
from classifiers.ui.playground.link import from_query, to_query
from classifiers.ui.playground.points import _named
from classifiers.ui.playground.rows import read_points as read_text
from tests.tools.wild_files import case

RNG = np.random.default_rng(0)
XY = np.round(RNG.normal(size=(30, 2)), 2)
CLASSES = [int(i % 3 == 0) for i in range(30)]


def lines(labels, separator=",", header=""):
    rows = [separator.join([f"{a:g}", f"{b:g}", str(c)])
            for (a, b), c in zip(XY, labels, strict=True)]  # fmt: skip
    return "\n".join([header] * bool(header) + rows).encode()


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (("0", "1"), ["0", "1"]),
        (("-1", "1"), ["-1", "1"]),
        (("1", "2"), ["1", "2"]),
        (("1.0", "2.5"), ["1.0", "2.5"]),
        (("2", "10"), ["2", "10"]),
        (("healthy", "sick"), ["healthy", "sick"]),
        (("'no'", "'yes'"), ["no", "yes"]),
    ],
)
def test_labels_of_any_kind_are_classes_with_names(names, classes):
    read = read_points(lines([names[c] for c in CLASSES]))
    assert read.classes == classes
    assert [int(point[2]) for point in read.points] == CLASSES
    assert np.array(read.points)[:, :2].tolist() == XY.tolist()


def test_numbers_from_0_stay_what_they_are():
    read = read_points(lines([(0, 1, 2)[i % 3] for i in range(30)]))
    assert [int(p[2]) for p in read.points] == [i % 3 for i in range(30)]
    assert read.classes == ["0", "1", "2"]


def test_more_than_eight_classes_are_refused_with_the_column():
    with pytest.raises(DataError, match="has 30 different classes in column 'who', at most 8"):
        read_points(lines(range(30), header="a,b,who"))


@pytest.mark.parametrize(
    ("header", "order", "chosen"),
    [
        ("x,y,class", "xyc", (0, 1, 2)),
        ("class,x,y", "cxy", (1, 2, 0)),
        ("x1,x2,y", "xyc", (0, 1, 2)),
        ("y,x1,x2", "cxy", (1, 2, 0)),
        ("id,width,height,species", "ixyc", (1, 2, 3)),
        ("target,id,a,b", "cixy", (2, 3, 0)),
    ],
)
def test_columns_are_told_by_name_and_row_numbers_are_none(header, order, chosen):
    made = [
        ",".join({"x": f"{a:g}", "y": f"{b:g}", "c": str(c), "i": str(i)}[key] for key in order)
        for i, ((a, b), c) in enumerate(zip(XY, CLASSES, strict=True))
    ]
    read = read_points("\n".join([header, *made]).encode())
    assert read.chosen == chosen
    assert np.array(read.points).tolist() == [
        [a, b, c] for (a, b), c in zip(XY.tolist(), CLASSES, strict=True)
    ]
    swapped = read_points(
        "\n".join([header, *made]).encode(),
        columns=tuple(read.columns[i] for i in (chosen[1], chosen[0], chosen[2])),
    )
    assert np.array(swapped.points)[:, 0].tolist() == XY[:, 1].tolist()


def test_a_bad_row_does_not_lose_the_good_ones_and_is_named():
    content = lines(CLASSES, header="x,y,class") + b"\n1,oops,0\n1,2\n3,4,\n5,6\n"
    read = read_points(content)
    assert len(read.points) == 30
    assert read.notes == ["rows left out: 4, the first: line 32 is '1, oops, 0', not two numbers "
                          "and a class"]  # fmt: skip


def test_too_many_points_are_drawn_and_counted():
    rows = [f"{i % 90},{i % 41},{i % 2}" for i in range(6000)]
    read = read_points("\n".join([*rows, "7,,1", "8,2,"]).encode())
    assert len(read.points) == 5000
    assert read.notes == [
        "rows left out: 2, the first: line 6001 is '7, , 1', not two numbers and a class",
        "5,000 of 6,000 points, drawn at random",
    ]
    kept = {(x, y) for x, y, _ in read.points}
    assert len({x for x, _ in kept}) == 90  # from all of the file
    with pytest.raises(ConfigError, match="^dataset.points: must be at most 5,000 .* got 6,000"):
        read_text("\n".join(rows))


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"x,y,class\n", b"1,2,0\n3,4,1\n", b"a,b\n1,2\n"]
)
def test_what_holds_no_points_is_an_error(content):
    with pytest.raises(DataError, match="^file: (is empty|has )"):
        read_points(content)


def test_points_beyond_the_picture_are_standardised_or_refused():
    content = "\n".join(f"{1000 * a:g},{b:g},{c}" for (a, b), c in zip(XY, CLASSES, strict=True))
    with pytest.raises(DataError, match="beyond ±1000, the picture's edge; standardise"):
        read_points(content.encode())
    read = read_points(content.encode(), standardise=True)
    x = np.array(read.points)[:, :2]
    np.testing.assert_allclose(x, (XY - XY.mean(0)) / XY.std(0), atol=2e-3)


def accuracy(points):
    config = PlaygroundConfig.parse({"dataset": {"name": "points", "points": points}})
    *_, last = run_playground(config, film=False)
    return last.result.metrics()["test_accuracy"], list(find(last.result))


def test_points_of_unlike_scales_say_so_before_and_after_and_standardising_helps():
    path = case("own-points-unscaled", "points.csv")
    raw, scaled = read_points(path), read_points(path, standardise=True)
    assert raw.scales_differ
    assert not scaled.scales_differ
    before, findings = accuracy(raw.points)
    assert before < 0.55
    assert findings[0].startswith("Every test point was called class")
    assert "Standardise the points" in findings[0]
    after, findings = accuracy(scaled.points)
    assert after > 0.72
    assert "Every test point" not in findings[0]


# Names of classes, from the file to the film


@pytest.mark.parametrize("names", [("healthy", "sick"), ("-1", "1"), ("1", "2")])
def test_names_of_classes_go_from_the_text_of_the_page_to_the_film_and_into_links(names):
    text = "\n".join(f"{a:g}, {b:g}, '{names[c]}'" for (a, b), c in zip(XY, CLASSES, strict=True))
    config = PlaygroundConfig.parse({"dataset": {"name": "points", "points": read_text(text)}})
    data = config.dataset
    assert data.class_names == names
    assert data.classes == 2
    assert [point[2] for point in data.points] == CLASSES
    assert PlaygroundConfig.parse(config.to_dict()) == config
    query = {key: value for key, [value] in parse_qs(to_query(config)).items()}
    assert from_query(query)[0] == config
    assert start_of(build_scene(config), "run", {})["names"] == list(names)


def test_an_uploads_names_stand_in_the_link():
    def first(label):
        return f"{XY[0, 0]:g},{XY[0, 1]:g},{label}"

    def upload(labels):
        read = read_points(lines(labels))
        data = DatasetConfig.parse({"name": "points", "points": _named(read)}, "dataset")
        link = dict(parse_qsl(to_query(PlaygroundConfig(dataset=data))))
        assert from_query(link)[0].dataset == data
        return data.class_names, link["dataset.points"].partition(";")[0]

    assert upload([("no", "yes")[c] for c in CLASSES]) == (("no", "yes"), first("yes"))
    assert upload([(1, 2)[c] for c in CLASSES]) == (("1", "2"), first("'2'"))
    assert upload(CLASSES) == ((), first("1"))
    assert upload([("a b", "it's")[c] for c in CLASSES]) == (("a b", "it s"), first("it s"))


@pytest.mark.parametrize(
    ("classes", "named"),
    [
        (["a,b", "a b"], [0, 1]),  # one name, once what separates cells is gone
        (["a,b", "a c"], ["a b", "a c"]), ([";;", "b"], ["?", "b"]), ([" 'x' ", "y"], ["x", "y"]),
        (["n" * 60, "m"], ["n" * 40, "m"]), (["0", "1"], [0, 1]), (["1", "2"], ["1", "2"]),
    ],
)  # fmt: skip
def test_what_separates_cells_is_no_part_of_a_name(classes, named):
    read = SimpleNamespace(classes=classes, points=[[5.0, 6.0, 0], [7.0, 8.0, 1]])
    assert _named(read) == [[5.0, 6.0, named[0]], [7.0, 8.0, named[1]]]


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ({"class_names": ["a", "b"]}, "class_names: goes with name='points' only"),
        ({"name": "points", "points": [[1, 2, 0]] * 10, "class_names": ["a"]}, "must be 2 diff"),
        ({"name": "points", "points": [[1, 2, "a"]] * 10, "class_names": ["a"]}, "left out where"),
        ({"name": "points", "points": [[1, 2, f"{i}."] for i in range(20)]}, "at most 8 diff"),
        ({"name": "points", "points": [[1, 2, "a" * 50], [1, 2, "b"]] * 9}, "class_names"),
    ],
)
def test_impossible_names_are_refused(dataset, message):
    with pytest.raises(ConfigError, match=message):
        PlaygroundConfig.parse({"dataset": dataset})
