"""What single modules show, held: lines as they are, other values as JSON."""

import re

from tests.answers.thinned import hold
from tests.browser.pictures.bench import Looked
from tests.snapshots import Snapshots


def hold_looks(snapshots: Snapshots, looks: Looked) -> None:
    for name, value in looks.items():
        if isinstance(value, list) and all(isinstance(line, str) for line in value):
            told = [re.sub(r"(?<=\S)\s+", " ", line).rstrip() for line in value]
            snapshots.hold(name, told, alone=True)
        else:
            hold(snapshots, name, value, longest=16)
