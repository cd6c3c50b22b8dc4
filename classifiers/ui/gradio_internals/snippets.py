"""The snippets of the API page, mended so that each runs as it stands.

Gradio's for bash reads the number of the call where bash forgets it, and names no file; its
JavaScript uploads no file of an endpoint without components; its command line sends examples of
options together that exclude each other.
"""

import json
from typing import Any

from gradio_client.utils import is_file_obj_with_meta

_NUMBER = " \\\n  | read EVENT_ID; curl"  # in bash, the right end of a pipe has its own variables


def complete_info(document: bytes) -> bytes:
    """Gradio's answer about the endpoints, with snippets that run beside an example's file."""
    told = json.loads(document)
    for about in told["named_endpoints"].values():
        snippets, files = about["code_snippets"], []
        for parameter in about["parameters"]:
            if is_file_obj_with_meta(parameter["example_input"]):
                files.append(parameter["example_input"])
        call, _, rest = snippets["bash"].rpartition(_NUMBER)
        before, _, sent = call.rpartition("curl -X POST")
        snippets["bash"] = f"{before}EVENT_ID=$(curl -X POST{sent})\ncurl{rest}"
        for file in files:
            _send_file(snippets, file)
        if files:
            snippets["cli"] = _only_required(snippets["cli"], about["parameters"])
    return json.dumps(told, ensure_ascii=False).encode()


def _send_file(snippets: dict[str, str], file: dict[str, Any]) -> None:
    name = file["path"]
    snippets["bash"] = snippets["bash"].replace("files=@/path/to/your/file", f"files=@{name}", 1)
    snippets["javascript"] = (
        snippets["javascript"]
        .replace("{ Client }", "{ Client, handle_file }", 1)
        .replace(json.dumps(file), f'handle_file("{name}")', 1)
    )


def _only_required(command: str, parameters: list[dict[str, Any]]) -> str:
    """`gradio predict SPACE ENDPOINT JSON` with what has no default."""
    start, _, _ = command.partition(" '{")
    values = {
        p["parameter_name"]: {key: p["example_input"][key] for key in ("path", "meta")}
        for p in parameters
        if not p["parameter_has_default"]
    }
    return f"{start} '{json.dumps(values, indent=2)}'\n"
