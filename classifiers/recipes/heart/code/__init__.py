"""The heart recipe as a script that a reader can keep: pandas, scikit-learn, plain PyTorch.

It reads UCI's processed Cleveland file, splits it as the served model was split, and trains the
lesson's network on one-hot categories. What agrees with the record of the shipped weights
(`tests/recipes/test_heart_script.py` compares):

- counts of patients, classes, training and test rows: exactly;
- mean and spread of each numerical field of the training rows: all four printed decimals (the
  numbers themselves to 1e-9);
- the logistic regression on the test patients: accuracy and AUC exactly, log loss to the four
  printed decimals (the solver's tolerance).

The network's own numbers do not: torch draws the masks of dropout and the order of the rows in
another way than the app, which also serves the mean of several networks trained without batches.
On the same test patients accuracy differs by a few of them.
"""

from typing import Any

from classifiers.data.heart.file import FEATURE_NAMES
from classifiers.recipes.heart.experiments.splits import LESSON
from classifiers.recipes.heart.model import SAMPLE_PATIENTS
from classifiers.recipes.heart.report import LESSON_COSTS
from classifiers.recipes.heart.training import (
    CATEGORICAL,
    LESSON_SPLIT_SEED,
    LESSON_TEST_SHARE,
    TRAINING,
)

PATIENT = "Between the two, age 57"

_TEMPLATE = '''\
"""Heart disease from a table of patients: python heart.py processed.cleveland.data"""

import sys

import joblib
import pandas as pd
import torch
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

AMOUNTS = {amounts}
NAMES = {names}
COLUMNS = {columns}

# A network this small spends longer on sharing work between cores than on the work.
torch.set_num_threads(1)
torch.manual_seed({seed})

# Look first: a wrong column or a strange code shows here, and in no score later on.
# The file has no header, and writes "?" where nothing was measured.
patients = pd.read_csv(sys.argv[1], names=COLUMNS, na_values="?")
print(patients.head())
# The file grades disease from 0 to 4. What is asked is whether there is any.
patients["disease"] = (patients["num"] > 0).astype(int)
counts = patients["disease"].value_counts()
print(f"{{len(patients)}} patients: {{counts[0]}} without disease, {{counts[1]}} with it")
# Whatever is built has to beat this one, which knows nothing.
print(f"calling everybody healthy is right for {{counts[0] / len(patients):.4f}}")

# Split before anything is computed from the values: test patients stand for those to come.
train_rows, test_rows = train_test_split(patients, test_size={test_share}, random_state={split})
print(f"{{len(train_rows)}} to train on, {{len(test_rows)}} to test on")

# Amounts are put on one scale, or the field with the largest numbers would rule the first steps.
# Names get a column for each code (one for "not measured", too): as a number, code 4 would be
# twice code 2. A code that no training patient has becomes zeros instead of an error.
preprocessing = ColumnTransformer([
    ("amounts", StandardScaler(), AMOUNTS),
    ("names", OneHotEncoder(handle_unknown="ignore", sparse_output=False), NAMES),
])
# Fitted to the training rows only; the test rows are merely translated.
inputs_train = preprocessing.fit_transform(train_rows)
inputs_test = preprocessing.transform(test_rows)
scaler = preprocessing.named_transformers_["amounts"]
for name, mean, spread in zip(AMOUNTS, scaler.mean_, scaler.scale_, strict=True):
    print(f"{{name}}: mean {{mean:.4f}}, spread {{spread:.4f}}")


def judge(name, risks):
    """Accuracy alone hides how sure the wrong answers were: so the log loss, too."""
    truth = test_rows["disease"]
    right = ((risks >= 0.5) == truth).mean()
    area, loss = roc_auc_score(truth, risks), log_loss(truth, risks)
    print(f"{{name}}: accuracy {{right:.4f}}, AUC {{area:.4f}}, log loss {{loss:.4f}}")


# The plainest model first. A network that does not beat it is not worth its trouble.
linear = LogisticRegression(max_iter=2000).fit(inputs_train, train_rows["disease"])
judge("logistic regression", linear.predict_proba(inputs_test)[:, 1])

# BCEWithLogitsLoss compares numbers of one kind and one shape: float32, and (N, 1) like the
# network's output. With (N,) it would stop; other losses would compare each with all.
x_train = torch.tensor(inputs_train, dtype=torch.float32)
y_train = torch.tensor(train_rows["disease"].to_numpy(), dtype=torch.float32).unsqueeze(1)
# Shuffled anew in each epoch, so that no batch is always the same patients, in the file's order.
batches = DataLoader(TensorDataset(x_train, y_train), batch_size={batch_size}, shuffle=True)


def build(inputs):
    # No sigmoid at the end: the loss has it inside, where large logits do no harm.
    hidden = nn.Linear(inputs, {width})
    return nn.Sequential(hidden, nn.ReLU(), nn.Dropout({dropout}), nn.Linear({width}, 1))


def risks_of(network, inputs):
    network.eval()  # all units answer; in train() mode each call would give another risk
    with torch.inference_mode():
        logits = network(torch.tensor(inputs, dtype=torch.float32))
    return torch.sigmoid(logits)[:, 0].numpy()


network = build(x_train.shape[1])
loss_of = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(network.parameters(), lr={learning_rate})
for _ in range({epochs}):
    network.train()  # units drop out, so that none can rely on another
    for x, y in batches:
        optimizer.zero_grad()  # or the slopes of the last batch would be added to these
        loss_of(network(x), y).backward()
        optimizer.step()
judge("network", risks_of(network, inputs_test))

# Where a miss costs {miss:g} false alarms, calling is worth it from this risk on, not from 0.5.
threshold = {alarm:g} / ({alarm:g} + {miss:g})
called = risks_of(network, inputs_test) >= threshold
ill = (test_rows["disease"] == 1).to_numpy()
print(f"at {{threshold:.4f}}: {{(ill & ~called).sum()}} missed, {{(called & ~ill).sum()}} alarms")

# Weights mean nothing without the scale and the codes they were trained on: one file for both.
# It is a pickle, which runs what its writer put into it: load none that is not your own.
joblib.dump({{"weights": network.state_dict(), "preprocessing": preprocessing}}, "heart.joblib")
kept = joblib.load("heart.joblib")
again = build(x_train.shape[1])
again.load_state_dict(kept["weights"])

patient = pd.DataFrame([{patient}])
before = risks_of(network, preprocessing.transform(patient))[0]
after = risks_of(again, kept["preprocessing"].transform(patient))[0]
print(f"a new patient: risk {{before:.4f}}; from the file {{after:.4f}}")
'''


def to_script() -> str:
    """The script, which takes the path of the file and writes heart.joblib where it is run."""
    training, network = LESSON.training, LESSON.network
    amounts = [name for name in FEATURE_NAMES if name not in CATEGORICAL]
    return _TEMPLATE.format(
        amounts=_wrapped(amounts),
        names=_wrapped(CATEGORICAL),
        columns=_wrapped([*FEATURE_NAMES, "num"]),
        seed=TRAINING.seed,
        test_share=LESSON_TEST_SHARE,
        split=LESSON_SPLIT_SEED,
        batch_size=training.batch_size,
        epochs=training.epochs,
        learning_rate=training.learning_rate,
        width=network.widths[0],
        dropout=network.dropout,
        miss=LESSON_COSTS[0],
        alarm=LESSON_COSTS[1],
        patient=_wrapped(SAMPLE_PATIENTS[PATIENT]),
    )


def _wrapped(values: Any) -> str:
    """A list of names, or a dict, as Python on lines of at most seven."""
    if isinstance(values, dict):
        parts, ends = [f'"{key}": {value!r}' for key, value in values.items()], "{}"
    else:
        parts, ends = [f'"{value}"' for value in values], "[]"
    if len(parts) <= 9 and ends == "[]":
        return f"[{', '.join(parts)}]"
    lines = [", ".join(parts[i : i + 7]) for i in range(0, len(parts), 7)]
    return ends[0] + "\n    " + ",\n    ".join(lines) + ",\n" + ends[1]
