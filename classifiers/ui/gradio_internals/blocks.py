"""Blocks that answer whatever is sent in words, and do no more than our components need."""

import copy
import inspect
from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.components import _Keywords
from gradio.state_holder import StateHolder

from classifiers.errors import ClassifiersError
from classifiers.ui.gradio_internals.notes import note_error
from classifiers.ui.gradio_internals.queue import LastingQueue
from classifiers.ui.gradio_internals.uploads import handles, uploaded_path
from classifiers.wording import counted


class _LeanConfig:
    """What Gradio copies for each session: without a copy of every component's settings, which are
    for its deep links. They cost many milliseconds, 0.4 MB, and the last film of every visitor."""

    def __init__(self, config: Any) -> None:
        self._config = config

    def __copy__(self) -> Any:
        config = copy.copy(self._config)
        config.config_for_block = lambda *_: {}
        return config


# Of these no value can hold a file.
_PLAIN = (
    gr.Button, gr.Checkbox, gr.CheckboxGroup, gr.Code, gr.Dropdown, gr.HTML, gr.Markdown, gr.Number,
    gr.Radio, gr.Slider, gr.Textbox,
)  # fmt: skip
# Endpoints with parameters of later versions: who leaves these out gets what they always got.
_LATER = {"predict_heart_batch": 6, "model_info": 1, "lesson_step": 1}
_LOOKS = {"elem_classes", "info", "interactive", "label", "placeholder", "value", "visible"}


def _own(block: Any, state: Any) -> Any:
    """A component as it is for this visitor."""
    return block if state is None else state.get(block._id, block)


def _changes_looks(update: Any) -> bool:
    known = isinstance(update, dict) and update.get("__type__") == "update"
    return known and update.keys() <= {"__type__", *_LOOKS}


def _shown(block: Any, update: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in update.items() if value is not None}
    if "value" in update:
        shown["value"] = block.postprocess(update["value"])
    return shown


class StrictBlocks(gr.Blocks):
    """Blocks that answer whatever is sent in words, and never with a stack trace."""

    def queue(self, *args: Any, default_concurrency_limit: Any = 4, **kwargs: Any) -> gr.Blocks:
        super().queue(*args, default_concurrency_limit=default_concurrency_limit, **kwargs)
        self._queue = LastingQueue(
            live_updates=False,
            concurrency_count=self.max_threads,
            update_intervals=5,
            max_size=None,
            blocks=self,
            default_concurrency_limit=default_concurrency_limit,
        )
        return self

    @property
    def state_holder(self) -> StateHolder:
        return self._state_holder

    @state_holder.setter
    def state_holder(self, holder: StateHolder) -> None:
        holder.blocks = SimpleNamespace(  # type: ignore[assignment]
            default_config=_LeanConfig(self.default_config), blocks={}
        )
        self._state_holder = holder

    def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
        short = len(block_fn.inputs) - len(inputs)
        if 0 < short <= _LATER.get(str(block_fn.api_name), 0):
            inputs.extend([None] * short)
        if len(inputs) != len(block_fn.inputs):
            names = _names(block_fn)
            missing = names[len(inputs) :]
            raise _refusal(
                missing[0] if missing else "data",
                f"{_called(block_fn)} takes {counted(len(names), 'value')} in the order "
                f"{', '.join(names) or '(none)'}, got {len(inputs)}; send null for an unknown one",
            )
        super().validate_inputs(block_fn, inputs)
        for place, (name, value) in enumerate(zip(_names(block_fn), inputs, strict=False)):
            for handle in handles(value):
                if not _takes_file(block_fn, place):
                    raise _refusal(
                        name,
                        "must be a plain value, got the handle of a file; send what the file holds",
                    )
                uploaded_path(handle)

    async def preprocess_data(
        self, block_fn: BlockFunction, inputs: list[Any], state: Any, *args: Any, **kwargs: Any
    ) -> list[Any]:
        """As Gradio's, but for plain components without a thread and a search for files each."""
        self.validate_inputs(block_fn, inputs)
        processed = []
        for place, name in enumerate(_names(block_fn)):
            block, value = block_fn.inputs[place], inputs[place]
            try:
                if block.stateful:
                    processed.append(state[block._id])
                elif isinstance(block, _PLAIN):
                    processed.append(_own(block, state).preprocess(value))
                else:
                    part = copy.copy(block_fn)
                    part.inputs = [block]
                    processed += await super().preprocess_data(
                        part, [value], state, *args, **kwargs
                    )
            except ClassifiersError:
                raise
            except Exception:
                raise _refusal(name, "must be a value that this field can hold") from None
        return processed

    async def postprocess_data(
        self, block_fn: BlockFunction, predictions: Any, state: Any
    ) -> list[Any]:
        """As Gradio's, but for plain components without a thread and a search for files each, and
        without building a component anew of which only the looks change."""
        several = isinstance(predictions, (list, tuple)) and len(block_fn.outputs) > 1
        if not several or len(predictions) != len(block_fn.outputs):
            return await super().postprocess_data(block_fn, predictions, state)
        data: list[Any] = []
        for block, value in zip(block_fn.outputs, predictions, strict=True):
            kept = block.stateful and _changes_looks(value) and "value" not in value
            if kept or value is _Keywords.FINISHED_ITERATING:
                data.append(None)
            elif isinstance(block, _PLAIN) and not isinstance(value, gr.blocks.Block | dict):
                data.append(_own(block, state).postprocess(value))
            elif not block.stateful and _changes_looks(value):
                data.append(_shown(_own(block, state), value))
            else:
                part = copy.copy(block_fn)
                part.outputs = [block]
                data += await super().postprocess_data(part, value, state)
        return data

    async def process_api(self, block_fn: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            return await super().process_api(block_fn, *args, **kwargs)
        except gr.Error as error:
            error.print_exception = False
            raise
        except ClassifiersError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except Exception as error:
            fn = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
            note_error(_called(fn), error)
            raise _refusal("server", f"could not answer {_called(fn)}; it was noted") from None


def _refusal(field: str, message: str) -> gr.Error:
    return gr.Error(f"{field}: {message}", print_exception=False)


def _called(block_fn: BlockFunction) -> str:
    return f"/{block_fn.api_name}" if block_fn.api_name else f"event {block_fn._id}"


def _names(block_fn: BlockFunction) -> list[str]:
    """The inputs as a caller knows them."""
    if block_fn.api_visibility == "public" and block_fn.fn is not None:
        return list(inspect.signature(block_fn.fn).parameters)
    return [
        str(getattr(block, "label", None) or getattr(block, "elem_id", None) or f"value {i + 1}")
        for i, block in enumerate(block_fn.inputs)
    ]


def _takes_file(block_fn: BlockFunction, place: int) -> bool:
    if block_fn.api_visibility == "public" and block_fn.fn is not None:
        parameters = list(inspect.signature(block_fn.fn).parameters.values())
        return place < len(parameters) and parameters[place].annotation is gr.FileData
    return isinstance(block_fn.inputs[place], gr.File | gr.UploadButton)
