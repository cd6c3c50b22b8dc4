"""The MCP server: schemas as they are told, values left to our own checks, answers in JSON."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import gradio.mcp
from gradio.mcp import GradioMCPServer

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
                except ValueError as error:
                    if not str(error).startswith("Invalid file data format"):
                        raise
                    message = "must be the http or https address of an uploaded file"
                    raise ValueError(f"file: {message}, got {str(error)[-60:]!r}") from None
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

    Server = _Server  # type: ignore[assignment]

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
        for part in schema["properties"].values():
            part.pop("additional_description", None)
        return schema, files

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
        step, answer = 0.0, None
        async for update in job:
            if update.type == "output" and update.final and not update.success:
                raise ValueError(str(update.outputs.get("error") or "server: could not answer"))
            if update.type == "output":
                answer = update.outputs
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
        return list(answer["data"] if isinstance(answer, dict) else answer or [])


def _is_json(value: Any) -> bool:
    is_file = isinstance(value, dict) and "path" in value and "meta" in value
    return isinstance(value, (dict, list)) and not is_file


def _progress(update: Any) -> tuple[float | None, float | None, str | None]:
    """How far a job is, of how much, and a word for people; None where there is nothing to say."""
    if update.type != "output":
        return None, None, GradioMCPServer._format_progress_message(update)
    if update.final:
        return None, None, None
    data = update.outputs["data"] if isinstance(update.outputs, dict) else update.outputs
    news = data[0] if data and isinstance(data[0], dict) else {}
    for done, whole in (("epoch", "epochs"), ("done", "total"), ("index", "count")):
        if isinstance(news.get(done), (int, float)):
            of = news.get(whole)
            return float(news[done]), of, f"{done} {news[done]}" + (f" of {of}" if of else "")
    return None, None, "Processing"


gradio.mcp.GradioMCPServer = PlainMcp  # type: ignore[misc]
