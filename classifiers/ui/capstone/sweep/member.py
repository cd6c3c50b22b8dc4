"""A network of a sweep trained again, as messages for the panel beside the chart."""

import json
from collections.abc import Iterator
from typing import Any

from classifiers.recipes.playground.budget import expect
from classifiers.recipes.playground.result import Result
from classifiers.recipes.sweep.again import member_scene, train_again
from classifiers.turns import Expect
from classifiers.ui.capstone.sweep.ask import Network
from classifiers.ui.film.message import Show
from classifiers.wording import listed, percent

_DIGITS = 1e-5  # the page has six of them


def member_messages(network: Network) -> Iterator[str | Expect | None]:
    """Messages (JSON text) for `static/capstone/sweep/member.js`; the last one holds everything.

    Raises:
        BudgetError: more work than one request may ask for.
    """
    scene = member_scene(network.config, network.index, network.member)
    show = Show([""])
    yield expect(scene.config)
    for update in train_again(scene):
        show.take(update)
        if update.result is not None:
            told = compare(update.result, network.recorded)
            yield tell(network, "done", told, show.message("done"))
        elif show.due():
            text = f"Training it again: epoch {update.epoch:,} of {update.epochs:,}."
            yield tell(network, "training", text, show.message())
        else:
            yield None


def tell(network: Network, state: str, told: str, film: str | None = None) -> str:
    """One message; `film` is a player's, for one stage."""
    body: dict[str, Any] = {"asked": network.asked, "state": state, "told": told, "film": film}
    return json.dumps(body, separators=(",", ":"))


def compare(result: Result, recorded: dict[str, float]) -> str:
    """Whether the numbers are those that the page shows, and which are not."""
    now = {part: float(result.final[f"{part}_accuracy"][0]) for part in ("train", "test")}
    if result.fresh is not None:
        now["fresh"] = float(result.fresh[0])
    pairs = [(name, now[name], recorded[name]) for name in now if name in recorded]
    others = [pair for pair in pairs if abs(pair[1] - pair[2]) > _DIGITS]
    if not pairs:
        return "Trained again just now."
    if not others:
        return "Trained again just now: the same network, digit by digit."
    names = {"train": "training", "test": "test", "fresh": "fresh"}
    told = listed([f"{names[n]} {percent(ours)} in place of {percent(his)}"
                   for n, ours, his in others])  # fmt: skip
    return (
        f"Trained again on this machine its numbers differ from the recorded ones: {told}. "
        "Another processor or library adds in another order, and training magnifies that."
    )
