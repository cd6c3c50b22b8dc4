"""What the page says of a wrong setting: words and names of controls, never keys or a library's."""

import json
import re
from typing import Any

import gradio as gr
import pytest

from classifiers.config import PlaygroundConfig
from classifiers.data.files.points import Points
from classifiers.errors import ClassifiersError, ConfigError
from classifiers.ui.playground import points
from classifiers.ui.playground.errors import plainly, sentence, wrong
from classifiers.ui.playground.fields import page_settings
from classifiers.ui.playground.stage import look, scene_of, stage

JARGON = re.compile(
    "Value error|Input should|should be|after validation|valid integer|equal to|None|"
    r"\b(dataset|network|training)\.[a-z]|early_stopping|learning_rate|[a-z]+_[a-z]+"
)
VALUES: list[Any] = [-3, 1e9, 0.5, "many", None, [], [1] * 40, [0], [10**6], {}, True, 10**30]
PLACES = [
    (section, name)
    for section in ("dataset", "network", "training")
    for name in type(getattr(PlaygroundConfig(), section)).model_fields
]


def refused(settings: Any) -> ClassifiersError | None:
    try:
        PlaygroundConfig.parse(settings)
    except ClassifiersError as error:
        return error
    return None


@pytest.mark.parametrize(("section", "name"), PLACES)
def test_no_key_and_no_phrase_of_a_library_reaches_a_visitor(section, name):
    for value in VALUES:
        error = refused({section: {name: value}})
        if error is None:
            continue
        # What somebody wrote, or has to write, is shown as it is written.
        told = re.sub(r"got .*|'[^']*'", "", sentence(error))
        assert not JARGON.search(told), told
        assert told[0].isupper() or told[0] == "“"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"training": {"members": 400}}, "Networks must be at most 20, got 400"),
        ({"training": {"learning_rate": -3}}, "Learning rate must be more than 0, got -3"),
        ({"dataset": {"samples": 99999}}, r"Points must be at most [\d,]+, got 99,999"),
    ],
)
def test_a_limit_is_told_by_the_name_of_the_control(settings, told):
    error = refused(settings)
    assert error is not None
    assert re.match(told, sentence(error))
    assert list(wrong(error)) == [error.field]


def test_every_field_of_the_page_has_a_name_for_its_errors():
    labels = page_settings()["labels"]
    for fields in page_settings()["fields"].values():
        for field in fields:
            assert field["path"] in labels


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("at most 100000", "at most 100,000"),
        ("got 0.12345", "got 0.12345"),
        ("got 12345.678", "got 12345.678"),
        ("should be a valid integer, got 'x'", "must be a whole number, got 'x'"),
        ("should have at most 4 items, got 9", "must have at most 4 of them, got 9"),
        ("Value error, no", "no"),
    ],
)
def test_a_message_is_put_plainly(message, told):
    assert plainly(message) == told


def test_a_key_that_nobody_knows_is_named_as_it_was_written():
    told = sentence(ConfigError("training.foo", "is not a known setting"))
    assert told.startswith("“training.foo” is not")


def test_runs_share_their_points_where_these_are_split_alike():
    def scene(**training: Any) -> Any:
        return scene_of(PlaygroundConfig.parse({"training": training}))

    plain, longer, other = scene(), scene(epochs=7), scene(test_share=0.4)
    assert longer.train is plain.train
    assert (longer.config.training.epochs, len(plain.validation)) == (7, 0)
    assert len(other.test) == pytest.approx(2 * len(plain.test), abs=1)
    assert len(scene(early_stopping={"on": "validation"}).validation) > 0


def test_the_page_is_built_with_the_usual_run_which_gives_way_to_a_links():
    with gr.Blocks():
        built = json.loads(stage("a").props["answer"])
    assert (built.pop("built"), built.pop("hidden")) == (True, [])
    told = look(PlaygroundConfig())
    assert [*built] == [*told, "sequence"]
    assert built["config"] == told["config"]


def test_what_a_file_holds_is_told_short():
    rows = [[i + 0.25, -3.0 * i, int(i > 1)] for i in range(5)]
    long, names = "abcdefghij" * 40, ["x", "y", "t"]
    read = Points(rows, ["12345" * 10, "b"], names, (0, 1, 2), (1.0, 30.0), False, [long, "<i>"])
    assert points._tell(read) == (
        f"<p>5 points. Classes: 0 = <b>{'12345' * 8}</b> (2), 1 = <b>b</b> (3).</p>"
        f"<p>The first: 0.25, -0, {'12345' * 4}; 1.25, -3, {'12345' * 4}; 2.25, -6, b; 3.25, -9, b"
        f"</p><p>{'abcdefghij' * 30}</p><p>&lt;i&gt;</p><p><b>One coordinate spreads over 30, the "
        "other over 1: a network learns little from such points. Standardise them.</b></p>"
    )
