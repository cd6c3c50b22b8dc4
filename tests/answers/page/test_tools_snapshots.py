"""The app as tools and as a page, by its inner parts: values, progress, errors, and what is made of
Gradio's page, held against what was looked at and kept.
"""

from types import SimpleNamespace
from typing import Any

import pytest

from classifiers.errors import ClassifiersError
from classifiers.ui.gradio_internals import PlainMcp, mcp, page
from tests.answers.thinned import hold
from tests.tools.app_client import run_async


def said(call: Any) -> Any:
    """What a call gives, or what it raises for whoever uses a tool."""
    try:
        return call()
    except (ValueError, ClassifiersError) as error:
        return f"{type(error).__name__}: {error}"


def output(told: Any, *, final: bool = False, success: bool = True) -> SimpleNamespace:
    return SimpleNamespace(type="output", outputs=told, final=final, success=success)


NEWS: list[Any] = [
    {"data": [{"epoch": 3, "epochs": 40}]}, {"data": [{"epoch": {"a": 7, "b": 5}, "epochs": 9}]},
    {"data": [{"epoch": {}}]}, {"data": ["words"]}, {"data": []}, {"epoch": 2, "epochs": 4},
    [{"epoch": 1.5, "epochs": 3}], None, [],
]  # fmt: skip
STATUSES = [SimpleNamespace(type="progress"), SimpleNamespace(type="status", code="x")]


def test_how_far_a_tool_is(snapshots, monkeypatch):
    monkeypatch.setattr(mcp.GradioMCPServer, "_format_progress_message", lambda update: update.type)
    told = {str(news): [mcp._values(news), mcp._progress(output(news))] for news in NEWS}
    hold(snapshots, "on the way", told, 40)
    last = [mcp._progress(output(NEWS[0], final=True)), *map(mcp._progress, STATUSES)]
    hold(snapshots, "else", last)
    file = {"path": "a", "meta": {}}
    values: list[Any] = [{"a": 1}, [1], file, {"path": "a"}, {"meta": 1}, "x", None, (1,)]
    hold(snapshots, "as JSON", [mcp._is_json(value) for value in values])
    texts = {"one": ['{"a": 1}'], "a list": ["[1]"], "two": ['{"a": 1}', "x"], "none": []}
    for name, parts in texts.items():
        content = [SimpleNamespace(type="text", text=text) for text in parts]
        result = SimpleNamespace(content=content, structuredContent=None)
        hold(snapshots, name, mcp._structured(result).structuredContent)
    picture = [SimpleNamespace(type="image"), SimpleNamespace(type="text", text='{"a": 1}')]
    told = mcp._structured(SimpleNamespace(content=picture, structuredContent=None))
    hold(snapshots, "a picture", told.structuredContent)
    known = {"a": True, "b": False, "c": True}
    asked: list[dict[str, Any]] = [
        {"a": 1, "c": 2}, {"a": 1, "b": None, "c": 2}, {"a": 1}, {"b": 1}, {}, {"d" * 70: 1},
    ]  # fmt: skip
    told = {str(one)[:20]: said(lambda one=one: mcp._check_names("t", one, known)) for one in asked}
    hold(snapshots, "names", [told, said(lambda: mcp._check_names("t", {"x": 1}, {}))])


class Job:
    """What a client of Gradio's is told, one after the other."""

    def __init__(self, *updates: Any, error: Exception | None = None) -> None:
        self.updates, self.exception = updates, lambda: error

    async def __aiter__(self) -> Any:
        for update in self.updates:
            yield update


@pytest.fixture
def server(monkeypatch) -> Any:
    """Ours, without a session of a client's."""
    made = PlainMcp.__new__(PlainMcp)
    sent: list[Any] = []

    async def send(**told: Any) -> None:
        sent.append(told)

    session = SimpleNamespace(send_progress_notification=send)
    context = SimpleNamespace(session=session, request_id=77)
    made.mcp_server = SimpleNamespace(request_context=context)  # type: ignore[assignment]
    made.sent = sent  # type: ignore[attr-defined]
    monkeypatch.setattr(
        mcp.GradioMCPServer, "_format_progress_message",
        lambda update: "in line" if update.type == "status" else None,
    )  # fmt: skip
    return made


def test_what_a_tool_hears_as_it_goes(snapshots, server):
    failed = output({"error": "a: is bad"}, final=True, success=False)
    jobs = {
        "all": Job(STATUSES[1], STATUSES[0], *(output(one) for one in NEWS[:4]), output(
            {"data": [{"epoch": 2, "epochs": 9}]}), output({"data": ["end", 3]}, final=True)),
        "bad": Job(output(NEWS[0]), failed), "worse": Job(output({}, final=True, success=False)),
        "broken": Job(output(NEWS[0]), error=ValueError("why")), "nothing": Job(),
        "on the way": Job(output({"epoch": 2, "epochs": 3}, final=False, success=False)),
    }  # fmt: skip
    for name, job in jobs.items():
        server.sent.clear()
        told = said(lambda job=job: run_async(server._execute_tool_with_progress(job, "token")))
        hold(snapshots, name, [told, *server.sent], 40)


def test_what_a_tool_is_given_as_a_file(snapshots, server, uploaded, monkeypatch):
    file = uploaded(b"x", "a b.csv")
    gradios = "convert_strings_to_filedata"
    monkeypatch.setattr(mcp.GradioMCPServer, gradios, lambda self, value, places: value)
    monkeypatch.setattr(mcp, "handle_file", lambda path: f"handle of {path}")
    here = f"http://x/gradio_api/file={file.replace(' ', '%20')}"
    asked = [
        here, {"url": here}, {"path": here}, {"url": here, "path": "/x"},
        {"path": here, "url": ""}, {"path": file}, {"url": file}, {"path": "/etc/passwd"},
        "http://x/gradio_api/file=/etc/passwd", "http://x/other.csv", "words", 3, None, {},
    ]  # fmt: skip
    for value in asked:

        def convert(value: Any = value) -> Any:
            given = {"file": value, "cut": 0.5}
            return server.convert_strings_to_filedata(given, [["file"]])

        folder = file.rpartition("/")[0]
        hold(snapshots, str(value).replace(folder, "HERE"), str(said(convert)).replace(
            folder, "HERE"))  # fmt: skip
    told = {name: {"parameters": [{"parameter_name": key, "parameter_has_default": key != "file"}
                                  for key in keys]}
            for name, keys in {"/s": ["config"], "/t": ["cut", "file"]}.items()}  # fmt: skip
    server.api_info = {"named_endpoints": told}
    server.tool_to_endpoint = {"sweep": "/s", "table": "/t"}
    for tool in ("sweep", "table", "n" * 70):
        hold(snapshots, tool, said(lambda tool=tool: server._parameters(tool)), 40)
    shown = {"text": "é", "plain": 3, "list": [1], "handle": {"path": "a", "meta": {}}}
    monkeypatch.setattr(mcp.GradioMCPServer, "postprocess_output_data", lambda s, data, root: data)
    hold(snapshots, "answers", server.postprocess_output_data([shown, *shown.values()], "root"))


def test_only_so_many_tools_at_once(snapshots, monkeypatch):
    registered: list[Any] = []
    plain = mcp.GradioMCPServer.Server
    monkeypatch.setattr(plain, "call_tool", lambda self, validate_input: (
        registered.append(validate_input) or registered.append))  # fmt: skip
    made: Any = mcp._Server.__new__(mcp._Server)
    made.parameters_of = lambda name: {"a": True}
    seen: list[Any] = []

    async def call(name: str, arguments: dict[str, Any]) -> Any:
        seen.append([name, arguments, made._under_way])
        if arguments["a"] == "deeper":
            return await registered[-1](name, {"a": 3})
        if isinstance(arguments["a"], str):
            raise ValueError(arguments["a"])
        if isinstance(arguments["a"], Exception):
            raise arguments["a"]
        return SimpleNamespace(content=[], structuredContent=None)

    made.call_tool()(call)
    wrong = f"Invalid file data format, provide a url: {'x' * 70}"
    monkeypatch.setattr(mcp, "_MOST_TOOLS", 2)
    for value in (3, "deeper", "why", wrong):
        told = said(lambda value=value: run_async(registered[-1]("t", {"a": value})))
        hold(snapshots, str(value), [told if isinstance(told, str) else "answered", list(seen)])
        seen.clear()
    for wordless in (TimeoutError(), ValueError(), RuntimeError("one")):
        with pytest.raises((ValueError, RuntimeError)) as failed:
            run_async(registered[-1]("t", {"a": wordless}))
        hold(snapshots, repr(wordless), f"{failed.type.__name__}: {failed.value}")
    for busy in (1, 2, 3):
        made._under_way = busy
        told = said(lambda: run_async(registered[-1]("t", {"a": 3})))
        hold(snapshots, f"{busy} under way", [str(told).partition("(")[0], made._under_way])
    assert registered[0] is False


PAGE = (
    b'<html><head><base href="./" /><title>x</title>'
    b'<script type="module" crossorigin src="./assets/index-aB_1-x.js"></script>'
    b'<script>window.gradio_config = {"a": "it\'s \\\\ \\"b\\"", "theme_hash": "f00d"};</script>'
    b'<script>window.gradio_api_info = {"c": [1]};</script><script>window.other = {};</script>'
    b"</head><body><p>before</p><gradio-app>x</gradio-app></body></html>"
)  # fmt: skip


def test_what_is_made_of_gradios_page(snapshots, monkeypatch):
    name = page.chunks()[0]
    monkeypatch.setattr(page, "chunks", lambda: [name, "none.js"])
    page.chunk_links.cache_clear()
    pages = {
        "usual": PAGE, "no base": PAGE.replace(b"<base ", b"<bas "),
        "no head": PAGE.replace(b"</head>", b""), "no element": PAGE.replace(b"gradio-app", b"app"),
        "no theme": PAGE.replace(b"theme_hash", b"theme"),
        "theme below": PAGE.replace(b"f00d\"};</script>", b"f00d\"  };</script>", 1),
    }  # fmt: skip
    for kind, text in pages.items():
        made = page.complete_page(text, "<links>", "<shell>").decode().replace(name, "NAME")
        snapshots.hold(kind, made.replace(">", ">\n").splitlines(), alone=True)
    page.chunk_links.cache_clear()


def test_what_a_tool_is_told_of_its_parameters(server, monkeypatch):
    asked: list[Any] = []
    file = {"type": "object", "required": ["path"], "description": "A file."}
    cut = {"type": "number", "required": ["x"], "additional_description": "More."}

    def schema(self: Any, *given: Any) -> Any:
        asked.append(given)
        return {"properties": {"file": dict(file), "cut": dict(cut)}}, [["file"], ["cut", 0]]

    monkeypatch.setattr(mcp.GradioMCPServer, "get_input_schema", schema)
    told, files = server.get_input_schema("table", {"a": "b"})
    example = "https://user-app.hf.space/gradio_api/file=/tmp/patients.csv"
    assert told["properties"] == {
        "file": {"type": "object", "description": "A file.", "examples": [example]},
        "cut": {"type": "number", "required": ["x"]},
    }
    assert (asked, files) == ([("table", None)], [["file"], ["cut", 0]])
