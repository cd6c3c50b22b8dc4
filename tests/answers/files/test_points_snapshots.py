"""Points of a table at the ends of what is taken, and which columns they are of: held as kept."""

from collections.abc import Callable

from classifiers.data.files import points
from classifiers.data.files.points import read_points
from tests.answers.thinned import attempt, hold

PLACES = [(i % 5, (i * i) % 7) for i in range(14)]


def lines(header: str, row: Callable[[int, int, int], str]) -> bytes:
    return "\n".join([header, *(row(i, a, b) for i, (a, b) in enumerate(PLACES))]).encode()


def test_which_columns_points_are_of(snapshots):
    four = {"words called x": lambda i, a, b: f"w,{a},{b},{i % 2}",
            "words called y": lambda i, a, b: f"{a},w,{b},{i % 2}",
            "half words": lambda i, a, b: f"{a if i % 2 else 'w'},{a},{b},{i % 2}",
            "most numbers": lambda i, a, b: f"{a if i > 5 else 'w'},{a},{b},{i % 2}",
            "of one value": lambda i, a, b: f"7,{b},1,{i % 2}"}  # fmt: skip
    for name, row in four.items():
        content = lines("y,x,a,t" if name.endswith("y") else "x,y,a,t", row)
        told = attempt(lambda content=content: read_points(content, standardise=True))
        hold(snapshots, name, told if isinstance(told, str) else vars(told), 3)
    for columns in (("c", None, None), ("c", "b", None), (None, "c", None), ("a", None, "b")):
        content = lines("a,b,c", lambda i, a, b: f"{a},{b},{i % 2}")
        told = attempt(lambda c=columns, content=content: read_points(content, columns=c).chosen)
        hold(snapshots, f"said to be {columns}", told)
    titled = b"Ward,,\n" + lines("x,y,t", lambda i, a, b: f"{a},{b},{i if i < 3 else '?'}")
    hold(snapshots, "few, and a title", attempt(lambda: read_points(titled)))


def test_ends_of_tables_of_points(snapshots, monkeypatch):
    for least in (14, 15):
        monkeypatch.setattr(points, "FEWEST_POINTS", least)
        content = lines("x,y,t", lambda i, a, b: f"{a},{b},{i % 2}")
        told = attempt(lambda content=content: read_points(content).notes)
        hold(snapshots, f"at least {least}", told)
    monkeypatch.setattr(points, "FEWEST_POINTS", 3)
    for most in (13, 14):
        monkeypatch.setattr(points, "MOST_POINTS", most)
        hold(snapshots, f"at most {most}", attempt(lambda: read_points(content).notes))
    monkeypatch.setattr(points, "MOST_POINTS", 6)
    hold(snapshots, "drawn", attempt(lambda: read_points(content)), 20)
    for far in (-1001, -1000, 1000, 1001):
        for x, y in ((far, 0), (0, far)):
            content = lines("x,y,t", lambda i, a, b, x=x, y=y: f"{x if i == 3 else a},"
                            f"{y if i == 3 else b},{i % 2}")  # fmt: skip
            told = attempt(lambda content=content: read_points(content).scales)
            hold(snapshots, f"at {x}, {y}", told)
    for spread in (9, 10, 11, 100):
        content = lines("x,y,t", lambda i, a, b, s=spread: f"{i % 2},{s * (i % 2)},{i % 2}")
        told = read_points(content)
        hold(snapshots, f"{spread} times", [told.scales_differ, told.scales,
             read_points(content, standardise=True).points[:2]])  # fmt: skip
    hold(snapshots, "one column", attempt(lambda: read_points(b"x\n1\n2\n3\n4\n")))
