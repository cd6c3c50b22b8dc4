"""What the lesson claims about the heart data, measured; and its exercises 9 to 12."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from classifiers.errors import ClassifiersError
from classifiers.recipes.exercises import exercise
from classifiers.recipes.heart.exercises import EXERCISES
from classifiers.recipes.heart.findings import (
    describe_experiments,
)
from classifiers.ui.heart.chosen import chosen
from classifiers.ui.models import Served
from classifiers.ui.parts.markup import markdown


def build_lessons(served: Callable[[], Served], tab: gr.Tab) -> None:
    """Fills the sub-tab; its text is made when the tab is opened."""
    markdown("## Exercises 9 to 12", elem_classes="group-title", container=False)
    with gr.Row(elem_classes="tight"):
        buttons = {
            item.key: gr.Button(f"{item.number}. {item.title}", size="sm", min_width=180)
            for item in EXERCISES
        }
    answer = markdown(elem_id="heart-exercise")
    experiments = markdown(elem_id="heart-experiments")

    def run(key: str, *decision: Any) -> str:
        try:
            return _tell(exercise(key).run(served().heart, *decision))  # type: ignore[call-arg]
        except ClassifiersError as error:
            return f"**{error}**"

    decision, script = chosen()
    for key, button in buttons.items():
        button.click(
            lambda *decision, key=key: run(key, *decision),
            decision,
            answer,
            js=script,
            api_visibility="private",
            concurrency_id="light",
        )
    tab.select(
        lambda: _experiments(served()),
        None,
        experiments,
        api_visibility="private",
        show_progress="hidden",
        concurrency_id="light",
    )


def _tell(told: dict[str, Any]) -> str:
    """One question and its answer, as Markdown."""
    findings = "\n".join(f"- {finding}" for finding in told["findings"])
    return f"### {told['title']}\n\n{told['asked']}\n\n{findings}\n\n*{told['ran']}*"


def _experiments(served: Served) -> str:
    try:
        told = describe_experiments(served.heart)
    except ClassifiersError as error:
        return f"**{error}**"
    intro = "## The lesson's claims, and the copies of its data, measured on the real patients"
    return "\n\n".join([intro, *(_tell(item) for item in told)])
