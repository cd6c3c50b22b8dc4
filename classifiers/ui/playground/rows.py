"""Own points as text, a row each, as a link holds them."""

from typing import Any

from classifiers.errors import ConfigError

MOST_POINTS = 5_000
MOST_CHARACTERS = 400_000


def read_points(text: Any) -> list[list[float | str]]:
    """Lines of x, y, class; blank lines and a heading are passed over. A class that is no number,
    or stands in quotes, stays a text.

    Raises:
        ConfigError: names the line that is not three numbers; or there is too much of it.
    """
    text = str(text or "")
    if len(text) > MOST_CHARACTERS:
        raise ConfigError(
            "dataset.points",
            f"must be at most {MOST_CHARACTERS:,} characters, got {len(text):,}; 5,000 points of "
            "three numbers take fewer",
        )
    points: list[list[float | str]] = []
    lines = text.splitlines()
    count = sum(bool(line.strip()) for line in lines)
    if count > MOST_POINTS + 1:  # a heading may be one of them
        raise ConfigError(
            "dataset.points",
            f"must be at most {MOST_POINTS:,} points, got {count:,}; leave out some",
        )
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.replace(";", ",").replace("\t", ",").split(",")]
        if cells == [""] or (number == 1 and not _is_number(cells[0])):
            continue
        if len(cells) != 3 or not all(map(_is_number, cells[:2])) or not cells[2]:
            raise ConfigError(
                "dataset.points",
                f"line {number} must be x, y, class, got {line[:40]!r}; e.g. 1.5, -2, 0",
            )
        x, y, label = cells
        named = label.strip("'\"") if not _is_number(label) else float(label)
        points.append([float(x), float(y), named])
    return points


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def write_label(label: Any) -> str:
    if not isinstance(label, str):
        return str(int(label))
    return f"'{label[:40]}'" if _is_number(label) else label[:40]


def plain(number: float) -> str:
    """The shortest text that reads back as the very same number."""
    return repr(float(number)).removesuffix(".0")
