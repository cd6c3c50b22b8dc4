"""What stands between a visitor's request and our code: errors in words, arguments counted,
and how much is kept of a visitor."""

import ctypes
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, TypeVar

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.state_holder import StateHolder

from classifiers.errors import ClassifiersError
from classifiers.ui.uploads import check_files

F = TypeVar("F", bound=Callable[..., Any])


def speaks_plainly(function: F) -> F:
    """Turns our errors into the ones that Gradio shows, without a stack trace in the log."""

    def plain(error: ClassifiersError) -> gr.Error:
        return gr.Error(str(error), print_exception=False)

    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def generator(*args: Any, **kwargs: Any) -> Iterator[Any]:
            try:
                yield from function(*args, **kwargs)
            except ClassifiersError as error:
                raise plain(error) from None

        return generator  # type: ignore[return-value]

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except ClassifiersError as error:
            raise plain(error) from None

    return wrapper  # type: ignore[return-value]


class StrictBlocks(gr.Blocks):
    """Blocks that name a missing or superfluous argument of a raw request, and a foreign file."""

    @property
    def state_holder(self) -> StateHolder:
        return self._state_holder

    @state_holder.setter
    def state_holder(self, holder: StateHolder) -> None:
        # A session would begin with a copy of every component's settings, for Gradio's deep links,
        # which this app has no use for: many milliseconds and 0.4 MB for each visitor and each
        # request of a script. A holder that sees no components copies none.
        holder.blocks = SimpleNamespace(  # type: ignore[assignment]
            default_config=self.default_config, blocks={}
        )
        self._state_holder = holder

    def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
        if len(inputs) != len(block_fn.inputs) and block_fn.api_visibility == "public":
            names = list(inspect.signature(block_fn.fn).parameters) if block_fn.fn else []
            missing = names[len(inputs) :]
            field = missing[0] if missing else "data"
            raise gr.Error(
                f"{field}: /{block_fn.api_name} takes {len(names)} values in the order "
                f"{', '.join(names) or '(none)'}, got {len(inputs)}; send null for an unknown one",
                print_exception=False,
            )
        super().validate_inputs(block_fn, inputs)
        speaks_plainly(check_files)(inputs)


def give_back_memory() -> None:
    """Hands freed memory to the system: glibc keeps what the threads of past runs have freed."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
