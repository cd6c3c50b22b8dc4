"""What stands between the playground's page and its recipe: controls, links, messages, texts."""

import base64
import json
from types import SimpleNamespace
from urllib.parse import parse_qsl

import numpy as np
import pytest
import torch
from safetensors.torch import load

from classifiers.config import DatasetConfig, PlaygroundConfig
from classifiers.data.synthetic import Extent
from classifiers.errors import ConfigError
from classifiers.film import LEVELS, decode_planes
from classifiers.recipes.playground.result import Result
from classifiers.recipes.playground.run import finish_playground, run_playground
from classifiers.ui.film import message
from classifiers.ui.film.message import Show, start_of
from classifiers.ui.playground.fields import page_settings
from classifiers.ui.playground.link import from_query, to_query
from classifiers.ui.playground.rows import read_points
from classifiers.ui.playground.stage import answer, opening, stage
from classifiers.ui.playground.trained import Trained
from classifiers.ui.playground.words import LABELS, default_dataset, describe_config, title_of

OWN = [[0.1234567890123, -1.5, 0], [2.0, 1e-7, 3]] + [[float(i), 0.5, i % 2] for i in range(10)]
CONFIGS = {
    "lesson": {},
    "all the rest": {
        "dataset": {
            "name": "circles", "samples": 333, "noise": 0.123, "factor": 0.35, "seed": 7,
            "features": ["x1", "x2^2", "sin(x1)"],
        },
        "network": {
            "widths": [3, 5, 7], "activation": "gelu", "dropout": 0.15, "outputs": "one_logit",
        },
        "training": {
            "optimizer": "adamw", "learning_rate": 0.0123456789, "epochs": 1234, "batch_size": 17,
            "weight_decay": 1e-5, "l1": 0.001, "l2": 0.002, "test_share": 0.35, "members": 3,
            "seed": 99, "early_stopping": {"on": "test", "patience": 77, "share": 0.4},
        },
    },
    "no hidden layer": {"dataset": {"name": "spirals", "classes": 3}, "network": {"widths": []}},
    "momentum": {"dataset": {"classes": 8}, "training": {"momentum": 0.9}},
    "a share": {"dataset": {"name": "xor", "classes": 3, "balance": 0.123456789}},
    "own points": {"dataset": {"name": "points", "points": OWN}},
}  # fmt: skip


@pytest.fixture(scope="module")
def moons() -> Result:
    return finish_playground(
        PlaygroundConfig.parse(
            {"dataset": {"name": "moons", "samples": 100}, "training": {"members": 3, "epochs": 40}}
        ),
        film=True,
    )


@pytest.mark.parametrize("name", CONFIGS)
def test_a_link_restores_every_setting_exactly(name):
    config = PlaygroundConfig.parse(CONFIGS[name])
    restored, hidden = from_query(dict(parse_qsl(to_query(config, ["network", "more"]))))
    assert restored == config
    assert hidden == ["network", "more"]


def test_the_lessons_link_is_empty():
    assert to_query(PlaygroundConfig()) == ""


def test_a_link_ignores_what_is_not_about_the_playground():
    config, hidden = from_query({"__theme": "dark", "hide": "network,nonsense", "utm": "x"})
    assert config == PlaygroundConfig()
    assert hidden == ["network"]


ABOUT = {
    "": False,
    "utm=x&__theme=dark&tab=heart&hidden=1&lesson=p7": False,
    "dataset.name=moons": True,
    "network%2Ewidths=8": True,
    "utm=x&training.=": True,
    "hide": True,
}


@pytest.mark.parametrize("query", ABOUT)
def test_only_a_link_about_the_playground_is_waited_for(query):
    told, hidden = opening(dict(parse_qsl(query, keep_blank_values=True)))
    assert (told is not None) is ABOUT[query]
    assert hidden == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"training.epochs": "many"}, "training.epochs"),
        ({"training.epochs": "NaN"}, "training.epochs"),
        ({"training.nonsense": "1"}, "training.nonsense"),
        ({"dataset.points": "1,2;x"}, "dataset.points"),
        ({"network.widths": "[" * 5000}, "network.widths: must be a value such as 0.1"),
        ({"network.activation": "x" * 60_000}, "network.activation: (?!must have at most 60)"),
        ({"network.activation": "x" * 60_001}, "network.activation: must have at most 60,000"),
        ({"training.early_stopping": "7", "training.early_stopping.on": "test"}, "training"),
        ({"dataset.points": "1" * 100_000}, "dataset.points"),
        ({"dataset.balance": "1"}, "dataset.balance"),
        ({"dataset.balance": "even"}, "dataset.balance"),
    ],
)
def test_a_hostile_link_is_refused_by_name(query, field):
    with pytest.raises(ConfigError, match=f"^{field}"):
        from_query(query)


def test_points_are_read_from_a_csv_with_a_heading_and_any_usual_separator():
    assert read_points("x,y,class\n1,2,0\n\n3;4;1\n5\t6\t1\n") == [[1, 2, 0], [3, 4, 1], [5, 6, 1]]


def test_a_bad_line_of_points_is_named():
    with pytest.raises(ConfigError, match=r"^dataset.points: line 2 must be x, y, class"):
        read_points("1,2,0\n1,2\n")


def test_too_long_a_text_of_points_is_refused_before_it_is_split():
    with pytest.raises(ConfigError, match=r"^dataset.points: must be at most 400,000 characters"):
        read_points("\n" * 400_001)
    longest = "-1.2345678901234567, -1.2345678901234567, 1\n" * 5000
    assert len(read_points(longest)) == 5000


def test_the_comparison_shows_which_settings_differ():
    one = describe_config(PlaygroundConfig())
    other = describe_config(PlaygroundConfig.parse({"network": {"activation": "tanh"}}))
    assert {key for key in one if one[key] != other[key]} == {"Activation"}
    assert (one["Activation"], other["Activation"]) == ("ReLU", "tanh")
    share = describe_config(PlaygroundConfig.parse({"dataset": {"balance": 0.2}}))
    assert {key for key in one if one[key] != share[key]} == {"Share of class A"}
    assert (one["Share of class A"], share["Share of class A"]) == ("even", "0.2")


@pytest.mark.parametrize("name", CONFIGS)
def test_every_setting_that_has_a_value_is_described(name):
    config = PlaygroundConfig.parse(CONFIGS[name])
    told = describe_config(config)
    for section, values in config.to_dict().items():
        for key, value in values.items():
            if value not in (None, [], ()) or key == "widths":
                assert LABELS[f"{section}.{key}"] in told
    assert told["Learning rate"] == f"{config.training.learning_rate:g}"
    assert told["Hidden units"] == (", ".join(map(str, config.network.widths)) or "none")
    assert all(isinstance(text, str) and text for text in told.values())


def test_changes_are_described_in_words():
    changes = [{"epoch": 20, "learning_rate": 0.3}, {"epoch": 1000, "batch_size": None}]
    told = describe_config(PlaygroundConfig.parse({"training": {"changes": changes}}))
    wanted = "from epoch 20 learning rate 0.3; from epoch 1,000 batch size all points"
    assert told["Changes while it runs"] == wanted


def test_no_setting_is_without_a_name():
    fields = [field for group in page_settings()["fields"].values() for field in group]
    assert {field["path"] for field in fields} <= set(LABELS)
    for section, part in PlaygroundConfig():
        assert {f"{section}.{key}" for key in type(part).model_fields} <= set(LABELS)


def test_a_share_is_in_the_link_the_title_and_the_pages_own_fields():
    config = PlaygroundConfig.parse({"dataset": {"name": "moons", "balance": 0.07}})
    assert to_query(config) == "dataset.name=moons&dataset.balance=0.07"
    assert title_of(config).startswith("Moons (7 % A), ")
    assert title_of(PlaygroundConfig()).startswith("Blobs, ")
    settings = page_settings()
    places = [field["path"] for field in settings["fields"]["data"]]
    place = places.index("dataset.balance")
    field = settings["fields"]["data"][place]
    assert places[place - 1] == "dataset.label_noise"
    assert (field["label"], field["kind"], field["none"]) == ("Share of class A", "slider", "even")
    assert set(field["sets"]) == set(settings["sets"]) - {"points"}
    for name in field["sets"]:  # each step of the slider is a setting, but for the first: none
        low, high, step = settings["sets"][name]["ranges"]["dataset.balance"]
        assert low == 0
        for value in (step, high):
            DatasetConfig.parse({"name": name, "balance": value})


def test_every_dataset_has_a_default_that_can_be_trained():
    for name in ("blobs", "circles", "moons", "xor", "spirals", "points"):
        first = next(run_playground(PlaygroundConfig(dataset=default_dataset(name))))
        assert first.frame is not None


def messages(config: PlaygroundConfig) -> list[dict]:
    show, told = Show(["a run"]), []
    for update in run_playground(config):
        show.take(update)
        done = update.result is not None
        if done or show.due():
            told.append(json.loads(show.message("done" if done else None)))
    return told


def test_the_last_message_holds_the_whole_run():
    told = messages(PlaygroundConfig())
    first, last = told[0]["stages"][0], told[-1]["stages"][0]
    assert first["frames"]["epochs"] == [0]
    assert last["start"] == first["start"]
    assert last["rows"]["epoch"] == list(range(101))
    assert len(last["frames"]["epochs"]) == 60
    assert len({message["sequence"] for message in told}) == len(told)
    assert len({message["run"] for message in told}) == 1


def test_curves_of_several_members_come_with_their_lowest_and_highest(moons):
    show = Show(["a run"])
    for update in run_playground(moons.config):
        show.take(update)
    rows = json.loads(show.message("done"))["stages"][0]["rows"]
    curve = rows["test_loss"]
    assert len(curve["low"]) == len(curve["mean"]) == len(rows["epoch"])
    assert all(
        a <= b <= c for a, b, c in zip(curve["low"], curve["mean"], curve["high"], strict=True)
    )


def test_points_arrive_at_their_place_with_class_and_part(moons):
    scene = moons.scene
    points = start_of(scene, "moons", {})["points"]
    packed = np.frombuffer(
        base64.b64decode(points["data"]), [("x", "<u2"), ("y", "<u2"), ("kind", "u1")]
    )
    box = scene.extent
    x = box.x_min + packed["x"] / 65535 * (box.x_max - box.x_min)
    assert x == pytest.approx(scene.dataset.x[:, 0], abs=1e-3)
    assert (packed["kind"] % 16 == scene.dataset.y).all()
    assert set(np.flatnonzero(packed["kind"] // 16 == 1)) == set(scene.test)


def test_the_best_possible_region_is_the_posteriors(moons):
    start = start_of(moons.scene, "moons", {})
    plane = decode_planes(start["bayes"], (start["bayes_side"],) * 2)[0] // LEVELS
    assert plane[0, 0] == 0
    assert plane[-1, -1] == 1


def test_saved_weights_are_the_trained_ones(moons):
    tensors = load(base64.b64decode(Trained.of(moons).weights()))
    for name, tensor in moons.network.state_dict().items():
        assert torch.equal(tensors[name], tensor)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("some-one/play.ground_2", "some-one/play.ground_2"),
        (None, ""),
        ("", ""),
        ("play", ""),
        ("a/b/c", ""),
        ("a/b'</script>", ""),
    ],
)
def test_links_lead_to_the_space_that_serves_the_page(monkeypatch, name, told):
    monkeypatch.setenv("SPACE_HOST", "some/host")
    monkeypatch.delenv("SPACE_ID", raising=False)
    if name is not None:
        monkeypatch.setenv("SPACE_ID", name)
    assert f'"space": {json.dumps(told)}' in stage("stage").js_on_load


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "look"},
        {"kind": "look", "preview": False},
        {"kind": "look", "config": {"dataset": {"name": "none"}}},
        {"kind": "code"},
        {"kind": "weights"},
        {"kind": "link", "search": "?dataset.name=moons"},
        {"kind": "link", "search": "?dataset.name=none"},
    ],
)
def test_the_same_question_twice_has_two_answers_that_the_page_can_tell_apart(asked):
    told = [json.loads(answer({"config": {}, **asked, "n": 3}, lambda: "", None)) for _ in range(2)]
    assert told[0]["sequence"] < told[1]["sequence"]
    assert told[0]["n"] == told[1]["n"] == 3


def test_points_outside_the_picture_lie_on_its_edge():
    box = Extent(x_min=-1.0, x_max=1.0, y_min=0.0, y_max=4.0)
    dataset = SimpleNamespace(x=np.array([[-3.0, 5.0], [0.0, 1.0], [2.0, -1.0]]), y=np.arange(3))
    scene = SimpleNamespace(dataset=dataset, test=[1], validation=[2], extent=box,
                            distribution_known=True)  # fmt: skip
    data = base64.b64decode(message._points(scene)["data"])
    packed = np.frombuffer(data, [("x", "<u2"), ("y", "<u2"), ("kind", "u1")])
    assert packed["x"].tolist() == [0, 32768, 65535]
    assert packed["y"].tolist() == [65535, 16384, 0]
    assert packed["kind"].tolist() == [0, 1 + 16, 2 + 32]
