"""Models and records at the ends of what is judged of them: level risks, parts that are missing,
sets of one class, intervals that touch.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.errors import ArtifactError
from classifiers.recipes.heart import explorer
from classifiers.recipes.heart.direction import KNOWN_DIRECTIONS, check_direction
from classifiers.recipes.heart.record import figures, luck
from tests.heart.told.records import with_evaluation


@pytest.mark.parametrize("level", [*KNOWN_DIRECTIONS, "age"])
def test_a_finding_that_changes_no_risk_is_refused(model, level):
    def risks(rows: np.ndarray) -> np.ndarray:
        counted = [name for name in (*KNOWN_DIRECTIONS, "age") if name != level]
        places = [FEATURE_NAMES.index(name) for name in counted]
        return 0.1 + rows[:, places].sum(1) / 1_000

    stand_in: Any = SimpleNamespace(
        artifact=model.artifact, preprocessor=model.preprocessor, probabilities=risks
    )
    if level == "age":
        check_direction(stand_in)
        return
    with pytest.raises(ArtifactError, match=rf"{level} from \d to \d must raise the mean risk"):
        check_direction(stand_in)


@pytest.mark.parametrize("part", ["out_of_fold", "held_out"])
@pytest.mark.parametrize("scores", ["metrics", "logistic", "difference"])
@pytest.mark.parametrize("name", ["auc", "accuracy", "log_loss", "brier"])
def test_a_record_that_lacks_a_score_is_refused(model, part, scores, name):
    def torn(evaluation: dict[str, Any]) -> None:
        record = evaluation[part]
        other = record["logistic_regression"]
        place = {"metrics": record["metrics"], "logistic": other["metrics"],
                 "difference": other["difference"]}[scores]  # fmt: skip
        del place[name]["high" if name == "auc" else "low"]

    with pytest.raises(ArtifactError, match="evaluation cannot be read"):
        check_direction(with_evaluation(model, torn))


@pytest.mark.parametrize("rare", [0, 1])
def test_sets_of_one_class_alone_are_left_out(model, monkeypatch, rare):
    monkeypatch.setattr(luck, "SETS", 60)

    def few(evaluation: dict[str, Any]) -> None:
        held = evaluation["held_out"]["rows"]
        labels = evaluation["out_of_fold"]["labels"]
        labels[:] = [1 - rare] * len(labels)
        for row in (held[0], *[i for i in range(len(labels)) if i not in held][:2]):
            labels[row] = rare

    told = luck.random_test_sets(with_evaluation(model, few))
    assert 10 < told["sets"] < 55
    assert np.isfinite([told["auc"][key] for key in ("low", "high", "share")]).all()
    assert sum(bar[2] for bar in told["auc"]["bars"]) == told["sets"]


def test_groups_are_apart_where_their_intervals_leave_a_gap():
    def group(by: str, low: float, high: float) -> dict[str, Any]:
        ends = {"low": [0.0, low], "high": [1.0, high]}
        return {"by": by, "called": {"with_disease": ends, "without_disease": {
            "low": [0.0, 1 - high], "high": [1.0, 1 - low]}}}  # fmt: skip

    groups = [group("", 0.9, 1.0), group("sex", 0.5, 0.7), group("sex", 0.3, 0.5),
              group("sex", 0.1, 0.25), group("age", 0.0, 0.1)]  # fmt: skip
    assert explorer._apart(groups, 0) == []
    more = {(pair["kind"], pair["more"], pair["less"]) for pair in explorer._apart(groups, 1)}
    apart = {("with_disease", 1, 3), ("with_disease", 2, 3)}
    assert more == apart | {("without_disease", 3, 1), ("without_disease", 3, 2)}


def test_figures_are_of_as_many_resamples_as_the_rows_allow(monkeypatch):
    asked: list[Any] = []

    def draw(y: np.ndarray, p: np.ndarray, **how: Any) -> Any:
        asked.append([len(y), how["stratified"], how["resamples"]])
        raise ArtifactError("drawn", "enough")

    monkeypatch.setattr(figures, "Sample", SimpleNamespace(draw=draw))
    for count in (0, 2_000, 4_000, 20_000, 30_000):
        for figure in (figures.draw_calibration, figures.draw_net_benefit):
            with pytest.raises(ArtifactError, match="enough"):
                figure([1] * count, np.full(count, 0.5))
    most = {0: 1000, 2_000: 1000, 4_000: 500, 20_000: 100, 30_000: 100}
    assert asked == [[n, stratified, most[n]] for n in most for stratified in (False, True)]
