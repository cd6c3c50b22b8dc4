"""What the lesson claims about the heart data, measured; and its exercises 9 to 12."""

import json
from collections.abc import Callable
from typing import Any

import gradio as gr

from classifiers.errors import ClassifiersError
from classifiers.recipes.exercises import exercise
from classifiers.recipes.heart.code import to_script
from classifiers.recipes.heart.exercises import EXERCISES
from classifiers.recipes.heart.experiments.group_rows import groups_picture
from classifiers.recipes.heart.experiments.rows import lessons_picture
from classifiers.ui.heart.chosen import chosen
from classifiers.ui.models import Served
from classifiers.ui.parts.code_box import code_box
from classifiers.ui.parts.events import LIGHT
from classifiers.ui.parts.markup import markdown
from classifiers.ui.static import asset, module


def build_lessons(served: Callable[[], Served], tab: gr.Tab) -> None:
    """Fills the sub-tab; its picture is made when the tab is opened."""
    with gr.Row(elem_classes="tight"):
        buttons = {
            item.key: gr.Button(
                f"{item.number}. {item.title}",
                size="sm",
                min_width=180,
                elem_id=f"heart-exercise-{item.key}",
            )
            for item in EXERCISES
        }
    answer = markdown(elem_id="heart-exercise")
    code_box(
        "heart-code",
        "The lesson's model from the table on.",
        "Run it where pandas, scikit-learn and PyTorch are, on UCI's file "
        "processed.cleveland.data.",
        to_script,
    )
    picture = gr.HTML(
        html_template=asset("heart/lessons/lessons.html"),
        css_template=asset("heart/lessons/lessons.css"),
        js_on_load=module("heart/lessons/lessons.js"),
        elem_id="heart-lessons",
        elem_classes="edge-to-edge",
    )

    def run(key: str, *decision: Any) -> str:
        try:
            return _tell(exercise(key).run(served().heart, *decision))  # type: ignore[call-arg]
        except ClassifiersError as error:
            return f"**{error}**"

    decision, script = chosen()
    for key, button in buttons.items():
        button.click(
            lambda *decision, key=key: run(key, *decision), decision, answer, js=script, **LIGHT
        )
    tab.select(lambda: show_lessons(served()), None, picture, **LIGHT)


def _tell(told: dict[str, Any]) -> str:
    """One question and its answer, as Markdown; the first finding answers it."""
    answer, *more = told["findings"]
    findings = "\n".join(f"- {finding}" for finding in more)
    return (
        f"### {told['title']}\n\n{told['asked']}\n\n**{answer}**\n\n{findings}\n\n*{told['ran']}*"
    )


def show_lessons(served: Served) -> str:
    """The picture's JSON, or its `error`."""
    try:
        model = served.heart
        return json.dumps({**lessons_picture(model), "groups": groups_picture(model)})
    except ClassifiersError as error:
        return json.dumps({"error": str(error)})
