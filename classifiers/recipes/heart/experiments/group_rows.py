"""Groups of patients and other hospitals as rows of a picture: ranking, and risk said and found.

A verdict follows from what the picture shows: whether an interval meets that of the whole study,
and whether the mean risk that was said lies within the interval of what was found.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from classifiers.data.heart.file import feature
from classifiers.evaluation.metrics import wilson_interval
from classifiers.recipes.heart.findings import EXPERIMENTS, SITE_NAMES, experiments_of
from classifiers.recipes.heart.model import HeartModel
from classifiers.wording import bounded, bounded_share, percent, whole_percent

WORSE, UNKNOWN, BETTER = "not as good", "can't tell", "better"
_SEXES = {"female": "Women", "male": "Men"}

Record = Mapping[str, Any]


@dataclass(frozen=True)
class GroupRow:
    """One group. `auc` and `found` are {`value`, `low`, `high`}, `said` is the mean risk."""

    name: str
    patients: int
    cases: int
    chip: str | None  # None: the whole, which the others are compared with
    answer: str
    auc: dict[str, float]
    found: dict[str, float]
    said: float
    ranks_worse: bool
    says_wrong: bool
    details: list[str]
    elsewhere: bool = False


def groups_picture(model: HeartModel) -> dict[str, Any]:
    """The whole study, its groups and the other hospitals, as JSON.

    Returns:
        `rows` [as `GroupRow`], the whole study first; `note` (text).

    Raises:
        ArtifactError: the model carries no experiments.
    """
    record = experiments_of(model)
    told = {item.key: item.find(record) for item in EXPERIMENTS}
    whole = _whole(record)
    rows = [whole]
    for group, text in zip(record["slices"], told["slices"], strict=True):
        rows.append(_row(_group_name(group), group, whole.auc, [text]))
    for (name, site), text in zip(record["sites"].items(), told["sites"], strict=False):
        rows.append(_row(SITE_NAMES.get(name, name), site, whole.auc, [text], elsewhere=True))
    note = "The study and its groups: out of fold. "
    if record["sites"]:
        note += "Other hospitals: the served networks, on patients as they were recorded there."
    else:
        note += told["sites"][0]
    return {"rows": [asdict(row) for row in rows], "note": note}


def _group_name(group: Record) -> str:
    name = str(group["group"])
    if group["by"] == "age":
        return name[:1].upper() + name[1:]
    return _SEXES.get(name, f"{feature(group['by']).label} {name}")


def _whole(record: Record) -> GroupRow:
    folded = record["evaluation"]["out_of_fold"]
    labels, risks = np.array(folded["labels"]), np.array(folded["probabilities"])
    patients, cases = len(labels), int(labels.sum())
    area, said = folded["metrics"]["auc"], float(risks.mean())
    found = wilson_interval(cases, patients).to_dict()
    text = (
        f"AUC {bounded(area)}; mean risk {percent(said)} against {bounded_share(found)} found. "
        "Each patient is predicted by networks that did not train on it."
    )
    return GroupRow(
        f"All {patients}, out of fold", patients, cases, None, "", area, found, said,
        ranks_worse=False, says_wrong=False, details=[text],
    )  # fmt: skip


def _row(
    name: str,
    group: Record,
    whole: Mapping[str, float],
    details: list[str],
    *,
    elsewhere: bool = False,
) -> GroupRow:
    area, found, said = group["auc"], group["observed"], group["predicted"]["value"]
    worse, better = area["high"] < whole["low"], area["low"] > whole["high"]
    wrong = not found["low"] <= said <= found["high"]
    return GroupRow(
        name,
        group["patients"],
        group["cases"],
        WORSE if worse or wrong else BETTER if better else UNKNOWN,
        _answer(worse, wrong, said, found["value"]),
        area,
        found,
        said,
        worse,
        wrong,
        details,
        elsewhere,
    )


def _answer(worse: bool, wrong: bool, said: float, found: float) -> str:
    if not worse and not wrong:
        return ""
    gap = f"says {whole_percent(said)} on average where {whole_percent(found)} have it."
    if worse:
        return f"Ranks worse, and {gap}" if wrong else "Ranks worse; its mean risk may be right."
    return f"Ranking: can't tell. It {gap}"
