"""The threshold explorer: what every threshold does, for two sets of patients and given costs."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import gradio as gr
import numpy as np

from classifiers.errors import ClassifiersError
from classifiers.recipes.heart.explorer import cost_table, explorer_table, group_table
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.report import HIGHEST_COST, PARTS, heart_report, own_costs
from classifiers.ui.heart.chosen import chosen
from classifiers.ui.models import Served
from classifiers.ui.parts.events import LIGHT
from classifiers.ui.static import asset, module
from classifiers.wording import bounded, bounded_share, listed, whole_percent

_SLIDER = 100  # steps of the page's slider: whole per cents, every second row of the table
_MEASURES = {
    "accuracy": "Accuracy",
    "sensitivity": "Recall (sensitivity)",
    "specificity": "Specificity",
    "precision": "Precision",
    "negative_predictive_value": "Negative predictive value",
    "f1": "F1",
    "net_benefit": "Net benefit",
}
_NAMES = {
    "everybody": ("Everybody", "everybody"),
    "female": ("Women", "women"),
    "male": ("Men", "men"),
}

Row = dict[str, Any]


def build_explorer(served: Callable[[], Served], tab: gr.Tab) -> None:
    """Fills the sub-tab; its data is sent when the tab is opened."""
    explorer = gr.HTML(
        html_template=asset("heart/threshold/explorer.html"),
        css_template=asset("heart/colours.css", "heart/threshold/explorer.css"),
        js_on_load=module(
            "heart/threshold/explorer.js",
            watched=("value", "costs"),
            events=("weigh", "renew"),
            most=HIGHEST_COST,
        ),
        costs="",
        elem_id="explorer",
        elem_classes="text-panel",
    )

    def open_tab() -> Any:
        try:
            model = served().heart
            return gr.HTML(value=show_table(model), costs=weigh(model, None, None))
        except ClassifiersError as error:
            return gr.HTML(costs=_pack({"error": str(error)}))

    def change_costs(_: Any, miss: Any, alarm: Any) -> Any:
        try:
            return gr.HTML(costs=weigh(served().heart, miss, alarm))
        except ClassifiersError as error:
            return gr.HTML(costs=_pack({"error": str(error)}))

    tab.select(open_tab, None, explorer, **{**LIGHT, "show_progress": "minimal"})
    explorer.renew(open_tab, None, explorer, **LIGHT)  # the page's table is of other weights
    # As inputs and not as what the event brings: an event that waits for the one before is sent
    # again with the data of that one.
    now, script = chosen()
    explorer.weigh(change_costs, now, explorer, js=script, trigger_mode="always_last", **LIGHT)


@lru_cache(maxsize=4)
def show_table(model: HeartModel) -> str:
    """All that costs do not change, as JSON: curves, a row of texts a threshold, groups.

    Raises:
        ArtifactError: as `heart_report` and `group_table`.
    """
    table = explorer_table(model)
    miss, alarm = own_costs(model)
    return _pack(
        {
            "model": model.artifact.sha256,
            "start": {"threshold": model.threshold, "miss": miss, "alarm": alarm},
            "thresholds": table["thresholds"],
            "measures": list(_MEASURES.items()),
            **{name: _part(table[name], table["thresholds"], name) for name in PARTS},
            "groups": _show_groups(model),
        }
    )


def _pack(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _part(part: dict[str, Any], thresholds: list[float], name: str) -> dict[str, Any]:
    columns = {**part["metrics"], "net_benefit": part["net_benefit"]}
    fixed = part["fixed"]
    rows = []
    for i in range(0, len(thresholds), (len(thresholds) - 1) // _SLIDER):
        metrics = {
            measure: {key: values[i] for key, values in column.items()}
            for measure, column in columns.items()
        }
        counts = {kind: values[i] for kind, values in part["counts"].items()}
        rows.append(_row(thresholds[i], counts, metrics))
    better = [
        value > max(every, 0)
        for value, every in zip(part["net_benefit"]["value"], part["treat_all"], strict=True)
        if value is not None
    ]
    patients = part["patients"]
    # Elsewhere the mean of the repeats' own areas stands.
    of_means = "" if name == "held_out" else " of each patient's mean over the repeats"
    return {
        **{key: part[key] for key in ("patients", "cases", "treat_all", "roc", "calibration")},
        **{key: part[key] for key in ("net_benefit", "precision_recall")},
        "curves": {key: part["metrics"][key] for key in ("precision", "sensitivity")},
        "name": f"{patients} held out" if name == "held_out" else f"all {patients}, out of fold",
        "rows": rows,
        "titles": {
            "benefit": f"Better than calling everybody or nobody at {sum(better)} of "
            f"{len(better)} thresholds.",
            "roc": f"ROC curve{of_means}. Area {bounded(fixed['auc'])}.",
            "pr": f"Precision and recall. Mean precision {bounded(fixed['average_precision'])}.",
            "calibration": f"Slope {bounded(fixed['calibration_slope'], 2)}, intercept "
            f"{bounded(fixed['calibration_intercept'], 2)}.",
        },
    }


def _row(threshold: float, counts: dict[str, int], metrics: dict[str, Any]) -> Row:
    """What is said, and what is marked in the charts, at one threshold."""
    rates = {
        "found": metrics["sensitivity"],
        "alarms": _turned(metrics["specificity"]),
        "called": metrics["precision"],
        "left": _turned(metrics["negative_predictive_value"]),
    }
    return {
        "threshold": threshold,
        "label": whole_percent(threshold),
        "worth": _worth(threshold),
        "counts": counts,
        "said": {name: None if rate["value"] is None else _hundred(rate)
                 for name, rate in rates.items()},
        "missed": _of_hundred(1 - metrics["sensitivity"]["value"]),
        "measures": [_measure(name, metrics[name]) for name in _MEASURES],
        "marks": {
            "precision": metrics["precision"]["value"],
            "recall": metrics["sensitivity"]["value"],
            "alarms": rates["alarms"]["value"],
            "net_benefit": metrics["net_benefit"]["value"],
        },
    }  # fmt: skip


def _turned(rate: dict[str, Any]) -> dict[str, Any]:
    """The other patients' share."""
    if rate["value"] is None:
        return rate
    ends = {"value": "value", "low": "high", "high": "low"}
    return {end: 1 - rate[other] for end, other in ends.items()}


def _of_hundred(share: float) -> str:
    return whole_percent(round(share, 9)).removesuffix(" %")  # an end of 1e-18 is none


def _hundred(rate: dict[str, float]) -> list[str]:
    value, low, high = (_of_hundred(rate[key]) for key in ("value", "low", "high"))
    return [value, f"{low}–{high}" if (low + high).isdigit() else f"{low} to {high}"]


def _measure(name: str, estimate: dict[str, Any]) -> str:
    if estimate["value"] is None:
        return "not defined here"
    return bounded(estimate) if name == "net_benefit" else bounded_share(estimate)


def _worth(threshold: float) -> str:
    if threshold <= 0:
        return "It fits where false alarms cost nothing."
    if threshold >= 1:
        return "It fits where missed patients cost nothing."
    alarms = _round((1 - threshold) / threshold)
    return f"It fits a miss that costs as much as {alarms} false alarm{'s' * (alarms != '1')}."


def _show_groups(model: HeartModel) -> dict[str, Any] | None:
    table = group_table(model)
    if table is None:
        return None
    groups = table["groups"]
    names = [_NAMES.get(group["group"]) or _age_names(group["group"]) for group in groups]
    shown = [
        {
            "name": name,
            "patients": group["patients"],
            "risk": f"{_of_hundred(group['said'])} said, {' '.join(_share(group['found']))} found",
            "called": {kind: _placed(called) for kind, called in group["called"].items()},
        }
        for group, (name, _) in zip(groups, names, strict=True)
    ]
    told = [
        _differences(whole_percent(threshold), pairs, [inside for _, inside in names])
        for threshold, pairs in zip(table["thresholds"], table["apart"], strict=True)
    ]
    return {"thresholds": table["thresholds"], "told": told, "groups": shown}


def _placed(called: dict[str, Any]) -> dict[str, Any]:
    """To a thousandth, which is finer than a pixel."""
    return called | {key: [round(v, 3) for v in called[key]] for key in ("value", "low", "high")}


def _share(rate: dict[str, float]) -> list[str]:
    value, span = _hundred(rate)
    return [value, f"({span})"]


def _age_names(group: str) -> tuple[str, str]:
    return group[:1].upper() + group[
        1:
    ], f"those {'' if group.startswith('under') else 'of '}{group}"


def _differences(label: str, pairs: list[dict[str, Any]], names: list[str]) -> str:
    if not pairs:
        return (
            f"At {label} every difference between these groups could be chance: their intervals "
            "meet."
        )
    verbs = {"with_disease": "are found more often", "without_disease": "get more false alarms"}
    said = [f"{names[p['more']]} {verbs[p['kind']]} than {names[p['less']]}" for p in pairs]
    return (
        f"At {label} {listed(said)}: these intervals don't meet. The other differences could be "
        "chance."
    )


def weigh(model: HeartModel, false_negative: Any, false_positive: Any) -> str:
    """What thresholds cost, as JSON: curves, what to conclude, and rows the slider has not.

    Cost is for 100 patients, counted in false alarms (in missed patients where alarms are free).
    None = the model's own costs. What cannot be weighed gives {`error`}.
    """
    try:
        table = cost_table(model, false_negative, false_positive)
        report = heart_report(model, None, false_negative, false_positive)
    except ClassifiersError as error:
        return _pack({"error": str(error)})
    miss, alarm = report["costs"].values()
    unit, scale = ("false alarms", alarm) if alarm else ("missed patients", miss)
    best = report["best_threshold"]
    exact = {cut for cut in (best["theoretical"], model.threshold) if not _on_slider(cut)}
    reports = [heart_report(model, cut, miss, alarm) for cut in sorted(exact)]
    theory = whole_percent(best["theoretical"])
    alike = abs(best["value"] - best["theoretical"]) < 0.5 / _SLIDER
    return _pack(
        {
            "model": model.artifact.sha256,
            "costs": {"miss": miss, "alarm": alarm},
            "title": f"for 100 patients, counted in {unit}",
            "conclusion": report["conclusion"],
            "findings": report["findings"],
            "best": {key: best[key] for key in ("theoretical", "value", "low", "high")},
            "labels": {
                "theory": f"theory {theory}" + (", cheapest too" if alike else ""),
                "cheapest": "" if alike else f"cheapest {100 * best['value']:.3g} %",
                "range": f"about the same, {100 * best['low']:.3g} to {100 * best['high']:.3g} %"
                if best["low"] < best["high"]
                else "",
                "back": f"back to {theory}",
            },
            **{name: _costs(table[name], 100 / scale, [r[name] for r in reports], reports)
               for name in PARTS},
        }
    )  # fmt: skip


def _on_slider(threshold: float) -> bool:
    return bool(np.isclose(threshold * _SLIDER, round(threshold * _SLIDER), rtol=0, atol=1e-9))


def _costs(
    table: dict[str, Any], scale: float, parts: list[dict[str, Any]], reports: list[dict[str, Any]]
) -> dict[str, Any]:
    curves = {key: [v * scale for v in table[key]] for key in ("value", "low", "high")}
    step = (len(curves["value"]) - 1) // _SLIDER
    rows = []
    for report, part in zip(reports, parts, strict=True):
        row = _row(report["threshold"], part["counts"], part["metrics"])
        cost = part["metrics"]["cost"]["value"] * scale
        rows.append({**row, "cost": cost, "text": f"{_round(cost)} at {row['label']}"})
    treat_all = table["treat_all"] * scale
    return {
        **curves,
        "treat_all": treat_all,
        "all": f"calling everybody, {_round(treat_all)}",
        "texts": [
            f"{_round(value)} at {whole_percent(i / _SLIDER)}"
            for i, value in enumerate(curves["value"][::step])
        ],
        "exact": rows,
    }


def _round(cost: float) -> str:
    return f"{cost:,.0f}" if cost >= 10 else f"{cost:.2g}"
