"""How the served model and its baseline are trained, and which models are not served."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from classifiers.command import train
from classifiers.data.heart.file import FEATURE_NAMES, read_heart
from classifiers.data.splits import split_indices
from classifiers.errors import ArtifactError
from classifiers.recipes.heart import artifact, training, validation
from classifiers.recipes.heart.artifact import train_heart
from classifiers.recipes.heart.direction import check_direction
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.serving.ensemble import describe_training
from classifiers.recipes.heart.training import (
    LESSON_SPLIT_SEED,
    LESSON_TEST_SHARE,
    NETWORK,
    TRAINING,
    fit_ensembles,
    fit_logistic_regression,
)
from tests.conftest import ROOT
from tests.heart.test_heart_experiments import patients
from tests.tools.heart_files import UCI_HEADER, invent_patients, to_csv

QUICK = TRAINING.model_copy(update={"epochs": 4, "members": 3})


def with_others_changed(x, y, trained_on):
    """The same table, but for the rows that are held out: sicker, older, of codes never seen."""
    changed, labels = x.copy(), y.copy()
    changed[~trained_on, 0] = 50 * changed[~trained_on, 0] + 7
    changed[~trained_on, 2] = 9
    changed[~trained_on, 11] = np.nan
    labels[~trained_on] = 1 - labels[~trained_on]
    return changed, labels


@pytest.mark.parametrize("resample", [False, True], ids=["as they are", "resampled"])
def test_members_know_nothing_of_the_patients_held_out(resample):
    x, y = patients()
    trained_on = np.arange(len(y)) % 4 > 0
    part = trained_on[None].astype(np.float32)
    before, after = (
        fit_ensembles(*table, part, training=QUICK, resample=resample)
        for table in ((x, y), with_others_changed(x, y, trained_on))
    )
    assert before.preprocessors == after.preprocessors
    seen = before.probabilities[..., trained_on]
    np.testing.assert_array_equal(seen, after.probabilities[..., trained_on])
    assert len({p.tobytes() for p in seen[0]}) == QUICK.members


def test_the_logistic_baseline_knows_nothing_of_the_patients_held_out():
    x, y = patients()
    trained_on = np.arange(len(y)) % 4 > 0
    before = fit_logistic_regression(x, y, trained_on)
    after = fit_logistic_regression(*with_others_changed(x, y, trained_on), trained_on)
    np.testing.assert_array_equal(before[trained_on], after[trained_on])
    assert (before[~trained_on] != after[~trained_on]).any()


def test_the_served_model_knows_nothing_of_the_patients_held_out(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "REFITS", 3)
    for name, value in {"FOLDS": 2, "REPEATS": 1}.items():
        monkeypatch.setattr(validation, name, value)
    monkeypatch.setattr(artifact, "_measure", lambda *_: {})  # of the cross-validation
    table = read_heart(to_csv(invent_patients(120), UCI_HEADER))
    rows, held_out = split_indices(120, LESSON_TEST_SHARE, LESSON_SPLIT_SEED)
    trained_on = np.isin(np.arange(120), rows)
    x, y = with_others_changed(table.x, table.y, trained_on)
    artifacts = []
    for i, given in enumerate((table, replace(table, x=x, y=y))):
        artifacts.append(train_heart(given, tmp_path / str(i), report=lambda _: None))
    first, other = artifacts
    assert first.sha256 == other.sha256  # the weights, and what is done to a patient before them
    assert first.network.members == TRAINING.members + 3
    record, changed = (artifact.metadata.evaluation for artifact in artifacts)
    assert record["reference"] == changed["reference"]
    assert record["held_out"]["rows"] == changed["held_out"]["rows"] == held_out.tolist()
    for i, given in enumerate((record, changed)):
        own = (table.x, x)[i][held_out]
        served = HeartModel(artifacts[i]).probabilities(own)
        np.testing.assert_allclose(served, given["held_out"]["probabilities"], atol=1e-5)
        baseline = fit_logistic_regression((table.x, x)[i], (table.y, y)[i], trained_on)
        theirs = given["held_out"]["logistic_regression"]["probabilities"]
        np.testing.assert_allclose(np.ravel(theirs), baseline[held_out])


def test_members_of_a_part_are_those_that_it_has_alone():
    """Eleven parts of three members are trained in two groups; who is beside a member, and what
    order they come in, changes nothing."""
    x, y = patients()
    x[:, FEATURE_NAMES.index("slope")] = np.arange(len(y)) % 3  # each part holds every code
    plain = NETWORK.model_copy(update={"dropout": 0.0})  # masks are drawn for a group as a whole
    parts = (np.arange(len(y)) % 11 != np.arange(11)[:, None]).astype(np.float32)
    together = fit_ensembles(x, y, parts, network=plain, training=QUICK)
    assert len({len(preprocessor.input_names) for preprocessor in together.preprocessors}) == 1
    for i, part in enumerate(parts):
        own = QUICK.model_copy(update={"seed": QUICK.seed + i * QUICK.members})
        alone = fit_ensembles(x, y, part[None], network=plain, training=own)
        np.testing.assert_allclose(together.probabilities[i], alone.probabilities[0], atol=1e-5)
        members = together.network.copy(members=range(3 * i, 3 * i + 3)).parameters
        np.testing.assert_allclose(members, alone.network.parameters, atol=1e-5)


@pytest.mark.parametrize("well_and_sick", [(0.8, 0.2), (0.5, 0.5), (0.5, np.nan)])
def test_a_model_that_calls_the_well_patient_sicker_is_refused(well_and_sick):
    """It may raise the risk with every known finding, and still be wrong about whole patients."""

    class Wrong(HeartModel):
        def probabilities(self, x):
            return np.array(well_and_sick) if len(x) == 2 else super().probabilities(x)

    model = HeartModel.load(ROOT / "weights" / "heart")
    check_direction(model)
    with pytest.raises(ArtifactError, match="age 61' must have more risk than 'Few findings"):
        check_direction(Wrong(model.artifact))


def test_out_of_fold_risks_are_those_of_networks_that_did_not_see_the_patient(monkeypatch):
    for name, value in {"FOLDS": 3, "REPEATS": 2}.items():
        monkeypatch.setattr(validation, name, value)
    x, y = patients()
    crossed = validation.cross_validate(x, y)
    known = np.isin(FEATURE_NAMES, ["age", "sex", "cp"])
    risks, linear = crossed.risks(known), crossed.logistic_risks(known)
    for repeat, ids in enumerate(crossed.fold_ids):
        for fold in range(3):
            trained_on = ids != fold
            changed, labels = with_others_changed(x, y, trained_on)
            part = trained_on[None].astype(np.float32)
            assert set(ids) == {0, 1, 2}
            ensemble = crossed.ensembles[repeat * 3 + fold]
            first, other = (
                fit_ensembles(*table, part, training=QUICK).preprocessors[0]
                for table in ((x, y), (changed, labels))
            )
            assert ensemble.preprocessor == first == other
            # What is unknown is averaged over what the patients trained on have.
            width = len(ensemble.owner)
            assert ensemble.reference == describe_training(first, x[trained_on], width)
            shown = np.where(known, x, np.nan)
            np.testing.assert_allclose(
                risks[repeat, ~trained_on], ensemble.risk(shown)[~trained_on]
            )
            own = fit_logistic_regression(x, y, trained_on, known)
            np.testing.assert_allclose(linear[repeat, ~trained_on], own[~trained_on])


def test_a_regression_on_the_known_fields_is_scikit_learns(heart_data):
    table = read_heart(heart_data / "uci" / "processed.cleveland.data")
    known = np.isin(FEATURE_NAMES, ["age", "sex", "cp"])
    ours = fit_logistic_regression(table.x, table.y, np.ones(303, bool), known)
    age = (table.x[:, 0] - table.x[:, 0].mean()) / table.x[:, 0].std()
    columns = [
        age,
        *(table.x[:, 1] == s for s in (0, 1)),
        *(table.x[:, 2] == c for c in range(1, 5)),
    ]
    model = LogisticRegression(C=1.0, max_iter=2000).fit(np.stack(columns, 1), table.y)
    expected = model.predict_proba(np.stack(columns, 1))[:, 1]
    np.testing.assert_allclose(ours, expected, atol=1e-4)


def test_what_was_downloaded_before_is_verified_again(tmp_path, monkeypatch):
    monkeypatch.setattr(train, "CACHE", tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "data.csv").write_bytes(b"altered")
    (tmp_path / "data.csv").write_bytes(b"age\n50\n")
    source = ((tmp_path / "data.csv").as_uri(), hashlib.sha256(b"age\n50\n").hexdigest())
    path = train.download(*source)
    assert path.read_bytes() == b"age\n50\n"
    (tmp_path / "data.csv").unlink()
    assert train.download(*source) == path  # from the cache
