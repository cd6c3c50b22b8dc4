"""What the playground tab answers to its page, whole: held against what was looked at and kept."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from classifiers.config import PlaygroundConfig
from classifiers.config.dataset import DatasetName
from classifiers.errors import BudgetError, ConfigError
from classifiers.ui.film import endless
from classifiers.ui.playground import words
from classifiers.ui.playground.errors import sentence, wrong
from classifiers.ui.playground.link import from_query, names_settings, to_query
from classifiers.ui.playground.play import PlayedRun
from classifiers.ui.playground.rows import plain, read_points, write_label
from tests.answers.page.asked import ask, event, read
from tests.answers.thinned import attempt, hold
from tests.tools.written_tables import xlsx

SMALL: dict[str, Any] = {"dataset": {"samples": 40}, "training": {"epochs": 6}}
CONFIGS: dict[str, dict[str, Any]] = {
    "lesson": {}, "small": SMALL,
    "moons": {"dataset": {"name": "moons", "samples": 60, "label_noise": 0.1, "balance": 0.3},
              "network": {"widths": [3], "activation": "tanh", "dropout": 0.2},
              "training": {"epochs": 5, "members": 3, "early_stopping": {"patience": 4},
                           "batch_size": 8, "weight_decay": 0.01, "optimizer": "sgd",
                           "momentum": 0.9}},
    "own": {"dataset": {"name": "points",
                        "points": [[i % 5, -i / 4, "ab"[i % 2]] for i in range(12)]},
            "network": {"widths": []}, "training": {"epochs": 3, "l1": 0.1, "l2": 0.2}},
    "circles": {"dataset": {"name": "circles", "factor": 0.4, "samples": 30,
                            "features": ["x1", "x1^2", "sin(x2)"]},
                "network": {"outputs": "one_logit"}},
    "far": {"dataset": {"name": "points", "points": [[90, -80, 0], [-70, 60, 1], [0, 0, 0],
                                                     [1, 1, 1]] * 3}},
}  # fmt: skip
BAD: list[Any] = [
    None, 3, "x", [], {"dataset": 3}, {"dataset": {"samples": 1}}, {"dataset": {"name": "x"}},
    {"network": {"widths": [0]}}, {"network": {"widths": [300] * 9}}, {"colour": 1},
    {"training": {"epochs": 10**9}}, {"training": {"momentum": 0.5}},
    {"dataset": {"points": [[1]]}},
    {"dataset": {"name": "points", "points": []}}, {"training": {"learning_rate": "fast"}},
    {"dataset": {"name": "points", "points": [[1, 2, 0], [2, 3, 0]] * 9}},
    {"dataset": {"samples": 20000}, "training": {"members": 30}, "network": {"widths": [256] * 4}},
]  # fmt: skip


def test_what_the_stage_is_told(snapshots):
    for name, config in CONFIGS.items():
        asked = {"n": 4, "config": config, "hide": ["network", 3], "kind": "look"}
        hold(snapshots, name, event("playground-stage.ask", None, None, **asked), 6)
        told = event("playground-stage.ask", None, None, **{**asked, "preview": False, "n": "x"})
        hold(snapshots, f"{name}, no preview", told, 6)
        code = event("playground-stage.ask", None, None, kind="code", config=config)
        if name in ("moons", "own"):
            snapshots.hold(f"{name}, code", code["answer"]["code"].splitlines(), alone=True)
    for config in BAD:
        told = event("playground-stage.ask", None, None, config=config, n=1)
        if "wrong" not in told["answer"]:
            told = list(told["answer"])
        hold(snapshots, f"{str(config)[:70]}", told)
    for search in (
        "?dataset.samples=50&hide=network",
        "dataset.samples=x",
        "x=1",
        "",
        "a" * 200_000,
        "network.widths=3,4&training.epochs=7",
        "dataset.name=moons&dataset.noise=2",
        "dataset.noise=&training.epochs=7",
        "dataset.noise=1&dataset.noise=2",
    ):
        told = event("playground-stage.ask", None, None, kind="link", search=search)["answer"]
        told.pop("preview", None)
        hold(snapshots, f"link {search[:60]}", told)
    hold(snapshots, "no weights", event("playground-stage.ask", None, None, kind="weights"))


def messages(told: list[Any]) -> list[Any]:
    """Without heartbeats, which come by the clock."""
    heard = [one[0] for one in told if isinstance(one, list) and isinstance(one[0], dict)]
    return [one for one in heard if one["value"].get("stages") != [{}]]


def first_and_last(told: list[Any]) -> list[Any]:
    """Without the moments, of which a message has as many as there are when it leaves."""
    first, *_, last = messages(told)
    stage = last["value"]["stages"][0]
    varies = {"rows", "frames", "pictures"}
    return [first, {key: value for key, value in stage.items() if key not in varies}]


def test_a_run_that_is_played_and_changed(snapshots, monkeypatch):
    snapshots.near = 2e-5
    monkeypatch.setattr(endless, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(endless, "_BETWEEN_MOMENTS", 0.0)
    wide = {**SMALL, "network": {"widths": [200, 200]}}
    told = event("playground-stage.play", None, config=wide, run="r0", until=2, press=1)
    hold(snapshots, "in pictures", first_and_last(told), 4)
    for name, config in {"small": SMALL, "moons": CONFIGS["moons"]}.items():
        own = PlaygroundConfig.parse(config)
        told = event(
            "playground-stage.play", None, config=own.to_dict(), run="r1", until=3, press=1
        )
        hold(snapshots, f"{name}, played", first_and_last(told), 5)
        run, trained = next(
            one[1:] for one in told if isinstance(one, list) and one[2] != "skipped"
        )
        assert isinstance(run, PlayedRun)
        told = event("playground-stage.alter", run, values={"training.learning_rate": 0.1})
        hold(snapshots, f"{name}, changed", told, 5)
        for values in ({"training.momentum": -1}, {"x": 1}, 3, {"dataset.samples": 10}, {}):
            told = event("playground-stage.alter", run, values=values)
            hold(snapshots, f"{name}, {values}", told, 5)
        told = event("playground-stage.step", run, run="r1")
        hold(snapshots, f"{name}, stepped", messages(told)[-1], 5)
        asked = {"kind": "look", "ran": True, "preview": False, "config": {}}
        hold(snapshots, f"{name}, as it ran", event("playground-stage.ask", run, trained, **asked))
        weights = event("playground-stage.ask", run, trained, kind="weights")
        hold(snapshots, f"{name}, weights", weights)
        hold(snapshots, f"{name}, kept", np.concatenate(trained.parameters)[:40].astype(float))
        event("playground-stage.halt", run="r1", press=9)
        told = event("playground-stage.play", run, run="r1", press=8, speed=1.0)
        hold(snapshots, f"{name}, halted", messages(told)[-1], 4)
        run._give_up()
        hold(snapshots, f"{name}, given up", [run.epoch, run.ended, run.is_stopped])
        hold(snapshots, f"{name}, asked then", read(run.change({"weight_decay": 0.5})))
        told = event("playground-stage.step", run, run="r1")
        hold(snapshots, f"{name}, revived", messages(told)[-1], 4)
        hold(snapshots, f"{name}, first", read(run.preview()), 4)
    wrong_one = event("playground-stage.play", None, config={"colour": 1}, run="r2")
    hold(snapshots, "wrong", wrong_one)


def test_what_an_exercise_tells(snapshots):
    snapshots.near = 1e-3
    for key in ("x" * 60, None, 77):
        hold(snapshots, f"{key}", event("exercise-channel.run", key=key))
    event("exercise-channel.leave", page="p", press=2)
    told = event("exercise-channel.run", key="1", page="p", press=2)
    hold(snapshots, "left", [one for one in told if one][:1], 3)


def lines(*rows: str) -> bytes:
    return "\n".join(rows).encode()


def test_own_points_from_a_file(snapshots, uploaded):
    xy = [f"{i % 5},{(i * i) % 7 / 2}" for i in range(24)]
    tables = {
        "named": lines("x,y,label", *(f"{at},{['ab', 'c'][i % 2]}" for i, at in enumerate(xy))),
        "class first": lines("class,u,v", *(f"{i % 3},{at}" for i, at in enumerate(xy))),
        "odd names": lines("u;v;k", *(f"{at};\"a; 'b {i % 2}\"".replace(",", ";") for i, at in
                                      enumerate(xy))),
        "some left out": lines("x,y,t", "1,,0", "?,2,1", *(f"{at},{i % 2}" for i, at in
                                                          enumerate(xy))),
        "long names": lines("x,y,,t", *(f"{at},0,{'nm'[i % 2] * 50}" for i, at in enumerate(xy))),
        "alike names": lines("x,y,t", *(f"{at},a{' ;'[i % 2]}b" for i, at in enumerate(xy))),
        "wide": lines(",".join(f"c{i}" for i in range(130)),
                      *(",".join(str((i * j) % 7) for j in range(130)) for i in range(20))),
        "scales": lines("x,y,t", *(f"{i % 9},{40 * i % 900},{i % 2}" for i in range(1200))),
        "scales, the first wider": lines("x,y,t", *(f"{40 * i % 900},{i % 9},{i % 2}" for i in
                                                    range(1200))),
        "too far": lines("x,y,t", *(f"{i},{1e6 * i},{i % 2}" for i in range(24))),
        "one class": lines("x,y,t", *(f"{at},1" for at in xy)), "empty": b"",
        "many classes": lines("x,y,t", *(f"{at},{i}" for i, at in enumerate(xy))),
        "four columns": lines("id,x,y,t", *(f"{i},{at},{i % 2}" for i, at in enumerate(xy))),
        "few": lines("x,y,t", "1,2,0", "2,3,1"), "two": lines("x,y", *xy),
        "headless": lines(*(f"{at},{i % 2}" for i, at in enumerate(xy))),
    }  # fmt: skip
    for name, content in tables.items():
        hold(snapshots, name, ask("points-file.upload", uploaded(content, "points.csv")), 4)
    book = xlsx(["x", "y", "t"], [[str(i % 4), str(i % 3), str(i % 2)] for i in range(12)])
    hold(snapshots, "a book", ask("points-file.upload", uploaded(book, "p.xlsx")), 4)
    path = uploaded(tables["class first"], "points.csv")
    for values in (("v", "u", "class", True), ("u", "", None, False), ("who", "u", "class", False),
                   (3, [], {}, "yes"), ("u", "u", "v", False)):  # fmt: skip
        hold(snapshots, f"{values}", ask("points-x.input", path, *values), 4)
    far = uploaded(tables["too far"], "points.csv")
    hold(snapshots, "far, ticked", ask("points-standardise.input", far, "x", "y", "t", True), 4)
    for odd in (None, 3, "/etc/hostname", "nowhere"):
        hold(snapshots, f"{odd}", ask("points-file.upload", odd))


def test_points_and_labels_as_text(snapshots):
    texts = [
        "1,2,0\n3;4;1", "x,y,c\n1,2,a\n\n 3\t4\t'5'", "1,2", "1,2,3,4", "a,b,c\nd,e,f", "1,2,",
        None, "1,2,0\nnan,inf,1", "x\n" * 3, "1,2,\"b\"", "\n" * 9, "1,2,1\n" * 5002, "1" * 400_001,
        "1e3,-2.5,1.5", "1,,2",
    ]  # fmt: skip
    for text in texts:
        hold(snapshots, f"{str(text)[:30]!r}", attempt(lambda text=text: read_points(text)), 6)
    labels: list[Any] = [0, 1.0, "a", "1", "1e5", "x" * 60, True]
    hold(snapshots, "labels", [write_label(one) for one in labels])
    hold(snapshots, "numbers", [plain(one) for one in (0, 1.0, -2.50, 1e-9, 1e22, 0.1)])


def test_settings_in_words_and_links(snapshots):
    for name, values in CONFIGS.items():
        config = PlaygroundConfig.parse(values)
        told = {"title": words.title_of(config), "described": words.describe_config(config),
                "query": to_query(config, ["network"])}  # fmt: skip
        hold(snapshots, name, told)
    for patience in (1, 1200):
        stopping = {"on": "test", "patience": patience}
        config = PlaygroundConfig.parse({"training": {"early_stopping": stopping}})
        hold(snapshots, f"waits {patience}", words.describe_config(config)["Early stopping"])
    for dataset in DatasetName.__args__:
        hold(snapshots, f"usual {dataset}", words.default_dataset(dataset).to_dict())
    queries: list[dict[str, str]] = [
        {}, {"dataset.samples": "50"}, {"hide": "network,data,x"}, {"tab": "heart"},
        {"network.widths": "3,4"}, {"network.widths": ""}, {"network.widths": "[1]"},
        {"training.early_stopping.patience": "3"}, {"training.early_stopping": "on"},
        {"dataset.points": "1,2,0;3,4,1", "dataset.name": "points"}, {"dataset.noise": "1,5"},
        {"dataset.noise": "much"}, {"training.changes": "3"}, {"colour.x": "1"}, {"dataset": "1"},
        {"dataset.classes": "4.5"}, {"dataset.features": "x1,x2,sin(x1)"},
        {"network.dropout": "true"},
    ]  # fmt: skip
    for query in queries:

        def opened(query: dict[str, str] = query) -> Any:
            config, hidden = from_query(query)
            return [config.to_dict(), hidden]

        hold(snapshots, f"{query}", [names_settings(query), attempt(opened)])
    errors = [ConfigError("dataset.samples", "must be more"),
              ConfigError("network.widths.0", "must"), ConfigError("weights", "there are none"),
              BudgetError("training.epochs", "too many"),
              ConfigError("dataset.points.3", "must be"), ConfigError("", "must be")]  # fmt: skip
    hold(snapshots, "errors", [[wrong(error), sentence(error)] for error in errors])


def test_the_page_as_it_opens(snapshots):
    for query in ({}, {"dataset.samples": "50", "hide": "network,more"}, {"dataset.samples": "x"},
                  {"tab": "heart"}):  # fmt: skip
        request = SimpleNamespace(query_params=query)
        told = ask("page.load", request, False)
        for part in told:
            if isinstance(part, dict) and "answer" in part:
                part["answer"].pop("preview", None)
        hold(snapshots, f"{query}", told, 5)
