"""The model card: valid for the Hub, true to the metadata, and not stale."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import EvalResult, ModelCard

from classifiers.recipes.heart.card import render_card, write_card
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.record.luck import random_test_sets
from classifiers.recipes.heart.record.pictures import PICTURES
from classifiers.wording import percent

WEIGHTS = Path(__file__).resolve().parents[2] / "weights" / "heart"


@pytest.fixture(scope="module")
def text(model):
    return render_card(model)


def changed(model, **evaluation):
    record = {**model.artifact.metadata.evaluation, **evaluation}
    metadata = model.artifact.metadata.model_copy(update={"evaluation": record})
    return HeartModel(replace(model.artifact, metadata=metadata))


def test_the_shipped_card_is_that_of_the_shipped_metadata(text):
    shipped = (WEIGHTS / "README.md").read_text(encoding="utf-8")
    assert shipped == text, "stale: run scripts/train.py heart-experiments, which writes it"


def test_the_hub_reads_the_front_matter(text, model):
    card = ModelCard(text)
    assert card.data.license == "apache-2.0"
    assert card.data.pipeline_tag == "tabular-classification"
    results = card.data.eval_results
    assert all(isinstance(result, EvalResult) for result in results)
    evaluation = model.artifact.metadata.evaluation
    seen = {(r.dataset_split, r.metric_name): r.metric_value for r in results}
    assert len(seen) == 6
    # What is read first is of all patients; the 61 of one split come after.
    assert [r.dataset_split for r in results] == ["out_of_fold"] * 3 + ["held_out"] * 3
    for part in ("held_out", "out_of_fold"):
        stored = evaluation[part]["metrics"]
        assert seen[part, "AUC"] == pytest.approx(stored["auc"]["value"], abs=1e-4)
        assert seen[part, "Brier score"] == pytest.approx(stored["brier"]["value"], abs=1e-4)
    assert {r.dataset_revision for r in results} == {model.artifact.metadata.source.sha256}
    assert ModelCard(str(card)).data.to_dict() == card.data.to_dict()


def test_every_item_of_tripod_ai_has_a_heading(text):
    """Item 1 is the title."""
    headings = re.findall(r"^## .*\[([\d, ]+)\]$", text, re.M)
    items = {int(item) for numbers in headings for item in numbers.split(",")}
    assert items == set(range(2, 28))
    assert text.count("\n# ") == 1


def test_performance_is_given_with_intervals(text, model):
    for part in ("held_out", "out_of_fold"):
        for name, estimate in model.artifact.metadata.evaluation[part]["metrics"].items():
            shown = f"{estimate['value']:.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}]"
            assert shown in text, (part, name)


def test_the_card_follows_the_metadata(model, text):
    held_out = model.artifact.metadata.evaluation["held_out"]
    metrics = {**held_out["metrics"], "auc": {"value": 0.123, "low": 0.101, "high": 0.145}}
    other = render_card(changed(model, held_out={**held_out, "metrics": metrics}))
    assert "the served networks never saw it is 0.123 [0.101, 0.145]" in other
    assert other != text


def test_the_card_leads_with_the_out_of_fold_figures(text, model):
    """The held-out AUC never comes first, and never without what luck does to it."""
    out, held = (
        f"{model.artifact.metadata.evaluation[part]['metrics']['auc']['value']:.3f}"
        for part in ("out_of_fold", "held_out")
    )
    body = text.split("---\n", 2)[-1]
    assert 0 < body.index(out) < body.index(held)
    share = random_test_sets(model)["auc"]["share"]
    summary = body[: body.index("## Background")]
    assert f"{percent(share)} look at least as good" in summary
    tables = body[body.index("## Performance") :]
    assert tables.index("All patients, out of fold") < tables.index("Held-out patients")
    assert "the procedure's" in tables
    assert "the served networks'" in tables


def test_the_card_says_how_settings_and_gaps_came_about(text):
    assert "fixed in advance" not in text
    missing = text[text.index("## Missing data") : text.index("## Analytical methods")]
    assert "median" not in missing
    assert "averaged over what these may be, given the known ones" in missing
    assert "Riley" in text


def test_an_interval_on_record_is_told_with_its_factor(model):
    other = render_card(changed(model, interval={"factor": 1.6, "simulation": []}))
    assert "widened by 1.6 on the scale of log odds" in other


def test_every_picture_lies_beside_the_card_and_the_page_shows_none(text, model):
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert shown == list(PICTURES)
    assert all((WEIGHTS / name).is_file() for name in shown)
    assert "![" not in render_card(model, pictures=False)


def test_a_model_without_experiments_says_so(model):
    other = render_card(changed(model, experiments=None))
    assert "heart-experiments has not been run" in other
    items = re.findall(r"^## .*\[([\d, ]+)\]$", other, re.M)
    assert any("14" in numbers for numbers in items)


def test_the_card_states_what_the_model_is_not_for(text):
    assert "must not be used to decide on a patient" in text
    assert "CC BY 4.0" in text


def test_tables_have_as_many_cells_as_their_header(text):
    blocks = re.findall(r"(?:^\|.*\|\n)+", text, re.M)
    assert len(blocks) >= 4
    for block in blocks:
        assert len({line.count("|") for line in block.splitlines()}) == 1


def test_the_card_is_written_beside_its_model(tmp_path, text):
    for name in ("model.safetensors", "metadata.json"):
        (tmp_path / name).write_bytes((WEIGHTS / name).read_bytes())
    assert write_card(tmp_path).read_text(encoding="utf-8") == text
    assert all((tmp_path / name).is_file() for name in PICTURES)
