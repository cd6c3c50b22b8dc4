"""What the page's modules compute and draw, whole, of networks, films and points made here."""

import pytest

from classifiers.ui.playground.fields import page_settings
from classifiers.ui.static import asset
from tests.answers.thinned import hold
from tests.browser.pictures.bench import film, opened

SCRIPTS = {"shell": "app_shell", "line": "line"}


@pytest.fixture(scope="module")
def looked(shared_page, files):
    return opened(shared_page, files)


def held(snapshots, looks) -> None:
    for name, value in looks.items():
        hold(snapshots, name, value, longest=16)


def test_what_the_page_computes(snapshots, looked):
    held(snapshots, looked("engine.js"))


def run(name: str, widths: list[int], **about) -> dict:
    """Settings of a run of three epochs."""
    dataset = {"name": name, "samples": 60, **about.pop("dataset", {})}
    network = {"widths": widths, **about.pop("network", {})}
    return {"dataset": dataset, "network": network, "training": {"epochs": 3, **about}}


SIX = ["x1", "x2", "x1^2", "x1*x2", "sin(x1)", "sin(x2)"]
RUNS = {
    "three on moons": run("moons", [6, 4], members=3),
    "four classes": run("blobs", [12], network={"activation": "tanh"}, learning_rate=0.05),
    "one logit": run("circles", [3, 3], dataset={"features": SIX}, network={
        "outputs": "one_logit", "activation": "gelu"}),
    "no layer": run("blobs", [], dataset={"classes": 3}, test_share=0.5),
    "a broken one of two": run("moons", [3], members=2),
    "pictures of a large one": run("blobs", [256, 256], dataset={"classes": 3}, members=2),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_a_run_as_it_is_drawn(snapshots, looked, name):
    about = {"broken": "broken" in name, "quick": "three" in name}
    held(
        snapshots, looked("films.js", {"films": {name: {"news": film(RUNS[name]), "about": about}}})
    )


def test_what_stands_over_and_behind_a_picture(snapshots, looked):
    settings = {"labels": page_settings()["labels"]}
    bayes = film(RUNS["three on moons"])["start"]["bayes"]
    held(snapshots, looked("marks.js", {"settings": settings, "bayes": bayes}))


def test_what_stands_there_before_gradio(snapshots, looked):
    scripts = {name: asset(f"page/{file}.js") for name, file in SCRIPTS.items()}
    held(snapshots, looked("shell.js", scripts))


def test_charts_of_made_up_numbers(snapshots, looked):
    held(snapshots, looked("charts.js"))
