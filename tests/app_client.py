"""One client of a served app, in one session as a page or gradio_client is: a new one is costly."""

import http.client
import json
import uuid
from typing import Any
from urllib.parse import urlsplit


class Caller:
    """Calls endpoints by name over one connection."""

    def __init__(self, url: str) -> None:
        self._session = uuid.uuid4().hex
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)

    def __call__(self, name: str, *values: object) -> dict[str, Any]:
        self._connection.request(
            "POST",
            f"/gradio_api/run/{name}",
            json.dumps({"data": values, "session_hash": self._session}),
            {"Content-Type": "application/json"},
        )
        answer = self._connection.getresponse()
        body = json.loads(answer.read())
        assert answer.status == 200, body
        result: dict[str, Any] = body["data"][0]
        return result
