"""The MCP server: schemas as they are told, values left to our own checks, answers in JSON."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

import gradio.mcp
from gradio.mcp import GradioMCPServer
from gradio_client import handle_file

from classifiers.ui.gradio_internals.uploads import uploaded_path

_UPLOADED = "/gradio_api/file="
_MOST_TOOLS = 32  # called at once: each call keeps a thread, and there are not many more


class _Server(GradioMCPServer.Server):
    """Leaves the values that a tool is called with to our own checks, which name the field."""

    _under_way = 0
    parameters_of: Callable[[str], Mapping[str, bool]]  # name -> whether it has to be given

    def call_tool(self, *, validate_input: bool = True) -> Any:
        register = super().call_tool(validate_input=False)

        def tool(call: Callable[..., Awaitable[Any]]) -> Any:
            async def named(name: str, arguments: dict[str, Any]) -> Any:
                if self._under_way >= _MOST_TOOLS:
                    raise ValueError(
                        f"server: has {_MOST_TOOLS} tools under way and room for no more; try "
                        "again in some seconds"
                    )
                _check_names(name, arguments, self.parameters_of(name))
                self._under_way += 1
                try:
                    return _structured(await call(name, arguments))
                except Exception as error:
                    told = str(error)
                    if told.startswith("Invalid file data format"):
                        message = "must be the http or https address of an uploaded file"
                        raise ValueError(f"file: {message}, got {told[-60:]!r}") from None
                    if not told:  # as of a time that is over
                        why = type(error).__name__
                        raise ValueError(f"server: could not answer ({why}); call again") from error
                    raise
                finally:
                    self._under_way -= 1

            return register(named)

        return tool


def _check_names(tool: str, arguments: Mapping[str, Any], known: Mapping[str, bool]) -> None:
    """Raises ValueError for a parameter that there is not, and for one that is missing."""
    names = ", ".join(known) or "nothing"
    for name in arguments:
        if name not in known:
            raise ValueError(f"{name[:60]}: is no parameter of {tool}, which takes {names}")
    for name, required in known.items():
        if required and name not in arguments:
            raise ValueError(f"{name}: is missing; {tool} takes {names}")


def _structured(result: Any) -> Any:
    """An answer that is a JSON object goes as one, beside its text, which older clients read."""
    texts = [part.text for part in result.content if part.type == "text"]
    if len(result.content) == 1 and texts and texts[0].startswith("{"):
        result.structuredContent = json.loads(texts[0])
    return result


class PlainMcp(GradioMCPServer):
    """Gradio's MCP server, with whole schemas, and answers in JSON instead of Python's writing."""

    Server = _Server

    def create_mcp_server(self) -> Any:
        server: Any = super().create_mcp_server()
        server.parameters_of = self._parameters
        return server

    def _parameters(self, tool: str) -> dict[str, bool]:
        endpoint = self.tool_to_endpoint.get(tool)
        if endpoint is None:
            known = ", ".join(self.tool_to_endpoint)
            raise ValueError(f"{tool[:60]}: there is no such tool; there are {known}")
        told = self.api_info["named_endpoints"][endpoint]["parameters"]
        return {p["parameter_name"]: not p["parameter_has_default"] for p in told}

    def get_input_schema(
        self, tool_name: str, parameters: dict[str, str] | None = None
    ) -> tuple[dict[str, Any], list[list[str | int]]]:
        """As Gradio's, but for descriptions, which come whole from what was told of a parameter."""
        schema, files = super().get_input_schema(tool_name, None)
        for name, part in schema["properties"].items():
            part.pop("additional_description", None)
            if [name] in files:
                del part["required"]  # of the handle that it stands for
                part["examples"] = ["https://user-app.hf.space/gradio_api/file=/tmp/patients.csv"]
        return schema, files

    def convert_strings_to_filedata(self, value: Any, filedata_positions: Any) -> Any:
        """As Gradio's; the address of an upload to this server is the upload itself.

        What is not one is refused here: the client that calls on would read any file there is.

        Raises:
            DataError: there is no such upload.
        """
        for place in filedata_positions:
            name, address = place[0], value.get(place[0])
            if isinstance(address, dict):
                address = address.get("url") or address.get("path")
            if isinstance(address, str) and _UPLOADED in address:
                path = uploaded_path(unquote(address.partition(_UPLOADED)[2]))
                value = {**value, name: handle_file(str(path))}
            elif isinstance(value.get(name), dict):
                value = {**value, name: handle_file(str(uploaded_path(address)))}
        return super().convert_strings_to_filedata(value, filedata_positions)

    def postprocess_output_data(self, data: Any, root_url: str) -> list[Any]:
        plain = [
            json.dumps(value, ensure_ascii=False) if _is_json(value) else value for value in data
        ]
        return super().postprocess_output_data(plain, root_url)

    async def _execute_tool_with_progress(  # type: ignore[override]
        self, job: Any, progress_token: str | int
    ) -> list[Any]:
        """The last answer; a notification for each that comes before it, and for each place in
        line. An error starts with its field."""
        context = self.mcp_server.request_context
        step, answer = 0.0, list[Any]()
        async for update in job:
            if update.type == "output" and update.final and not update.success:
                raise ValueError(str(update.outputs.get("error") or "server: could not answer"))
            if update.type == "output":
                answer = _values(update.outputs)
            done, whole, message = _progress(update)
            if message is None:
                continue
            step = max(step + 1e-3, done or 0.0)  # it must grow
            await context.session.send_progress_notification(
                progress_token=progress_token,
                progress=step,
                total=whole,
                message=message,
                related_request_id=str(context.request_id),
            )
        if job.exception():
            raise job.exception()
        return answer


def _values(outputs: Any) -> list[Any]:
    """What an update holds; one on the way may come without its wrapping."""
    values = outputs.get("data", [outputs]) if isinstance(outputs, dict) else outputs
    return list(values or [])


def _is_json(value: Any) -> bool:
    is_file = isinstance(value, dict) and "path" in value and "meta" in value
    return isinstance(value, (dict, list)) and not is_file


def _progress(update: Any) -> tuple[float | None, float | None, str | None]:
    """How far a job is, of how much, and a word for people; None where there is nothing to say."""
    if update.type != "output":
        return None, None, GradioMCPServer._format_progress_message(update)
    if update.final:
        return None, None, None
    news = next(iter(_values(update.outputs)), None)
    news = news if isinstance(news, dict) else {}
    done, whole = news.get("epoch"), news.get("epochs")
    if isinstance(done, dict) and done:  # of several networks
        done = min(done.values())
    if isinstance(done, (int, float)):
        return float(done), whole, f"epoch {done} of {whole}"
    return None, None, "Processing"


gradio.mcp.GradioMCPServer = PlainMcp  # type: ignore[misc]
