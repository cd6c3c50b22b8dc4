"""The lines of code that steps h1 to h10 show, run."""

import re
from copy import deepcopy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from tests.recipes.guide.heart.by_hand import BY_KEY

NUMBERS, CODES = ["age", "chol"], ["cp", "thal"]
SETUP = """
import joblib, numpy as np, pandas as pd, torch
from torch import nn
from sklearn.compose import ColumnTransformer
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch.utils.data import DataLoader, TensorDataset

random = np.random.default_rng(0)
"""


@pytest.fixture
def names(tmp_path, monkeypatch):
    """What the lines take for granted: a table, a network, risks."""
    monkeypatch.chdir(tmp_path)
    given: dict = {}
    exec(SETUP, given)
    random = given["random"]
    columns = [*NUMBERS, *CODES, "num"]
    values = [random.normal(50, 9, 60), random.normal(240, 50, 60), random.integers(1, 5, 60),
              random.choice([3, 6, 7], 60), random.integers(0, 5, 60)]  # fmt: skip
    table = pd.DataFrame(dict(zip(columns, values, strict=True)))
    table.to_csv("table.csv", header=False, index=False)
    encode = given["ColumnTransformer"]([
        ("amounts", given["StandardScaler"](), NUMBERS),
        ("names", given["OneHotEncoder"](handle_unknown="ignore", sparse_output=False), CODES),
    ])  # fmt: skip
    inputs = encode.fit_transform(table).shape[1]
    torch.manual_seed(0)  # with so many units two draws of dropout hardly give one risk
    network = nn.Sequential(nn.Linear(inputs, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 1))
    truth = (table["num"] > 0).to_numpy()
    return given | {
        "path": "table.csv", "COLUMNS": columns, "AMOUNTS": NUMBERS, "NAMES": CODES,
        "patients": pd.concat([table, table[:20]]), "train_rows": table, "preprocessing": encode,
        "inputs": inputs, "network": network, "truth": truth.astype(int),
        "risks": random.random(60), "thresholds": np.arange(101) / 100,
        "patient": table.iloc[:1],
    }  # fmt: skip


def run(key, names, **given):
    found = names | given
    exec(BY_KEY[key].code, found)
    return found


def test_the_lines_of_h1_h2_and_h3(names, capsys):
    assert run("h1", names)["disease"].sum() == names["truth"].sum()
    assert len(run("h2", names)["x_train"]) == 60
    found = run("h3", names)
    assert found["x_train"].mean(0) == pytest.approx([0, 0], abs=1e-9)
    assert abs(found["x_test"].mean(0)).max() > 1e-3
    assert len(found["train_rows"]) + len(found["test_rows"]) == 60  # no patient is twice
    assert not set(found["train_rows"].index) & set(found["test_rows"].index)


def test_the_lines_of_h4_and_h5(names, capsys):
    x = torch.randn(1, names["inputs"])
    run("h4", names, patient=x)
    first, second, third = re.findall(r"tensor\(\[\[([\d.e-]+)", capsys.readouterr().out)
    assert first != second
    assert third
    rows = {"x_train": torch.randn(60, names["inputs"]), "y_train": torch.ones(60, 1)}
    found = run("h5", names, **rows)
    count = sum(p.numel() for p in found["network"].parameters())
    assert count == 32 * names["inputs"] + 32 + 32 * 32 + 32 + 33
    assert [len(found["y"]), found["loss"].item() > 0] == [60 - 32, True]


def test_the_lines_of_h6_and_h7(names):
    risk = run("h6", names, patient=names["patient"].iloc[0].to_dict())["risk"]
    assert 0 < risk < 1
    strange = names["patient"].assign(thal=5)
    found = run("h7", names, patient=strange)
    assert (found["unknown"], found["x"][0, -3:].sum()) == (["thal"], 0)


def test_the_lines_of_h8_and_h9(names, capsys):
    y, p = names["truth"], names["risks"]
    found = run("h8", names)
    assert found["missed"] == ((y == 1) & (p < 1 / 3)).sum()
    assert str(found["missed"]) in capsys.readouterr().out
    best = run("h9", names)
    assert best["theory"] == pytest.approx(1 / 3)
    assert best["cost"][int(100 * best["cheapest"])] == min(best["cost"])


def test_the_lines_of_h10(names):
    before = deepcopy(names["network"].state_dict())
    found = run("h10", names)
    assert Path("heart.joblib").exists()
    assert all(torch.equal(found["again"]["weights"][k], v) for k, v in before.items())
    assert found["x"].shape == (1, names["inputs"])
