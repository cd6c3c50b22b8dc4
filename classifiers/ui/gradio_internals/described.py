"""Endpoints whose every parameter has a name, a meaning, an example and limits, for strangers.

`gr.api` reads types from hints and calls the parameters "1st", "2nd"; what it made is completed.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.context import get_blocks_context


@dataclass(frozen=True)
class Parameter:
    """What a caller is told of one parameter.

    Attributes:
        description: meaning and unit, in whole sentences.
        example: a value that the endpoint takes.
        schema: JSON schema of its values; None = the one that Gradio makes of the hint.
    """

    description: str
    example: Any
    schema: Mapping[str, Any] | None = None


def add_endpoint(
    function: Callable[..., Any], parameters: Mapping[str, Parameter], **how: Any
) -> None:
    """`gr.api`, named after its function, in the Blocks in whose context it is called.

    Raises:
        TypeError: `parameters` are not the function's, in its order.
    """
    named = inspect.signature(function).parameters
    if list(named) != list(parameters):
        raise TypeError(f"{function.__name__} takes {list(named)}, told are {list(parameters)}")
    gr.api(function, api_name=function.__name__, **how)
    blocks: Any = get_blocks_context()
    made = next(reversed(blocks.fns.values()))
    for block, (name, told) in zip(made.inputs, parameters.items(), strict=True):
        default = named[name].default
        block.label = block._constructor_args[0]["label"] = name
        schema = {
            **(block._api_info if told.schema is None else told.schema),
            "title": name,
            "description": told.description,
            "additional_description": told.description,  # what the API page shows
            "examples": [told.example],
            **({} if default is inspect.Parameter.empty else {"default": default}),
        }
        # The page carries all three of a component's descriptions, and this one is long.
        block.api_info = block.api_info_as_output = dict
        block.api_info_as_input = lambda schema=schema: schema
        block.example_payload = lambda example=told.example: example
        block.example_value = block.example_payload
    for block in made.outputs:
        block.label = block._constructor_args[0]["label"] = "answer"
