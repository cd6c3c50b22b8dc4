"""The lesson's panel before anybody opens it: what it costs the page."""

import gzip
import json

from classifiers.recipes.guide import steps
from classifiers.ui.static import asset, served_files


def test_the_panel_weighs_little_and_holds_no_answer():
    files = [body for name, body in served_files().items() if name.startswith("guide/")]
    listed = [[each.key, each.tab, each.title, each.core] for each in steps().values()]
    parts = [*files, asset("guide/guide.html").encode(), json.dumps(listed).encode()]
    assert sum(len(gzip.compress(part)) for part in parts) < 30_000
    whole = b"".join(parts).decode()
    for each in steps().values():
        for option in (*each.options, *each.rows):
            assert not option.because or option.because not in whole
