"""What stands between a visitor's request and our code: errors in words, arguments counted."""

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import gradio as gr
from gradio.block_function import BlockFunction

from classifiers.errors import ClassifiersError

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
    """Blocks that name a missing or superfluous argument of a raw request."""

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
