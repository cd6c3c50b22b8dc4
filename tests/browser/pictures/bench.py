"""Single modules of the page, called in a page of their own with values made here."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.run import run_playground
from classifiers.ui.film.message import Show
from classifiers.ui.playground.words import describe_config, title_of
from classifiers.ui.static import address

_HERE = Path(__file__).parent
_TOOLS = (_HERE / "tools.js").read_text()
Looked = dict[str, Any]


def opened(page: Any, app_url: str) -> Callable[..., Looked]:
    """Runs a file of looks beside this one; what it gives, by name."""
    where = address("page/dom.js")
    page.goto(f"{app_url}/{where}")
    base = "/" + where.rpartition("/page/")[0]

    def run(file: str, given: Mapping[str, Any] | None = None) -> Looked:
        looks = (_HERE / file).read_text().strip().removesuffix(";")
        script = f"async ([base, given]) => {{\n{_TOOLS}\nreturn plain(await ({looks})(given));\n}}"
        return page.evaluate(script, [base, given or {}])

    return run


def film(settings: Mapping[str, Any], *, weights: bool = True) -> dict[str, Any]:
    """A short run as a page is told of it."""
    config = PlaygroundConfig.parse(settings)
    show = Show([title_of(config)])
    for update in run_playground(config, weights=weights):
        show.take(update, settings=describe_config(config))
    return json.loads(show.message("done"))["stages"][0]
