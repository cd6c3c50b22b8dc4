"""The sentence about an unusual patient: how many that the model saw were less unusual."""

from typing import Any

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.recipes.heart.explain import measure_unusualness
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.serving.unusual import UNUSUAL
from classifiers.ui.heart.words import inside, value_text

RARE = 0.75  # rarer than this share of the training patients is said


def tell_unusual(model: HeartModel, patient: dict[str, Any], known: int) -> dict[str, Any]:
    """How unusual the patient is: `title`, `text`, `share` of patients less unusual, `limit`."""
    odd = measure_unusualness(model, patient)
    if not odd["fields"]:
        return {"title": "Nothing is known, so nothing is odd", "text": "", "share": 0.0,
                "limit": UNUSUAL}  # fmt: skip
    share = odd["percentile"]
    title = "Nothing out of the ordinary"
    if odd["unusual"]:
        title = "Unusual: the model has seen hardly anyone like this"
    elif share > RARE:
        title = "Rarer than most, but not strange"
    record = model.artifact.metadata.evaluation
    trained = len(record["out_of_fold"]["labels"]) - len(record["held_out"]["labels"])
    same = f"the same {known} fields" if known > 1 else "the same field"
    by = "" if known == len(FEATURE_NAMES) else f", all looked at by {same}"
    most = [f"{inside(f['field'])} {value_text(f['field'], f['value'])}" for f in odd["fields"][:2]]
    text = (
        f"More unusual than {share * trained:.0f} of the {trained} training patients{by}. "
        f"Most surprising: {'; '.join(most)}."
    )
    if odd["unusual"]:
        text += " Trust the risk less."
    return {"title": title, "text": text, "share": share, "limit": UNUSUAL}
