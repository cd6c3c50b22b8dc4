"""One client of a served app, in one session as a page or gradio_client is: a new one is costly."""

import asyncio
import http.client
import json
import urllib.request
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from classifiers.turns import Expect


class Caller:
    """Calls endpoints by name over one connection."""

    def __init__(self, url: str) -> None:
        self._session = uuid.uuid4().hex
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)

    def __call__(self, name: str, *values: object) -> dict[str, Any]:
        status, answer = self.ask(name, json.dumps({"data": values}))
        assert status == 200, answer
        result: dict[str, Any] = answer["data"][0]
        return result

    def ask(self, name: str, body: str) -> tuple[int, dict[str, Any]]:
        """What a raw body is answered: 200 and {"data"}, or another status and {"error"}."""
        session = f', "session_hash": "{self._session}"}}' if body.endswith("}") else None
        path = f"/gradio_api/call/{name}"
        sent = body[:-1] + session if session else body
        status, answer = self._send("POST", path, sent.encode())
        if status != 200:
            return status, json.loads(answer)
        _, stream = self._send("GET", f"{path}/{json.loads(answer)['event_id']}", b"")
        event, _, data = stream.decode().strip().rpartition("event: ")[2].partition("\n")
        value = json.loads(data.removeprefix("data: "))
        return (200, {"data": value}) if event == "complete" else (500, value)

    def event(self, index: int, data: list[Any]) -> str:
        """What the stream says of an event of the page, by its number."""
        body = {"data": data, "fn_index": index, "session_hash": self._session}
        status, answer = self._send("POST", "/gradio_api/queue/join", json.dumps(body).encode())
        assert status == 200, answer
        path = f"/gradio_api/queue/data?session_hash={self._session}"
        return self._send("GET", path, b"")[1].decode()

    def _send(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        self._connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        return answer.status, answer.read()


def upload(url: str) -> dict[str, Any]:
    """The handle of a table of two patients."""
    text = "age,sex,cp,thal\n61,male,4,reversible defect\n42,female,3,\n"
    body = (
        '--x\r\nContent-Disposition: form-data; name="files"; filename="p.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{text}\r\n--x--\r\n"
    )
    request = urllib.request.Request(
        f"{url}/gradio_api/upload",
        body.encode(),
        {"Content-Type": "multipart/form-data; boundary=x"},
    )
    with urllib.request.urlopen(request) as answer:
        return {"path": json.load(answer)[0], "meta": {"_type": "gradio.FileData"}}


def run_async(work: Coroutine[Any, Any, Any]) -> Any:
    """`asyncio.run` in a thread: a browser test may have left its own event loop running here."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def told(run: Iterator[Any]) -> Iterator[Any]:
    """The news of a run that one thread pulls, without what only the turns look at."""
    return (news for news in run if news is not None and not isinstance(news, Expect))
