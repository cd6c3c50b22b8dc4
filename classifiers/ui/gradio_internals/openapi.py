"""The OpenAPI document, with what Gradio leaves out of it: examples, defaults, what is required."""

import json
from typing import Any

_CALL = "/gradio_api/call/v2"


def complete_openapi(document: bytes, blocks: Any, version: str) -> bytes:
    """Gradio's document with every parameter as it was told.

    It becomes one of OpenAPI 3.1, which JSON Schema's null and const are part of.
    """
    told = json.loads(document)
    told["openapi"] = "3.1.0"
    told["info"]["version"] = version
    for endpoint, info in blocks.get_api_info()["named_endpoints"].items():
        operation = told["paths"].get(_CALL + endpoint, {}).get("post")
        if operation is None:
            continue
        parameters = info["parameters"]
        content = operation["requestBody"]["content"]["application/json"]
        content["schema"] = {
            "type": "object",
            "properties": {p["parameter_name"]: _plain(p["type"]) for p in parameters},
            "required": [p["parameter_name"] for p in parameters if not p["parameter_has_default"]],
            "additionalProperties": False,
        }
        content["examples"] = {
            "example1": {"value": {p["parameter_name"]: p["example_input"] for p in parameters}}
        }
    return json.dumps(told, ensure_ascii=False).encode()


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "additional_description"}
