"""Measures of predictions of every kind, usual and odd: held as they were looked at."""

from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import brier_score_loss, confusion_matrix, log_loss, roc_auc_score

from classifiers.evaluation import metrics
from classifiers.evaluation.bias_variance import _vote_table, error_budget, loss_budget
from classifiers.evaluation.calibration import calibration, reliability_curve, temperature_scaling
from classifiers.evaluation.comparison import compare_all, heaps, mean_interval, paired_difference
from classifiers.evaluation.decision import (
    THRESHOLDS,
    Sample,
    average_precision,
    choose_threshold,
    compare_thresholds,
    precision_recall_points,
    roc_points,
)
from classifiers.evaluation.variance import bootstrap_means, resampled_weights, split_variance
from classifiers.recipes.heart.report import combinations, error_counts, proportions
from tests.answers.thinned import attempt, hold

KINDS = ("usual", "ties", "few ill", "two values", "sure and wrong", "all alike")


def rows_of(kind: str, count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes and probabilities."""
    random = np.random.default_rng(7)
    p = random.beta(0.8, 0.8, count)
    y = (random.random(count) < p).astype(int)
    if kind == "ties":
        p = p.round(1)
    if kind == "few ill":
        y = (np.arange(count) % 15 == 0).astype(int)
    if kind == "two values":
        p = np.where(p > 0.5, 0.75, 0.25)
    if kind == "sure and wrong":
        p = np.clip((p * 4 - 1.5), 0, 1)
    if kind == "all alike":
        p = np.full(count, 0.5)
    return y, p


@pytest.mark.parametrize("kind", KINDS)
def test_measures_of_rows(kind, snapshots):
    y, p = rows_of(kind)
    plain = {name: measure(y, p) for name, measure in metrics.MEASURES.items()}
    assert plain["auc"] == pytest.approx(roc_auc_score(y, p))
    assert plain["brier"] == pytest.approx(brier_score_loss(y, p))
    assert plain["log_loss"] == pytest.approx(log_loss(y, p))
    told = metrics.counts(y, p, 0.5).to_dict()
    assert [*told.values()] == confusion_matrix(y, p >= 0.5).ravel()[[3, 1, 2, 0]].tolist()
    hold(snapshots, "measures", [plain, told, average_precision(y, p)])
    hold(snapshots, "evaluated", metrics.evaluate(y, np.stack([p, p[::-1]]), resamples=100))
    hold(snapshots, "paired", metrics.paired_difference(y, p, p**2, resamples=100))
    hold(snapshots, "curves", [roc_points(y, p), precision_recall_points(y, p)], 20)
    stratified = Sample.draw(y, p, resamples=80)
    rates = stratified.rates(np.array([0.0, 0.25, 0.5, 0.75, 1.0]))
    table = error_counts(rates, stratified)
    hold(snapshots, "rates", rates, 30)
    derived = [rates.net_benefit(), rates.treat_all(), rates.cost(2, 1),
               rates.resampled_cost(2, 1)[:3], rates.resampled_cost(2, 1, outside=True)[:3],
               rates.resampled_net_benefit()[:3]]  # fmt: skip
    hold(snapshots, "derived", [*derived, table, proportions(table), combinations(rates)], 30)
    for costs in ((2, 1), (1, 3), (1, 0), (0, 1)):
        hold(snapshots, f"choice {costs}", choose_threshold(stratified, *costs))
        hold(snapshots, f"compared {costs}", compare_thresholds(stratified, 0.4, 0.6, *costs))
    unstratified = Sample.draw(y, p, stratified=False, resamples=80, seed=3)
    hold(snapshots, "weights", [unstratified.weights.sum(0), unstratified.outside.sum(0)], 60)
    if kind not in ("all alike",):
        curve = reliability_curve(unstratified, points=9)
        hold(snapshots, "reliability", curve, 20)
        hold(snapshots, "reliability, wide", reliability_curve(unstratified, points=5, span=0.99))
    with np.errstate(all="ignore"):
        if kind != "sure and wrong":  # log-odds of 36 leave the intercept to rounding
            hold(snapshots, "calibration", calibration(unstratified))
        scaled = attempt(lambda: temperature_scaling(unstratified))
        hold(snapshots, "temperature", scaled)


def test_measures_of_odd_rows(snapshots):
    odd: list[tuple[Any, Any]] = [
        ([], []), ([0, 1], [0.5]), ([0, 2], [0.5, 0.5]), ([0, 1], [0.5, np.nan]),
        ([1, 1], [0.5, 1.5]), ([0, 1], [-0.5, 0.5]),
        ([[0, 1]], [[0.1, 0.2]]), ([1, 1], [0.2, 0.9]), ([0], [0.5]),
    ]  # fmt: skip
    for y, p in odd:
        for name, measure in (*metrics.MEASURES.items(), ("sample", Sample.draw)):
            told = attempt(lambda m=measure, y=y, p=p: m(np.array(y), np.array(p)))
            hold(snapshots, f"{name} {y} {p}", told if isinstance(told, str | float) else "drawn")
    shares = [(0, 0), (0, 9), (9, 9), (4, 9), (500, 1000), (0.5, 3)]
    hold(snapshots, "wilson", [metrics.wilson_interval(*one) for one in shares])
    pairs = [(*one, *other) for one in shares for other in shares[1:4]]
    hold(snapshots, "newcombe", [metrics.newcombe_interval(*pair) for pair in pairs])
    drawn = np.array([[0.1, np.nan], [0.3, np.nan], [0.2, 0.5], [0.9, 0.6]])
    hold(snapshots, "percentiles", [metrics.percentile_interval(0.2, drawn[:, 0]),
         metrics.percentile_interval(0.2, drawn[:0, 0]),
         metrics.percentile_intervals(np.array([0.2, 0.5]), drawn)])  # fmt: skip
    labels = (np.add.outer(np.arange(6), np.arange(9)) > 6).astype(int)
    hold(snapshots, "lengths", [metrics.boundary_length(one, (0, 3, -1, 7)) for one in
                                (labels, labels * 0, np.arange(54).reshape(6, 9) % 2)])  # fmt: skip
    hold(
        snapshots,
        "confusion",
        metrics.confusion_matrix(np.array([0, 2, 2]), np.array([1, 2, 0]), 3),
    )


def test_budgets_of_worlds(snapshots):
    random = np.random.default_rng(2)
    eta = random.beta(0.6, 0.6, 40)
    for worlds in (4, 5, 12):
        z = random.normal(size=(worlds, 40)) + 2 * (eta - 0.5)
        hold(snapshots, f"errors {worlds}", error_budget(z > 0, eta, draws=60), 20)
        hold(snapshots, f"losses {worlds}", loss_budget(z, eta, draws=60), 20)
        hold(snapshots, f"votes {worlds}", _vote_table(worlds), 20)
    sure = np.array([0.0, 1.0, 0.5, 1.0])
    hold(snapshots, "sure", [error_budget(np.ones((4, 4)), sure, draws=20),
                             loss_budget(np.ones((4, 4)), sure, draws=20)])  # fmt: skip
    for shape in ((3, 4), (4, 3), (4,)):
        told = [attempt(lambda call=call, shape=shape: call(np.ones(shape), sure))
                for call in (error_budget, loss_budget)]  # fmt: skip
        hold(snapshots, f"shape {shape}", told)
    scores = random.normal(0.8, 0.05, (3, 15))
    scores[1, 4] = np.nan
    hold(snapshots, "split", split_variance(*scores, draws=50))
    hold(snapshots, "few", attempt(lambda: split_variance(*scores[:, :2])))
    hold(snapshots, "means", bootstrap_means(np.stack([scores[0], scores[0] * 0 + 1]), draws=50))
    hold(snapshots, "drawn", resampled_weights(5, 4, 1))


def test_intervals_of_worlds_against_scipy(snapshots):
    random = np.random.default_rng(9)
    values = random.normal(0.8, 0.05, (2, 25))
    told = mean_interval(values[0])
    low, high = stats.t.interval(0.95, 24, values[0].mean(), stats.sem(values[0]))
    assert (told.low, told.high) == pytest.approx((low, high))
    gap = paired_difference(*values)
    test = stats.ttest_rel(*values)
    assert (gap.low, gap.high) == pytest.approx(tuple(test.confidence_interval()))
    (pair,) = compare_all(values)
    assert pair.p == pytest.approx(test.pvalue)
    (apart,) = compare_all(values, paired=False)
    welch = stats.ttest_ind(*values, equal_var=False)
    assert apart.p == pytest.approx(welch.pvalue)
    odd = (
        [1, 2, 3],
        [[1.0], [2.0]],
        [[1.0] * 12, [1.0] * 12],
        np.zeros((0, 5)),
        [[np.nan] * 12] * 2,
    )
    for k, one in enumerate(odd):
        for paired in (True, False):
            with np.errstate(all="ignore"):
                hold(snapshots, f"{k} {paired}", attempt(
                    lambda one=one, paired=paired: compare_all(one, paired=paired)))  # fmt: skip
    grown = np.r_[random.normal(0.5, 0.01, 9), random.normal(0.7, 0.01, 8),
                  random.normal(0.9, 0.01, 7), 0.95]  # fmt: skip
    hold(snapshots, "heaps", [len(part) for part in heaps(grown)])
    gaps = [0.0, 0.001, 0.002, 0.003, 0.2, 0.201, 0.202, 0.5, 0.501, 0.502, 0.503, 0.504]
    hold(snapshots, "parted", list(heaps(gaps)))
    assert len(THRESHOLDS) == 201
