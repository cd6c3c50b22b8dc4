"""The section for a table of patients: upload, questions about its columns, decisions at the page's
threshold, download.

The file stays uploaded, so that another threshold, or another reading of its columns, needs no
second sending.
"""

import itertools
import json
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from classifiers.data.files.table import EXTENSIONS
from classifiers.data.files.write import Format
from classifiers.data.heart.file import FEATURES, Reading
from classifiers.errors import ClassifiersError, ConfigError
from classifiers.recipes.heart.model import BatchResult
from classifiers.recipes.heart.report import own_costs
from classifiers.recipes.heart.tables.outcomes import measure_outcomes
from classifiers.recipes.heart.tables.preview import describe_table
from classifiers.recipes.heart.tables.read import read_batch_file
from classifiers.ui.gradio_internals.uploads import uploaded_path
from classifiers.ui.heart.predictions import predicting_csv
from classifiers.ui.models import Served
from classifiers.ui.parts.events import LIGHT
from classifiers.ui.parts.markup import markdown
from classifiers.ui.parts.opening import Opening
from classifiers.ui.static import asset, module, taken
from classifiers.wording import bounded, bounded_share, whole_percent

_SHOWN = 8  # rows of the answer on one page of it, and rows that were refused
_MOST_PAGED = 2_000  # rows that the page gets to leaf through, and as many of those in doubt
_CHARACTERS = 60  # of a cell there
_TELL_EVERY = 0.3  # seconds
_OWN = 4  # columns of the sender's that stand beside the answer
_MOST_TOLD = 20_000  # characters of what the page says of columns
_ASK = """async (file, threshold, kind, rounded, told, run) => {
  const { ask, options, runs } = await MODULE;
  return [file, ask(file), kind, rounded, options(), runs()];
}"""
_HALT = "async () => (await MODULE).runs()"
_MOST_HALTED = 1_000
_FAILED = "Something went wrong that is not the file's fault. Try again in a minute."
_DECIDED = ("disease", "no disease")  # said even where there is none of them
_FORMATS = {
    "csv-comma": "CSV for Excel, commas",
    "csv-semicolon": "CSV for Excel, semicolons and decimal commas",
    "csv-tab": "tab-separated",
    "xlsx": "Excel workbook (.xlsx)",
    "csv": "plain CSV, for programs",
}
_IN_DOUBT = {
    "out_of_training_range": "outside the training patients' range",
    "unseen_category": "no training patient had this",
    "another_coding": "a code that UCI does not have",
}
_sequence = itertools.count()
# Runs that somebody stopped, by the name that their page gave them: a press may come before its
# run does, and the queue's own way to end a run leaves the page waiting for it then.
_halted: OrderedDict[str, None] = OrderedDict()


def build_table(served: Callable[[], Served], opening: Opening) -> None:
    """Fills the sub-tab."""
    markdown(
        "A table with a column a feature, named as in the study or in any of its copies: "
        + ", ".join(f"`{f.name}`" for f in FEATURES)
        + ". CSV in any encoding and with any separator, Excel, ARFF, or what R and Orange write. "
        "Missing columns and empty cells are unknown. The answer keeps the order and every row; a "
        "bad row carries its reason."
    )
    upload, answer, kind, rounded = _files_and_formats()
    threshold = gr.Number(visible="hidden")  # the page's, which the script fills in
    told = gr.Textbox(visible="hidden")  # what the page says of the file, which the script fills in
    run = gr.Textbox(visible="hidden")  # what the page calls this run
    batch = gr.HTML(
        html_template=asset("heart/table/table.html"),
        css_template=asset("heart/colours.css", "heart/table/table.css"),
        js_on_load=module(
            "heart/table/table.js", watched=("value", "start"), events=("submit", "halt")
        ),
        start="",
        elem_id="patients-answer",
        elem_classes="text-panel",
    )

    def predict(
        path: Any, cut: Any, kind: Any, rounded: Any, told: Any, run: Any
    ) -> Iterator[tuple[Any, str]]:
        try:
            if path is None:
                yield None, _tell(state="empty")
            else:
                how = Format.parse(kind, rounded is True)
                yield from _answer_file(served(), path, cut, how, told, run)
        except ClassifiersError as error:
            yield None, _tell(state="error", message=str(error))

    place = taken("heart/table/table.js")
    outputs = [answer, batch]
    # One listener for all of them: what was asked last is answered last.
    asked = gr.on(
        [upload.change, batch.submit, kind.input, rounded.input],
        predict, [upload, threshold, kind, rounded, told, run], outputs,
        js=_ASK.replace("MODULE", place), trigger_mode="always_last", api_visibility="private",
        concurrency_id="table", concurrency_limit=2, show_progress="hidden",
    )  # fmt: skip
    asked.failure(lambda: (None, _tell(state="error", message=_FAILED)), None, outputs, **LIGHT)
    batch.halt(_halt, run, None, js=_HALT.replace("MODULE", place), **LIGHT)
    opening.add(lambda _: [gr.HTML(start=_start(served()))], [], [batch])


def _files_and_formats() -> tuple[gr.File, gr.File, gr.Dropdown, gr.Checkbox]:
    """What goes in, what comes out, and as what."""
    with gr.Row():
        upload = gr.File(
            label="Patients (CSV, Excel, ARFF)", file_types=list(EXTENSIONS), type="filepath",
            min_width=320, elem_id="patients-file",
        )  # fmt: skip
        answer = gr.File(
            label="Predictions", interactive=False, min_width=320, elem_id="predictions-file"
        )
    with gr.Row():
        with gr.Column(min_width=260):
            kind = gr.Dropdown(
                [(label, key) for key, label in _FORMATS.items()], value="csv-comma",
                label="Predictions as", elem_id="predictions-format",
            )  # fmt: skip
        with gr.Column(min_width=260):
            rounded = gr.Checkbox(
                False, label="Risks to four digits too, in columns of their own",
                elem_id="predictions-rounded",
            )  # fmt: skip
    return upload, answer, kind, rounded


def _halt(run: Any) -> None:
    if isinstance(run, str) and 0 < len(run) <= 40:
        _halted[run] = None
        while len(_halted) > _MOST_HALTED:
            _halted.popitem(last=False)


def _answer_file(
    served: Served, path: Any, cut: Any, how: Format, told: Any, run: Any
) -> Iterator[tuple[Any, str]]:
    """How far it is, while that takes long; then the predictions as a file and what is said of
    them. Only how the file was read where that has to be asked."""
    reading, options = _read_options(told)
    patients = read_batch_file(uploaded_path(path), reading, named=False)
    seen = {**describe_table(patients, reading), "options": options, "fields": _FIELDS}
    if patients.questions:
        message = "; ".join(finding.message for finding in patients.questions)
        yield None, _tell(state="ask", message=f"file: {message}", seen=seen)
        return
    rows, last = len(patients.rows), time.monotonic()
    steps = predicting_csv(served, patients, cut, reading, how)
    while True:
        if isinstance(run, str) and run in _halted:
            yield None, _tell(state="stopped")
            return
        try:
            done = next(steps)
        except StopIteration as end:
            file, result = end.value
            break
        if time.monotonic() - last > _TELL_EVERY:
            last = time.monotonic()
            yield gr.skip(), _tell(state="working", **_progress(done, rows))
    outcomes = tell_outcomes(measure_outcomes(served.heart, result))
    yield file, _tell(**summarize(result), seen=seen, outcomes=outcomes)


def _progress(done: int, rows: int) -> dict[str, Any]:
    percent = 100 * done // rows  # 100 only once all are done
    return {"percent": percent, "text": f"{percent} %: {done:,} of {rows:,} rows"}


_FIELDS = [[f.name, f"{f.name}: {f.label}"] for f in FEATURES] + [["target", "disease, if known"]]


def _read_options(told: Any) -> tuple[Reading, dict[str, Any]]:
    """What the page says of a file, as text.

    Raises:
        ConfigError: it is nothing that the page would say.
    """
    if told in (None, ""):
        return Reading(), {}
    try:
        given = json.loads(told) if isinstance(told, str) and len(told) <= _MOST_TOLD else None
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or not given.keys() <= {"decode", "units", "codes", "columns"}:
        raise ConfigError("options", "must be decode, units, codes and columns; reload the page")
    return Reading.parse(**given), given


def _start(served: Served) -> str:
    """What the page's threshold and costs begin with; nothing where the model does not load."""
    try:
        model = served.heart
        miss, alarm = own_costs(model)
    except ClassifiersError:
        return ""
    return json.dumps({"threshold": model.threshold, "miss": miss, "alarm": alarm})


def _tell(**told: Any) -> str:
    # Two equal values in a row would not be noticed.
    return json.dumps({"sequence": next(_sequence), **told})


def summarize(result: BatchResult) -> dict[str, Any]:
    """What is said of a predicted file: its decisions, refused rows, findings, and its rows.

    Rows and decisions are those that are written to the answer, so page and file say the same.
    """
    own = min(len(result.patients.header), _OWN)
    count, bad = len(result.answers), len(result.errors)
    decided: Counter[str] = Counter(map(result.decision, range(count)))
    refused = [[f"{row + 1:,}", reason] for row, reason in list(result.errors.items())[:_SHOWN]]
    kinds = [*_DECIDED, *sorted(set(decided) - {*_DECIDED, ""})]
    marks = [_mark(result, i) for i in range(count)]
    looked_at = [i for i in range(count) if marks[i] or i in result.errors]
    return {
        "state": "ok",
        "threshold": result.threshold,
        "at": whole_percent(result.threshold),
        "rows": f"{count:,} row{'s' * (count != 1)}, all of them in the file",
        "decisions": [*([kind, decided[kind]] for kind in kinds), ["refused", bad]],
        "refused": refused,
        "more": f"and {bad - len(refused):,} more, in the file" if bad > len(refused) else "",
        "findings": [finding.message for finding in result.patients.findings],
        "header": ["Row", *result.header[:own], "Risk", "Interval", "Decision"],
        "own": own,
        "count": count,
        "page": _SHOWN,
        "all": [_shown(result, i, own, marks[i]) for i in range(min(count, _MOST_PAGED))],
        "doubted": [_shown(result, i, own, marks[i]) for i in looked_at[:_MOST_PAGED]],
        "in_doubt": len(looked_at),
        "doubtful": sum(map(bool, marks)),
        "hidden": max(0, len(result.patients.header) - own),
    }  # fmt: skip


def _shown(result: BatchResult, row: int, own: int, mark: str) -> list[str]:
    """A row as the page shows it: its number, the sender's cells, the answer, what is doubtful."""
    cells = [_cut(cell) for cell in itertools.islice(result.patients.rows[row].values(), own)]
    return [f"{row + 1:,}", *cells, *_answer(result, row), mark]


def _cut(cell: str) -> str:
    return cell if len(cell) <= _CHARACTERS else f"{cell[:_CHARACTERS]}…"


def _answer(result: BatchResult, row: int) -> list[str]:
    """Risk, interval and decision of one row of the answer, as people read them."""
    if row in result.errors:
        return ["", "", f"refused: {result.errors[row]}"]
    risk, low, high = (whole_percent(float(part)) for part in result.answers[row, :3])
    return [risk, f"{low.removesuffix(' %')} to {high}", result.decision(row)]


def _mark(result: BatchResult, row: int) -> str:
    """What makes a row's risk doubtful beyond what is simply not known of it."""
    if row in result.errors:
        return ""
    pairs = (warning.split(":") for warning in result.warnings(row).split())
    told = [f"{field}: {_IN_DOUBT[code]}" for field, code in pairs if code in _IN_DOUBT]
    return "; ".join(told)


def tell_outcomes(outcomes: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the risks were worth for patients whose disease the file says, as people read it."""
    if outcomes is None or outcomes.get("note"):
        return outcomes and {
            "title": f"The column {outcomes['column'][:40]} was not used to measure",
            "findings": [outcomes["note"]],
            "warnings": outcomes.get("warnings", []),
        }
    metrics, record = outcomes["metrics"], outcomes["record"]["metrics"]
    names = {"auc": "AUC", "brier": "Brier score", "calibration_intercept": "Calibration intercept",
             "calibration_slope": "Calibration slope", "sensitivity": "Sensitivity",
             "specificity": "Specificity", "precision": "Precision"}  # fmt: skip
    rows = []
    for name, label in names.items():
        show = bounded_share if name in ("sensitivity", "specificity", "precision") else bounded
        pair = (metrics[name], record[name])
        whole = [all(part is not None for part in one.values()) for one in pair]
        rows.append(
            [
                label,
                *(
                    show(one) if ok else "cannot be told"
                    for one, ok in zip(pair, whole, strict=True)
                ),
            ]
        )
    counts = outcomes["counts"]
    return {
        "title": f"Measured against the column {outcomes['column'][:40]}: "
        f"{outcomes['cases']:,} of {outcomes['patients']:,} patients have the disease",
        "warnings": outcomes["warnings"],
        "findings": outcomes["findings"],
        "header": ["", "This table", "Model's record"],
        "rows": rows,
        "counts": f"Found {counts['true_positive']:,}, missed {counts['false_negative']:,}; false "
        f"alarms {counts['false_positive']:,}, rightly left alone {counts['true_negative']:,}.",
        "groups": [
            f"{whole_percent(g['said'])} said, {bounded_share(g['found'])} found "
            f"({g['patients']:,} patients)"
            for g in outcomes["groups"]
        ],
    }
