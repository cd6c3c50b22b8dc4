"""The app as scripts use it: started for real, called through gradio_client and raw HTTP."""

import csv
import json
import math

import pytest
from gradio.state_holder import StateHolder
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.compute.private_calls import fast_paths
from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.recipes.heart.model import SAMPLE_PATIENTS, HeartModel
from classifiers.ui.app import build_app
from tests.conftest import ROOT
from tests.tools.app_client import Caller

PATIENT = SAMPLE_PATIENTS["Angina on effort, age 61"]
QUICK = {"dataset": {"name": "moons", "samples": 100}, "training": {"epochs": 20}}
RESULT_KEYS = {
    "config", "seed", "metrics", "history", "confusion_matrix", "parameters", "seconds", "findings",
}  # fmt: skip


@pytest.fixture(scope="module")
def client(app_url):
    return Client(app_url, verbose=False)


def post(url: str, name: str, body: str) -> tuple[int, dict]:
    """A raw request, without any client's kindness."""
    return Caller(url).ask(name, body)


def test_a_patient_gets_the_same_answer_over_http_and_in_process(client):
    answer = client.predict(**PATIENT, api_name="/predict_heart")
    own = HeartModel.load(ROOT / "weights" / "heart").predict(PATIENT)
    assert answer["probability"] == pytest.approx(own.probability, abs=1e-9)
    assert answer["interval"] == pytest.approx(list(own.interval), abs=1e-9)
    told = {"probability", "interval", "decision", "threshold", "known", "warnings", "model"}
    assert set(answer) == told
    assert answer["model"]["source"] == "weights/heart"
    assert len(answer["model"]["sha256"]) == 64


def test_a_patient_of_whom_little_is_known_gets_one_answer_by_every_door(client, tmp_path):
    patient = SAMPLE_PATIENTS["Only the basics are known"]
    own = HeartModel.load(ROOT / "weights" / "heart").predict(patient)
    answer = client.predict(**patient, api_name="/predict_heart")
    path = tmp_path / "patients.csv"
    others = "55,,,,\n,,4,,\n"
    path.write_text(",".join(patient) + "\n" + others + ",".join(map(str, patient.values())))
    with open(client.predict(handle_file(path), api_name="/predict_heart_batch")) as file:
        row = list(csv.DictReader(file))[2]
    for probability, low, high in (
        (answer["probability"], *answer["interval"]),
        [float(row[name]) for name in ("probability", "interval_low", "interval_high")],
    ):
        assert probability == pytest.approx(own.probability, abs=1e-9)
        assert (low, high) == pytest.approx(own.interval, abs=1e-9)
    explained = client.predict(**patient, api_name="/explain_heart")
    assert 1 / (1 + math.exp(-explained["logit"])) == pytest.approx(own.probability, abs=1e-9)


def test_unknown_values_are_warned_about(client):
    answer = client.predict(age=50, api_name="/predict_heart")
    assert len(answer["warnings"]) == 12
    assert set(answer["warnings"][0]) == {"field", "code", "message"}


@pytest.mark.parametrize(
    ("change", "start"),
    [
        ({"age": "old"}, "age: must be a number from 0 to 120 years"),
        ({"chol": 1e308}, "chol: must be a number"),
        ({"thal": "odd"}, "thal: must be one of its codes"),
        ({"threshold": 2}, "threshold: must be a number from 0 to 1"),
    ],
)
def test_errors_start_with_the_field(client, change, start):
    with pytest.raises(AppError) as caught:
        client.predict(**{**PATIENT, **change}, api_name="/predict_heart")
    assert str(caught.value).startswith(start)


def test_raw_requests_with_too_few_too_many_or_nan_values_are_answered_in_words(app_url):
    for values, start in (
        ("[61]", "sex: /predict_heart takes 14 values"),
        (json.dumps([None] * 15), "data: /predict_heart takes 14 values"),
        ("[NaN" + ", null" * 13 + "]", "age: must be a number"),
        ("[Infinity" + ", null" * 13 + "]", "age: must be a number"),
    ):
        status, answer = post(app_url, "predict_heart", f'{{"data": {values}}}')
        assert status == 500
        assert answer["error"].startswith(start)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.lists(st.integers()),
        min_size=14,
        max_size=14,
    )
)
def test_whatever_is_posted_the_answer_is_a_prediction_or_names_a_field(app_url, values):
    status, answer = post(app_url, "predict_heart", json.dumps({"data": values}))
    if status == 200:
        assert 0 <= answer["data"][0]["probability"] <= 1
    else:
        assert answer["error"].split(":")[0] in (*FEATURE_NAMES, "threshold")


def test_a_batch_keeps_rows_and_order(client, tmp_path):
    table = tmp_path / "patients.csv"
    table.write_text("age,sex,note\n61,male,first\nabc,1,second\n50,0,third\n")
    answer = client.predict(handle_file(table), api_name="/predict_heart_batch")
    with open(answer, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["note"] for row in rows] == ["first", "second", "third"]
    assert rows[1]["error"].startswith("age: ")
    single = client.predict(age=61, sex="male", api_name="/predict_heart")
    assert float(rows[0]["probability"]) == pytest.approx(single["probability"], abs=1e-9)


@pytest.mark.parametrize(
    ("content", "word"),
    [("a,b\n1,2\n", "feature"), ("age\n" + "5" * 5_300_000, "")],
    ids=["wrong columns", "5 MB"],
)
def test_bad_files_are_refused(client, tmp_path, content, word):
    table = tmp_path / "bad.csv"
    table.write_text(content)
    with pytest.raises(Exception, match=f"(?i){word}") as caught:
        client.predict(handle_file(table), api_name="/predict_heart_batch")
    assert "Traceback" not in str(caught.value)


def test_a_file_that_was_never_uploaded_is_not_read(app_url):
    body = json.dumps({"data": [{"path": "/etc/passwd"}, None]})
    status, answer = post(app_url, "predict_heart_batch", body)
    assert status != 200
    assert "root:" not in json.dumps(answer)


def test_training_streams_progress_and_ends_with_the_result(client):
    job = client.submit(QUICK, api_name="/train_playground")
    updates = list(job)
    result = job.result()
    assert set(updates[0]) == {"epoch", "epochs"}
    assert set(result) == RESULT_KEYS
    assert result["config"]["training"]["epochs"] == 20
    assert result["history"]["epoch"][-1] == 20


def test_an_empty_config_is_the_lessons_blobs(client):
    result = client.predict({}, api_name="/train_playground")
    assert result["config"]["dataset"]["name"] == "blobs"
    assert result["metrics"]["test_accuracy"] > 0.95


@pytest.mark.parametrize(
    ("config", "start"),
    [
        ({"training": {"epochs": 10**9}}, "training.epochs: "),
        ({"dataset": {"samples": 10**6}}, "dataset.samples: "),
        ({"network": {"widths": [8] * 50}}, "network.widths: "),
        ({"surprise": 1}, "surprise: "),
        ("text", "config: must be a JSON object"),
        ([1], "config: must be a JSON object"),
    ],
)
def test_bad_training_settings_are_named_at_once(client, config, start):
    with pytest.raises(AppError) as caught:
        client.predict(config, api_name="/train_playground")
    assert str(caught.value).startswith(start)


def test_the_capstone_compares_three(client):
    config = {"training": {"epochs": 20}}
    result = client.predict(config, api_name="/compare_capstone")
    assert list(result) == ["underfit", "overfit", "good"]
    for run in result.values():
        assert set(run) == RESULT_KEYS


def test_model_info_describes_what_is_served(client):
    info = client.predict(api_name="/model_info")
    heart = info["models"]["heart"]
    assert heart["source"]["name"] == "processed.cleveland.data"
    assert heart["format_version"] == 1
    assert info["device"] == "cpu"
    assert info["fast_paths"] == fast_paths()
    assert list(fast_paths()) == sorted(fast_paths())


def test_only_the_promised_endpoints_are_public(client):
    names = set(client.view_api(return_format="dict", print_info=False)["named_endpoints"])
    assert names >= {
        "/predict_heart",
        "/predict_heart_batch",
        "/model_info",
        "/train_playground",
        "/compare_capstone",
    }
    promised = {"/explain_heart", "/heart_report", "/sweep", "/run_exercise",
                "/describe_heart_table", "/predict_heart_rows", "/lesson_step"}  # fmt: skip
    assert names <= promised | {
        "/predict_heart",
        "/predict_heart_batch",
        "/model_info",
        "/train_playground",
        "/compare_capstone",
    }


def test_a_session_holds_its_own_values_but_no_copy_of_the_page():
    app = build_app()
    holder = StateHolder()
    holder.set_blocks(app)
    assert app.state_holder is holder
    first, second = holder["one"], holder["two"]
    assert first.config_values == {}
    state = next(key for key, block in app.blocks.items() if block.stateful)
    first[state] = "mine"
    assert (first[state], second[state]) == ("mine", None)
