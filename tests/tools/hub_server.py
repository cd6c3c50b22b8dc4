"""A Hub on loopback: the part of the protocol that our scripts and the app use, and its faults.

Real HTTP for the real client. A fault is put on a route and spent after `times` requests:

    hub.fail("commit", status=503, times=2)      answers 503 twice
    hub.fail("commit", status=504, lands=True)   does it, then loses the reply
    hub.fail("resolve", stall=True, times=99)    never answers

LFS files redirect to "localhost", another host, as the real Hub's do: no token may follow there.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_loopbackTokenThatMustNeverBePrinted"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def git_sha1(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@dataclass
class Fault:
    """What goes wrong with a request; status 0 cuts the connection."""

    status: int = 0
    message: str = "a fault"
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1
    lands: bool = False
    stall: bool = False
    change: Callable[[bytes], bytes] | None = None  # of a download's bytes, headers as they were
    before: Callable[[], object] | None = None  # what somebody else does first


@dataclass
class Repo:
    """Commits are whole trees: path to bytes."""

    kind: str
    name: str
    private: bool = False
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    sdk: str | None = None
    hardware: str | None = None
    stages: list[str] = field(default_factory=lambda: ["RUNNING"])

    def commit(self, tree: dict[str, bytes], ref: str = "main") -> str:
        parent = self.refs.get(ref) or self.refs.get("main", "")
        seed = f"{self.name}{parent}{len(self.commits)}{sorted(tree)}"
        oid = hashlib.sha1(seed.encode()).hexdigest()
        self.commits[oid], self.parents[oid], self.refs[ref] = dict(tree), parent, oid
        return oid

    def put(self, files: dict[str, bytes]) -> str:
        """Changes files of main."""
        return self.commit({**self.tree(), **files})

    def tree(self, ref: str = "main") -> dict[str, bytes]:
        return self.commits[self.find(ref) or ""]

    def find(self, ref: str) -> str | None:
        if ref in self.commits:
            return ref
        return self.refs.get(ref) or self.tags.get(ref)

    @property
    def head(self) -> str:
        return self.refs["main"]


def is_lfs(path: str) -> bool:
    return path.endswith((".safetensors", ".png", ".woff2"))


class Hub:
    """The server; `requests` is what it was asked, `received` what it was sent."""

    def __init__(self) -> None:
        self.repos: dict[tuple[str, str], Repo] = {}
        self.store: dict[str, bytes] = {}
        self.faults: dict[str, list[Fault]] = {}
        self.requests: list[str] = []
        self.received: list[bytes] = []
        self.leaks: list[str] = []
        self.space_host: str | None = None
        self.read_only = False  # a fine-grained token without the scope to write
        self.lock = threading.RLock()
        self.released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), type("Own", (_Handler,), {"hub": self}))
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def add(self, name: str, tree: dict[str, bytes] | None = None, kind: str = "model") -> Repo:
        """A new repo; like the Hub's, it starts with one commit."""
        repo = self.repos[kind, name] = Repo(kind, name)
        repo.commit({".gitattributes": b"*.safetensors filter=lfs\n", **(tree or {})})
        return repo

    def fail(self, route: str, **what: Any) -> None:
        self.faults.setdefault(route, []).append(Fault(**what))

    def heal(self) -> None:
        """No more faults; what is stalled is let go."""
        self.faults.clear()
        self.read_only = False
        self.released.set()
        self.released = threading.Event()

    def count(self, start: str) -> int:
        return sum(request.startswith(start) for request in self.requests)

    def next_fault(self, route: str) -> Fault | None:
        with self.lock:
            waiting = self.faults.get(route, [])
            if not waiting:
                return None
            waiting[0].times -= 1
            return waiting.pop(0) if waiting[0].times <= 0 else waiting[0]

    def close(self) -> None:
        self.heal()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *args: Any) -> None:
        """Clients that go away are the tests' daily bread."""


class Answer(Exception):
    """Ends a request early."""

    def __init__(self, status: int, code: str = "", message: str = "", **body: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.body = status, code, message, body


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are written apart: 40 ms an answer

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        parts = [unquote(part) for part in url.path.strip("/").split("/")]
        self.query = parse_qs(url.query)
        self.data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.change: Callable[[bytes], bytes] | None = None
        route, act = self._route(parts)
        self.hub.requests += [f"{route} {self.command} {url.path}"] if route != "library" else []
        self.hub.received += [self.data] if self.data else []
        fault = self.hub.next_fault(route)
        try:
            if fault:
                self._go_wrong(fault, act)
            else:
                act()
        except Answer as answer:
            headers = {"X-Error-Code": answer.code, "X-Error-Message": answer.message}
            text = {"error": answer.message, **answer.body}
            self._send(answer.status, text, {k: v for k, v in headers.items() if v})
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _go_wrong(self, fault: Fault, act: Callable[[], None]) -> None:
        if fault.before:
            fault.before()
        if fault.stall:
            self.hub.released.wait(120)
            self.close_connection = True
            return
        if fault.change:
            self.change = fault.change
            act()
            return
        if fault.lands:
            real, self._send = self._send, lambda *a, **k: None  # type: ignore[method-assign]
            act()
            self._send = real  # type: ignore[method-assign]
        if fault.status:
            headers = {"X-Error-Message": fault.message, **fault.headers}
            self._send(fault.status, {"error": fault.message}, headers)
        elif fault.before and not fault.lands:
            act()
        else:
            self.connection.close()
            self.close_connection = True

    def _send(self, status: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for key, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(key, value)
        if self.change:
            self.send_header("Connection", "close")  # or the client may ask again on a dead one
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.change(data) if self.change else data)

    do_HEAD = do_POST = do_PUT = do_GET

    def _route(self, parts: list[str]) -> tuple[str, Callable[[], None]]:
        if parts[0] == "cdn":
            return "cdn", lambda: self._cdn(parts[1])
        if parts[0] == "lfs":
            return "lfs_put", lambda: self._lfs_put(parts[1])
        if parts[-1] == "batch":
            return "lfs_batch", self._lfs_batch
        if parts[-1] == "verify":
            return "lfs_verify", lambda: self._send(200, {})
        if parts[:2] == ["api", "validate-yaml"]:
            return "yaml", lambda: self._send(200, {"errors": [], "warnings": []})
        if parts[:3] == ["api", "repos", "create"]:
            return "create", self._create
        if parts[0] == "api":
            kind, name, rest = parts[1].rstrip("s"), "/".join(parts[2:4]), parts[4:]
            what = rest[0].replace("secrets", "variables") if rest else "revision"
            # Of two parts is what the library asks for itself, once a day.
            name_of = "library" if len(parts) == 2 else {"revision": "info"}.get(what, what)
            return name_of, lambda: getattr(self, f"_api_{what}")(self._repo(kind, name), *rest[1:])
        kind = "space" if parts[0] == "spaces" else "model"
        parts = parts[1:] if kind == "space" else parts
        name = "/".join(parts[:2])
        route = "head" if self.command == "HEAD" else "resolve"
        return route, lambda: self._resolve(self._repo(kind, name), parts[3], "/".join(parts[4:]))

    def _authorized(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _repo(self, kind: str, name: str) -> Repo:
        repo = self.hub.repos.get((kind, name))
        if repo is None or (repo.private and not self._authorized()):
            raise Answer(404 if self._authorized() else 401, "RepoNotFound", "Repository not found")
        if self.command == "POST":
            self._check_write()
        return repo

    def _check_write(self) -> None:
        if not self._authorized():
            raise Answer(401, message="Invalid username or password.")
        if self.hub.read_only:
            raise Answer(403, message="this token lacks the scope repo.write")

    def _commit_of(self, repo: Repo, ref: str) -> str:
        oid = repo.find(ref)
        if oid is None:
            raise Answer(404, "RevisionNotFound", f"Invalid rev id: {ref}")
        return oid

    def _create(self) -> None:
        self._check_write()
        asked = json.loads(self.data)
        kind, name = asked["type"], f"{asked['organization']}/{asked['name']}"
        url = f"{self.hub.url}/{name}"
        if (kind, name) in self.hub.repos:
            raise Answer(409, message="You already created this repo", url=url)
        repo = self.hub.add(name, kind=kind)
        repo.private, repo.sdk = asked.get("visibility") == "private", asked.get("sdk")
        repo.hardware = asked.get("hardware")
        self._send(200, {"url": url})

    def _api_revision(self, repo: Repo, ref: str = "main") -> None:
        oid = self._commit_of(repo, ref)
        siblings = []
        for path, data in repo.commits[oid].items():
            about: dict[str, Any] = {"rfilename": path}
            if "blobs" in self.query:
                about |= {"size": len(data), "blobId": git_sha1(data)}
                if is_lfs(path):
                    about["lfs"] = {"sha256": sha256(data), "size": len(data), "pointerSize": 134}
            siblings.append(about)
        body = {"id": repo.name, "sha": oid, "siblings": siblings, "private": repo.private}
        self._send(200, {**body, "host": self.hub.space_host} if repo.kind == "space" else body)

    def _api_refs(self, repo: Repo) -> None:
        body: Any = {"branches": [], "converts": [], "tags": [], "pullRequests": []}
        for ref, oid in [*repo.refs.items(), *((f"tags/{n}", c) for n, c in repo.tags.items())]:
            kind = "pullRequests" if "pr/" in ref else "tags" if "tags/" in ref else "branches"
            name = ref.removeprefix("refs/").removeprefix("tags/")
            body[kind].append({"name": name, "ref": ref, "targetCommit": oid})
        self._send(200, body)

    def _api_preupload(self, repo: Repo, ref: str) -> None:
        files = []
        for path in (file["path"] for file in json.loads(self.data)["files"]):
            mode = "lfs" if is_lfs(path) else "regular"
            files.append({"path": path, "uploadMode": mode, "shouldIgnore": False})
        self._send(200, {"files": files})

    def _lfs_batch(self) -> None:
        objects = []
        for wanted in json.loads(self.data)["objects"]:
            entry: dict[str, Any] = {"oid": wanted["oid"], "size": wanted["size"]}
            if wanted["oid"] not in self.hub.store:
                upload = {"href": f"{self.hub.url}/lfs/{wanted['oid']}"}
                verify = {"href": f"{self.hub.url}/x/verify"}
                entry["actions"] = {"upload": upload, "verify": verify}
            objects.append(entry)
        self._send(200, {"transfer": "basic", "objects": objects})

    def _lfs_put(self, oid: str) -> None:
        if sha256(self.data) != oid:
            raise Answer(400, message="hash mismatch")
        self.hub.store[oid] = self.data
        self._send(200, {})

    def _api_commit(self, repo: Repo, ref: str) -> None:
        with self.hub.lock:
            lines = [json.loads(line) for line in self.data.splitlines() if line]
            as_request = "create_pr" in self.query
            head = self._commit_of(repo, ref)
            tree = dict(repo.commits[head])
            for line in lines[1:]:
                value = line["value"]
                if line["key"] == "file":
                    tree[value["path"]] = base64.b64decode(value["content"])
                elif line["key"] == "lfsFile":
                    if value["oid"] not in self.hub.store:
                        raise Answer(400, message=f"LFS object {value['oid']} was not uploaded")
                    tree[value["path"]] = self.hub.store[value["oid"]]
                elif line["key"] == "deletedFile":
                    tree.pop(value["path"])
            oid, request = head, None
            if tree != repo.commits[head] or as_request:  # the Hub ignores a stale parent otherwise
                parent = lines[0]["value"].get("parentCommit")
                if parent and parent != head and not as_request:
                    raise Answer(412, message="A commit has happened since. Please refresh.")
                if as_request:
                    number = sum(name.startswith("refs/pr/") for name in repo.refs) + 1
                    ref, request = f"refs/pr/{number}", f"{repo.name}/discussions/{number}"
                oid = repo.commit(tree, ref)
        base = f"{self.hub.url}/{'spaces/' if repo.kind == 'space' else ''}"
        body = {"commitUrl": f"{base}{repo.name}/commit/{oid}", "commitOid": oid, "success": True}
        self._send(200, {**body, "pullRequestUrl": f"{base}{request}" if request else None})

    def _api_tag(self, repo: Repo, ref: str) -> None:
        tag = json.loads(self.data)["tag"]
        if tag in repo.tags:
            raise Answer(409, message=f"Tag reference exists already: {tag}")
        repo.tags[tag] = self._commit_of(repo, ref)
        self._send(200, {})

    def _api_runtime(self, repo: Repo) -> None:
        stage = repo.stages.pop(0) if len(repo.stages) > 1 else repo.stages[0]
        hardware = {"current": repo.hardware, "requested": repo.hardware}
        self._send(200, {"stage": stage, "hardware": hardware, "sha": repo.head})

    def _api_hardware(self, repo: Repo) -> None:
        repo.hardware = json.loads(self.data)["flavor"]
        self._api_runtime(repo)

    def _api_variables(self, repo: Repo) -> None:
        held = repo.secrets if self.path.endswith("/secrets") else repo.variables
        if self.command == "POST":
            sent = json.loads(self.data)
            held[sent["key"]] = sent["value"]
        self._send(200, {key: {"value": value} for key, value in repo.variables.items()})

    def _resolve(self, repo: Repo, ref: str, path: str) -> None:
        oid = self._commit_of(repo, ref)
        data = repo.commits[oid].get(path)
        headers = {"X-Repo-Commit": oid}
        if data is None:
            code = {"X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found"}
            self._send(404, {"error": "Entry not found"}, {**headers, **code})
        elif is_lfs(path):
            digest = sha256(data)
            self.hub.store.setdefault(digest, data)
            headers |= {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(data))}
            headers |= {"Location": f"http://localhost:{self.hub.port}/cdn/{digest}"}
            self._send(302, b"", {**headers, "ETag": f'"{digest}"'})
        else:
            self._send(200, data, {**headers, "ETag": f'"{git_sha1(data)}"'})

    def _cdn(self, digest: str) -> None:
        if self.headers.get("Authorization"):
            self.hub.leaks.append(self.path)
        self._send(200, self.hub.store[digest])
