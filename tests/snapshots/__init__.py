"""What an answer or a page says, whole, held against what was looked at and kept, in this folder.

Each look of a test is kept under its name, as what changed since the one before. After a change
that is meant, the test with --update-snapshots keeps what it finds; what that changed in the files
is read before it is committed.
"""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
SHARE = 1e-3


def is_same(kept: str, line: str, near: float = 0.0) -> bool:
    """Another processor adds in another order: numbers with a point may differ within one of their
    last digit where they stand in quotes, spelt alike, and elsewhere by a thousandth or by `near`.
    """
    if kept == line:
        return True
    if NUMBER.split(kept) != NUMBER.split(line):
        return False
    quotes = kept.replace('\\"', "  ")
    for a, b in zip(NUMBER.finditer(kept), NUMBER.finditer(line), strict=True):
        if a[0] == b[0]:
            continue
        if not {".", "e"} & {*a[0], *b[0]}:
            return False
        digits = [len(number[0].partition(".")[2]) for number in (a, b)]
        powers = {"e" in number[0] for number in (a, b)}
        quoted = quotes.count('"', 0, a.start()) % 2
        one, other = float(a[0]), float(b[0])
        room = 1.001 * 10 ** -digits[0] if quoted else max(near, SHARE * abs(one), 1e-9)
        if abs(one - other) > room or (quoted and (digits[0] != digits[1] or len(powers) > 1)):
            return False
    return True


def differences(kept: list[str], lines: list[str], near: float) -> list[str]:
    """What is not as it was kept, as a diff."""
    if kept == lines:
        return []
    if len(kept) == len(lines):
        lines = [a if is_same(a, b, near) else b for a, b in zip(kept, lines, strict=True)]
    return list(difflib.unified_diff(kept, lines, "kept", "now", n=1, lineterm=""))


def changes(before: list[str], after: list[str]) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            yield f"@ {i} {j}"
            yield from (f"+ {line}" for line in after[k:m])


def changed(before: list[str], kept: list[str]) -> list[str]:
    """What comes of `changes`."""
    after: list[str] = []
    place = 0
    for line in kept:
        if line.startswith("@"):
            first, past = map(int, line[2:].split())
            after += before[place:first]
            place = past
        else:
            after.append(line[2:])
    return after + before[place:]


class Snapshots:
    """The looks of one test, in their order, under the names that they are kept by."""

    near = 0.0  # see `is_same`

    def __init__(self, name: str, *, update: bool) -> None:
        self._file = FOLDER / f"{name}.txt"
        self._update = update
        self._before: list[str] = []
        self._taken: list[str] = []
        self._wrong: list[str] = []
        self._looks = {} if update else self._read()

    def _read(self) -> dict[str, list[str]]:
        looks: dict[str, list[str]] = {}
        for line in self._file.read_text().splitlines():
            if line.startswith("== "):
                looks[line[3:]] = []
            else:
                looks[list(looks)[-1]].append(line)
        return looks

    def hold(self, name: str, lines: list[str], *, alone: bool = False) -> None:
        """`alone`: the look has nothing to do with the one before."""
        before = [] if alone else self._before
        wanted = lines
        if self._update:
            self._taken += [f"== {name}", *changes(before, lines)]
        else:
            wanted = changed(before, self._looks.pop(name))
            found = differences(wanted, lines, self.near)
            self._wrong += [f"== {name}", *found] if found else []
        if not alone:
            self._before = wanted

    def close(self) -> None:
        if self._update:
            FOLDER.mkdir(exist_ok=True)
            self._file.write_text("\n".join(self._taken) + "\n")
        assert not self._wrong, "\n".join(self._wrong[:80])
        assert not self._looks, f"kept, and not looked at: {list(self._looks)}"
