"""What the capstone tab answers to its page, whole: held against what was looked at and kept."""

import itertools
import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
from gradio import EventData

from classifiers.config import SweepConfig
from classifiers.errors import BudgetError, BusyError, ConfigError
from classifiers.recipes.sweep.run import Progress, run_sweep
from classifiers.turns import Expect
from classifiers.ui import gpu
from classifiers.ui.capstone import tab
from classifiers.ui.capstone.live import LiveRun
from classifiers.ui.capstone.sweep import page as sweeps
from classifiers.ui.capstone.sweep.ask import in_words
from classifiers.ui.capstone.sweep.names import AXES
from tests.answers.page.asked import ask, event, parts, place_of, read
from tests.answers.thinned import hold

TAGS = re.compile(r"<[^>]*>")
SETTINGS = {"training.epochs": 4, "dataset.samples": 40, "dataset.noise": 0.2, "good.width": 3}
WRONG: list[Any] = [
    None, 3, [], {"dataset.samples": 3}, {"dataset.noise": -1}, {"training.epochs": 10**6},
    {"good.width": "wide"}, {"good.dropout": 1}, {"colour": 3}, {"good": {"width": 3}},
    {"dataset.samples": None}, {"good.weight_decay": 0.5}, {"training.seed": 2.5}, {},
]  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_is_left():
    yield
    for run in list(LiveRun._all):
        run.close()


def test_worlds_that_the_page_wants(snapshots):
    asked: dict[str, dict[str, Any]] = {
        "two": {"rule": "lesson", "worlds": [0, 11]}, "none": {"rule": "hard", "worlds": []},
        "brief": {"rule": "hard", "worlds": [2], "brief": True},
        "all": {"rule": "lesson", "worlds": [], "whole": True},
        "no such world": {"rule": "lesson", "worlds": [10**6]},
        "below": {"rule": "lesson", "worlds": [-1]}, "no list": {"rule": "lesson", "worlds": 3},
        "too many": {"rule": "lesson", "worlds": [0] * 21},
        "truth": {"rule": "hard", "worlds": [True]},
        "own": {"rule": "own", "worlds": [0]}, "no rule": {"worlds": [0]}, "a list": {"rule": [1]},
    }  # fmt: skip
    for name, told in asked.items():
        answer = event("capstone-worlds.want", **told)["value"]
        for world in answer.get("worlds", []):
            if "csv" in world:
                table = world.pop("csv").splitlines()
                snapshots.hold(f"{name}, a table of {world['world']}", table, alone=True)
        hold(snapshots, name, answer, 5)


def test_settings_of_own_worlds(snapshots):
    for given in WRONG:
        told = event("capstone-worlds.check", settings=given)
        hold(snapshots, f"{given}", told)
        if given != {}:
            drawn = {"action": "draw", "rule": "own", "settings": given}
            hold(snapshots, f"{drawn}", event("capstone-worlds.press", None, **drawn)[1])
    actions: list[dict[str, Any]] = [{"action": name} for name in ("stop", "leave", "resume", "x")]
    actions += [{"action": "draw", "rule": "other"}, {"action": "anew", "rule": None}]
    for asked in actions:
        hold(snapshots, f"{asked}", event("capstone-worlds.press", None, **asked)[1])
    hold(snapshots, "no run", ask("page.success > capstone-worlds", None))
    snapshots.hold("code", ask("capstone-code.fetch").splitlines(), alone=True)
    (box,) = [block for _, block in parts() if place_of(block) == "HTML capstone-code"]
    told = TAGS.sub(" ", box.get_config()["html_template"]).split()
    hold(snapshots, "what is said of the code", " ".join(told))


def test_an_own_world(snapshots):
    snapshots.near = 2e-5
    asked = {"action": "draw", "rule": "own", "settings": SETTINGS}
    live, told = event("capstone-worlds.press", None, **asked)
    hold(snapshots, "pressed", told)
    heard = ask("page.success > capstone-worlds", live)
    told = [one["live"] for one in heard if isinstance(one, dict) and "live" in one]
    begun, done = told[0], told[-1]
    done["detail"].pop("csv")
    done["detail"].pop("seconds", None)
    hold(snapshots, "first: begun", begun, 5)
    hold(snapshots, "first: done", done, 5)
    hold(snapshots, "first: how it ends", heard[-1])
    live, told = event("capstone-worlds.press", live, **asked)
    hold(snapshots, "first: again", told)
    live, told = event("capstone-worlds.press", live, action="stop")
    hold(snapshots, "stopped before it began", told, 5)
    hold(snapshots, "not to start", ask("page.success > capstone-worlds", live))
    live, told = event("capstone-worlds.press", live, action="resume")
    hold(snapshots, "going on", told, 5)
    live, told = event("capstone-worlds.press", live, action="leave")
    hold(snapshots, "left", [told, live.phase])
    live, told = event("capstone-worlds.press", live, action="resume")
    hold(snapshots, "resumed", [told, live.phase, live.world])
    live, told = event("capstone-worlds.press", live, action="anew", rule="hard")
    hold(snapshots, "another rule", [told, live.world])


def test_sweeps_that_are_chosen(snapshots):
    asked: list[Any] = [{"kind": "one", "key": key} for key in AXES]
    asked += [{"kind": "two", "key": f"{one}-{other}"} for one, other in
              (*sweeps.PAIRS, ("width", "width"), ("width", "x"), ("noise", "depth"))]  # fmt: skip
    asked += [{"kind": "two"}, {"kind": "one", "key": 3}, {}, [], None, "x", "{", "y" * 30_000]
    for value in asked:
        told = ask("sweeps.choose", value if isinstance(value, str) else json.dumps(value))
        body = told.get("value")
        if isinstance(body, dict):
            csv = str(body.pop("csv", "")).splitlines()
            body["table"] = [*csv[:2], len(csv), *csv[-1:]]
            body.pop("config", None)
            body["columns"] = body["columns"][:1]
        hold(snapshots, f"{str(value)[:60]}", told, 3)
    hold(snapshots, "as it opens", ask("Capstone.select > sweeps")["value"]["said"])
    early = ask("Capstone.select > early")
    csv = early.pop("csv").splitlines()
    hold(snapshots, "early stopping", [early, *csv[:3], *csv[-2:], len(csv)], 8)


OWN = {"over": "width", "and_over": None, "values": "2, 4", "members": 3, "epochs": 5,
       "new_points": True, "card": False}  # fmt: skip
OWNS: list[Any] = [
    {}, {"values": ""}, {"members": 12, "epochs": None}, {"new_points": False, "members": 1},
    {"values": "2, x"}, {"values": "2, 2"}, {"values": "0"}, {"members": None}, {"members": 0},
    {"epochs": 0}, {"epochs": 10**6}, {"over": "colour"}, {"over": "dropout", "values": "0, 50 %"},
    {"and_over": "noise", "and_values": "0,1; 0.3"}, {"and_over": "width", "and_values": ""},
    {"and_over": "label_noise", "and_values": "0, 10 %", "members": 12},
    {"over": "optimizer", "values": "adam, sgd"}, {"over": "activation", "values": "ReLU, x"},
    {"over": "depth", "values": "1 2 3"}, {"over": "samples", "values": "20; 40"},
    {"over": "batch_size", "values": "all, 8"}, {"over": "learning_rate", "values": "1e-3 1e9"},
    {"card": True}, {"members": 60, "values": "256", "epochs": 2000}, {"epochs": "5"},
    {"values": "1" * 600}, {"over": "weight_decay", "values": "0, 0.1", "epochs": 300},
    {"over": "parameters_per_point", "values": "0.5, 2"}, {"over": "epochs", "values": "3, 9"},
]  # fmt: skip


def test_what_an_own_sweep_would_cost(snapshots, monkeypatch):
    for given in OWNS:
        told = ask("sweeps.weigh", json.dumps({"own": {**OWN, **given}}))
        hold(snapshots, f"{str(given)[:60]}", told)
    for text in (None, "x", "[]", json.dumps({"own": 3})):
        hold(snapshots, f"{text}", ask("sweeps.weigh", text))
    errors = [("members", "of 1 member, not of 3 members"), ("values.0", "must be"),
              ("and_values.11", "must differ from over"), ("over", "batch_size and and_over"),
              ("epochs", "width or dropout"), ("base.dataset.noise", "must be"),
              ("new_points", "must be true"), ("device", "must be cpu")]  # fmt: skip
    told = [in_words(ConfigError(field, message)) for field, message in errors]
    hold(snapshots, "in words", told)
    monkeypatch.setattr(gpu, "check_sweep", lambda config, device: device)
    for lent, own in ((True, False), (False, True)):
        monkeypatch.setattr(gpu, "is_lent", lambda lent=lent: lent)
        monkeypatch.setattr(gpu, "is_own", lambda own=own: own)
        told = [ask("sweeps.weigh", json.dumps({"own": {**OWN, "card": card}})) for card in
                (True, False)]  # fmt: skip
        hold(snapshots, f"a card, lent: {lent}", [sweeps._settings()["lent"], *told])


def shortened(one: Any) -> Any:
    """Of an answer with a chart: which columns it has, and how long its table is."""
    told = read(one) if not isinstance(one, Expect) else "expected"
    if isinstance(told, dict) and "value" in told:
        shown = told["value"]
        columns = [column["index"] for column in shown["columns"]]
        told["value"] = [
            columns,
            len(shown["csv"].splitlines()),
            shown["source"],
            shown["findings"],
        ]
        told["value"].append(shown["press"])
    return told


def test_news_of_an_own_sweep(snapshots, monkeypatch):
    config = SweepConfig.parse({"values": [2, 4], "members": 3, "epochs": 5})
    *_, done = run_sweep(config)
    first, second = done.result["rows"]
    done.result["findings"] = ["The median accuracy is one.", "The typical loss is two."]
    news = [None, *(Progress(*at, 5) for at in ((0, (2, 4), 1), (0, (2, 4), 2), (1, (2, 4), 1234))),
            Progress(1, (2, 4), 5, 5, row=second), Progress(0, (2, 4), 5, 5, row=first),
            Progress(1, (2, 4), 5, 5, result=done.result), None]  # fmt: skip
    asked: list[Any] = []
    dues = itertools.cycle((True, False))
    monkeypatch.setattr(sweeps, "Pace", lambda: SimpleNamespace(due=lambda: next(dues)))

    def sweep(config: SweepConfig, device: str) -> Any:
        asked.append([config.values, device])
        yield from news if config.members == 3 else []

    monkeypatch.setattr(sweeps, "resumable_sweep", sweep)
    for name, members, left in (("whole", 3, None), ("left", 3, 2), ("twelve worlds", 12, None)):
        asking = EventData(None, {"own": {**OWN, "members": members}, "page": name, "press": 7})
        told = []
        for number, one in enumerate(sweeps._run(asking)):
            if number == left:
                event("sweeps.leave", page=name, press=7)
            told.append(shortened(one))
        hold(snapshots, name, [*told, *asked], 40)
        asked.clear()


def in_the_middle(network: Any) -> Any:
    yield "news"
    yield None
    raise BudgetError("members", "must be fewer members than 3")


def test_own_sweeps_and_a_network_again(snapshots, tmp_path, monkeypatch):
    snapshots.near = 2e-5
    monkeypatch.setattr(sweeps, "_CACHE", tmp_path)
    two = {"and_over": "noise", "and_values": "0.1, 0.4", "values": "1, 3"}
    for name, given in {"one": {}, "two": {**two, "members": 2}, "wrong": {"values": "0"}}.items():
        told = event("sweeps.compute", own={**OWN, **given}, page="p", press=1)
        shown = [
            one for one in told if isinstance(one, dict) and ("value" in one or name == "wrong")
        ]
        hold(snapshots, f"{name}: first", shown[0], 4)
        table = shown[-1].get("value", {}).pop("csv", "").splitlines()
        snapshots.hold(f"{name}: table", table, alone=True)
        hold(snapshots, f"{name}: last", shown[-1], 4)
    config = SweepConfig.parse({"values": [2], "members": 2, "epochs": 4})
    *_, done = run_sweep(config)
    row = done.result["rows"][0]
    asked = {"config": config.to_dict(), "index": 0, "member": 1, "asked": 5}
    recorded = {part: row[f"{part}_accuracy"]["members"][1] for part in ("train", "test", "fresh")}
    for name, numbers in {
        "the same": recorded, "none": {}, "others": {"train": 0.5, "test": 0.25, "fresh": 2},
    }.items():  # fmt: skip
        told = event("sweeps.pick", **asked, recorded=numbers)
        last = [one["network"] for one in told if isinstance(one, dict)][-1]
        if name != "the same":
            last["film"] = None
        hold(snapshots, f"again, recorded: {name}", last, 5)
    hold(snapshots, "no network", event("sweeps.pick", config=3))
    with monkeypatch.context() as patched:
        patched.setattr(sweeps, "member_messages", in_the_middle)
        for press in (4, 5):
            event("sweeps.leave", page="third", press=4)
            told = event("sweeps.pick", **asked, page="third", press=press)
            hold(snapshots, f"a network that fails, press {press}", told)
    full, told = (
        BusyError("server", "has room for 3 members"),
        EventData(None, {**asked, "press": 4}),
    )
    nothing = EventData(None, {"config": 3})
    for name, refused in (("sweep", sweeps._refused), ("network", sweeps._no_room)):
        answers = [read(refused(full, one)) for one in (told, nothing)]
        hold(snapshots, f"no room for a {name}", answers)
    hold(snapshots, "no room for a world", read(tab._refused(full, None)))
    event("sweeps.leave", page="another", press=3)
    for press in (3, 4):
        told = event("sweeps.compute", own={**OWN, "values": "1"}, page="another", press=press)
        hold(snapshots, f"left, press {press}", len([one for one in told if one]) > 1)
