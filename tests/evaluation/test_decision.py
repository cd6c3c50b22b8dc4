"""Thresholds, costs, net benefit and calibration against independent implementations."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk
from statsmodels.nonparametric.smoothers_lowess import lowess

from classifiers.errors import DataError
from classifiers.evaluation.calibration import (
    TemperatureScaling,
    calibration,
    fit_logistic,
    reliability_curve,
    temperature_scaling,
)
from classifiers.evaluation.decision import (
    THRESHOLDS,
    Sample,
    average_precision,
    choose_threshold,
    compare_thresholds,
    precision_recall_points,
    roc_points,
)
from classifiers.evaluation.metrics import Estimate, percentile_interval


def calibrated(n=400, seed=0, sharpness=1.0, decimals=None):
    """Labels drawn with probability q, and q itself with its log-odds multiplied."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(0, 1.5, n)
    y = (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(int)
    p = 1 / (1 + np.exp(-sharpness * log_odds))
    return y, p if decimals is None else np.round(p, decimals)


def draw(n=400, seed=0, resamples=300, stratified=True, **options):
    y, p = calibrated(n, seed, **options)
    return Sample.draw(y, p, resamples=resamples, seed=seed, stratified=stratified)


@pytest.mark.parametrize("decimals", [None, 1])
def test_curves_agree_with_scikit_learn(decimals):
    y, p = calibrated(decimals=decimals)
    fpr, tpr, cuts = roc_points(y, p)
    expected = sk.roc_curve(y, p, drop_intermediate=False)
    for ours, theirs in zip((fpr, tpr, cuts), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    precision, recall, cuts = precision_recall_points(y, p)
    expected = [values[: len(cuts)][::-1] for values in sk.precision_recall_curve(y, p)]
    for ours, theirs in zip((precision, recall, cuts), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    assert average_precision(y, p) == pytest.approx(sk.average_precision_score(y, p), abs=1e-12)


@given(st.integers(0, 50), st.sampled_from([1, 2, None]))
@settings(max_examples=20, deadline=None)
def test_errors_at_every_threshold_agree_with_scikit_learn(seed, decimals):
    y, p = calibrated(60, seed, decimals=decimals)
    rates = Sample.draw(y, p, resamples=3).grid
    for i in range(0, len(THRESHOLDS), 10):
        (_, fp), (fn, _) = sk.confusion_matrix(y, p >= THRESHOLDS[i])
        assert (rates.missed[i], rates.alarms[i]) == (fn, fp)
        assert rates.cost(3, 2)[i] == pytest.approx((3 * fn + 2 * fp) / 60, abs=1e-12)


def test_stratified_resamples_keep_the_number_of_cases_and_plain_ones_do_not():
    for stratified in (True, False):
        sample = draw(100, stratified=stratified)
        assert (sample.weights.sum(1) == 100).all()
        cases = np.unique(sample.weights @ sample.y)
        assert (len(cases) == 1) == stratified


def test_resampled_cost_is_the_cost_of_the_resampled_rows():
    sample = draw(80, resamples=5)
    rows = np.repeat(np.arange(80), sample.weights[2].astype(int))
    again = Sample.draw(sample.y[rows], sample.p[rows], resamples=1)
    np.testing.assert_allclose(
        sample.grid.resampled_cost(2, 1)[2], again.grid.cost(2, 1), atol=1e-12
    )
    left = np.flatnonzero(sample.weights[2] == 0)
    errors = (sample.p[left, None] >= THRESHOLDS) != (sample.y[left, None] == 1)
    cases, share = sample.y[left] == 1, sample.y.mean()
    expected = 2 * share * errors[cases].mean(0) + (1 - share) * errors[~cases].mean(0)
    np.testing.assert_allclose(
        sample.grid.resampled_cost(2, 1, outside=True)[2], expected, atol=1e-12
    )


def test_net_benefit_is_the_formula_of_vickers_and_elkin():
    y, p = calibrated(200, 3)
    rates = Sample.draw(y, p, resamples=4).grid
    for i in (0, 20, 67, 133, 199):
        t = THRESHOLDS[i]
        found = np.sum((p >= t) & (y == 1)) / 200
        alarms = np.sum((p >= t) & (y == 0)) / 200
        expected = found - alarms * t / (1 - t)
        assert rates.net_benefit()[i] == pytest.approx(expected, abs=1e-12)
        everyone = y.mean() - (1 - y.mean()) * t / (1 - t)
        assert rates.treat_all()[i] == pytest.approx(everyone, abs=1e-12)
    assert np.isnan(rates.net_benefit()[-1])
    assert np.isnan(rates.treat_all()[-1])
    # At threshold 0 everybody is called, so the model is treat-all.
    assert rates.net_benefit()[0] == rates.treat_all()[0] == pytest.approx(y.mean())
    assert rates.resampled_net_benefit()[0, 0] == pytest.approx(y.mean())


def test_net_benefit_ranks_thresholds_as_costs_do():
    """Net benefit at t is prevalence less the cost when an alarm costs the odds of t."""
    rates = draw(100, 1).grid
    t = 0.25
    i = int(np.flatnonzero(t == THRESHOLDS)[0])
    cost = rates.cost(1, t / (1 - t))[i]
    assert rates.net_benefit()[i] == pytest.approx(rates.prevalence - cost, abs=1e-12)
    drawn = rates.prevalence - rates.resampled_cost(1, t / (1 - t))[:, i]
    np.testing.assert_allclose(rates.resampled_net_benefit()[:, i], drawn, atol=1e-12)


def test_the_chosen_threshold_is_the_cheapest_and_the_nearest_to_theory_among_equals():
    y = np.array([0, 0, 0, 1, 1, 1])
    p = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.8])
    choice = choose_threshold(Sample.draw(y, p, resamples=50), 2, 1)
    assert choice.theoretical == pytest.approx(1 / 3)
    assert choice.best.value == pytest.approx(0.335)  # anything in (0.3, 0.6] makes no mistake
    assert choose_threshold(Sample.draw(y, p, resamples=50), 1, 4).best.value == 0.6
    assert choice.savings["half"].apparent == 0
    sample = draw()
    cost, best = sample.grid.cost(3, 1), choose_threshold(sample, 3, 1).best
    assert cost[best.value == THRESHOLDS] == cost.min()
    assert best.low <= best.value <= best.high


def test_a_threshold_tuned_on_its_own_rows_looks_better_than_it_is():
    """Probabilities are calibrated, so theory cannot be beaten; in-sample it always is."""
    choices = [choose_threshold(draw(61, seed, 200), 2, 1) for seed in range(30)]
    savings = [choice.savings["theoretical"] for choice in choices]
    assert all(saving.apparent >= 0 for saving in savings)
    assert np.mean([saving.apparent for saving in savings]) > 0.02
    assert np.mean([saving.fresh.value for saving in savings]) < 0
    assert sum(saving.distinguishable for saving in savings) <= 3


def test_a_saving_that_is_there_is_found():
    """Log-odds shifted by 3: the theoretical threshold is far from the best one."""
    y, p = calibrated(600, 2)
    shifted = 1 / (1 + np.exp(-(np.log(p / (1 - p)) - 3)))
    saving = choose_threshold(Sample.draw(y, shifted, resamples=300), 2, 1).savings["theoretical"]
    assert saving.distinguishable
    assert saving.fresh.low > 0


def test_a_rule_that_every_resample_chooses_saves_nothing_on_the_rows_outside():
    y = np.repeat([0, 1], 50)
    p = np.where(np.arange(100) % 10 == 0, 1 - y, y) * 0.8 + 0.1  # one in ten is wrong
    saving = choose_threshold(Sample.draw(y, p, resamples=100), 1, 1).savings["half"]
    assert saving.fresh == Estimate(0, 0, 0)
    assert not saving.distinguishable


def test_fixed_thresholds_are_compared_on_the_same_resamples():
    sample = draw()
    same = compare_thresholds(sample, 0.4, 0.4, 2, 1)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    worse = compare_thresholds(sample, 0.33, 0.95, 2, 1)
    assert worse.low > 0
    back = compare_thresholds(sample, 0.95, 0.33, 2, 1)
    assert (back.value, back.low) == pytest.approx((-worse.value, -worse.high))


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 2.0])
def test_calibration_agrees_with_statsmodels(sharpness):
    y, p = calibrated(sharpness=sharpness)
    x = np.log(p / (1 - p))
    result = calibration(Sample.draw(y, p, resamples=1000, stratified=False))
    binomial = sm.families.Binomial()
    line = sm.GLM(y, sm.add_constant(x), family=binomial).fit(tol=1e-14, maxiter=200)
    constant = sm.GLM(y, np.ones(len(y)), family=binomial, offset=x).fit(tol=1e-14, maxiter=200)
    assert result.slope.value == pytest.approx(line.params[1], abs=1e-9)
    assert result.intercept.value == pytest.approx(constant.params[0], abs=1e-9)
    if sharpness == 1:  # elsewhere the regression with the offset is wrong, and so is Wald's width
        for ours, (low, high) in (
            (result.slope, line.conf_int()[1]),
            (result.intercept, constant.conf_int()[0]),
        ):
            assert ours.low == pytest.approx(low, abs=0.1 * (high - low))
            assert ours.high == pytest.approx(high, abs=0.1 * (high - low))
    assert result.slope.low < 1 / sharpness < result.slope.high


def test_weighted_regressions_agree_with_statsmodels():
    rng = np.random.default_rng(0)
    design = np.column_stack([np.ones(150), rng.normal(size=(150, 2))])
    y, offset = rng.integers(0, 2, 150), rng.normal(size=150)
    weights = rng.integers(0, 4, (6, 150)).astype(float)
    ours = fit_logistic(design, y, weights, offset)
    for row, own in zip(ours, weights, strict=True):
        model = sm.GLM(y, design, family=sm.families.Binomial(), offset=offset, freq_weights=own)
        np.testing.assert_allclose(row, model.fit(tol=1e-14, maxiter=200).params, atol=1e-9)


def test_separated_classes_have_no_slope():
    y = np.array([0] * 10 + [1] * 10)
    p = np.linspace(0.05, 0.95, 20)
    result = calibration(Sample.draw(y, p, resamples=20))
    assert np.isnan([result.slope.value, result.slope.low, result.slope.high]).all()
    assert np.isfinite(result.intercept.value)
    assert np.isnan(temperature_scaling(Sample.draw(y, p, resamples=20)).temperature)


def test_the_reliability_curve_is_a_local_line():
    sample = draw(150)
    curve = reliability_curve(sample, points=9, span=0.5)
    for x, value in zip(curve.predicted, curve.observed, strict=True):
        gap = np.abs(sample.p - x)
        weight = np.clip(1 - (gap / np.sort(gap)[74]) ** 3, 0, None) ** 3
        _, level = np.polyfit(sample.p - x, sample.y, 1, w=np.sqrt(weight))
        assert value == pytest.approx(np.clip(level, 0, 1), abs=1e-9)
    assert (curve.low <= curve.observed + 1e-9).all()
    assert (curve.high >= curve.observed - 1e-9).all()


def test_the_reliability_curve_agrees_with_statsmodels():
    sample = draw(200, 4)
    curve = reliability_curve(sample, points=15, span=0.6)
    theirs = lowess(sample.y, sample.p, frac=0.6, it=0, delta=0, xvals=curve.predicted)
    np.testing.assert_allclose(curve.observed, np.clip(theirs, 0, 1), atol=1e-9)


def test_the_reliability_curve_stands_equal_probabilities():
    y = np.tile([0, 1], 30)
    curve = reliability_curve(Sample.draw(y, np.full(60, 0.3), resamples=20))
    np.testing.assert_allclose(curve.observed, 0.5)
    assert np.isfinite(curve.low).all()


def test_the_band_covers_a_calibrated_models_diagonal():
    covered = []
    for seed in range(60):
        curve = reliability_curve(draw(300, seed, 200, stratified=False), points=9)
        inner = slice(2, 7)
        covered.append(
            (curve.low[inner] <= curve.predicted[inner])
            & (curve.predicted[inner] <= curve.high[inner])
        )
    assert 0.88 <= np.mean(covered) <= 0.99


def test_temperature_scaling_helps_the_overconfident_and_not_the_calibrated():
    sharp = temperature_scaling(draw(sharpness=3.0))
    assert sharp.helps
    assert sharp.temperature == pytest.approx(3, rel=0.2)
    y, p = calibrated()
    plain = temperature_scaling(Sample.draw(y, p, resamples=300))
    assert not plain.helps
    inverse = sm.GLM(y, np.log(p / (1 - p)), family=sm.families.Binomial()).fit(tol=1e-14)
    assert plain.temperature == pytest.approx(1 / inverse.params[0], abs=1e-9)


def test_a_resample_that_holds_every_row_says_nothing_against_a_temperature():
    y, p = np.array([0, 1, 1]), np.array([0.4, 0.3, 0.9])
    sample = Sample.draw(y, p, stratified=False, resamples=60)
    assert (sample.outside.sum(1) == 0).any()
    assert np.isfinite(temperature_scaling(sample).gain.value)


def test_a_temperature_helps_only_where_its_whole_interval_says_so():
    for high, helps in ((-0.01, True), (0.01, False)):
        assert TemperatureScaling(1.2, Estimate(-0.02, -0.05, high)).helps is helps


def test_an_interval_of_nothing_is_not_a_number():
    estimate = percentile_interval(1.0, np.array([np.nan]))
    assert estimate.value == 1
    assert np.isnan([estimate.low, estimate.high]).all()


@pytest.mark.parametrize(
    ("y", "p", "message"),
    [
        ([0, 1], [0.5], "^y: must hold 0 and 1, both"),
        ([1, 1], [0.5, 0.5], "^y: must hold 0 and 1, both"),
        ([0, 1], [0.5, np.nan], "^p: must be probabilities"),
        ([0, 1], [0.5, 1.1], "^p: must be probabilities"),
        ([0, 1], [-0.1, 0.5], "^p: must be probabilities"),
    ],
)
def test_bad_input_is_named(y, p, message):
    with pytest.raises(DataError, match=message):
        Sample.draw(np.array(y), np.array(p))
