"""What stands between a visitor's request and our code: errors in words, memory given back."""

import ctypes
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import gradio as gr

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


def give_back_memory() -> None:
    """Hands freed memory to the system: glibc keeps what the threads of past runs have freed."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
