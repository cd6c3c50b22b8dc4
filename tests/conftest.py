"""The app served for real, in a process of its own, and a browser to look at it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

from classifiers.compute.parallel import share_cores
from tests.processes.warm import Process, warm
from tests.tools.hub_client import Scripts
from tests.tools.hub_server import Hub

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
SCREENSHOTS = ROOT / "screenshots"
# All but what was fetched.
STORED = "cookies,file_systems,indexeddb,local_storage,service_workers,cache_storage"

share_cores()
# No test fails for its time: the machine may be busy.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


# Begun first: whoever begins one of these last works on alone while the other process idles.
LONG = (
    "tests/ui/test_following.py", "tests/ui/test_rehearsal.py", "tests/browser/", "tests/package/",
    "tests/recipes/sweep/test_dask.py", "tests/recipes/sweep/test_command_line.py",
    "tests/service/", "tests/training/test_products.py", "tests/hub/", "tests/test_readme.py",
    "tests/heart/test_heart_training.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(scope="session")
def heart_data() -> Path:
    """The folder of real data files; tests that need it skip where it is absent."""
    if not (DATA / "uci").is_dir():
        pytest.skip(f"{DATA} is absent: the real patients cannot be read")
    return DATA


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`python app.py` on a free port of loopback.

    With `python`, as anyone would start it; without, forked from a process that has imported what
    takes seconds to import: for tests of what the app does under settings of their own.
    """

    def __init__(
        self, folder: Path, root: Path = ROOT, python: str = "", **environment: str
    ) -> None:
        self.url = ""
        self.log = folder / f"server-{free_port()}.log"
        port = free_port()
        settings = {
            **os.environ,
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_SERVER_NAME": "127.0.0.1",
            "GRADIO_TEMP_DIR": str(folder / "gradio"),
            "HF_HUB_OFFLINE": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            **environment,
        }
        self.process: subprocess.Popen | Process
        if python:
            with self.log.open("w") as log:
                self.process = subprocess.Popen(
                    [python, "app.py"], cwd=root, env=settings, stdout=log, stderr=log
                )
        else:
            self.process = warm().start("app.py", cwd=root, out=self.log, env=settings)
        self._wait(f"http://127.0.0.1:{port}", time.monotonic() + 120)

    def _wait(self, url: str, deadline: float) -> None:
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(url, timeout=2):
                    self.url = url
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"the app did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server"), python=sys.executable)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def app_url(server: Server) -> str:
    return server.url


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    running = Hub()
    yield running
    running.close()


@pytest.fixture(scope="module")
def scripts(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripts]:
    """push_weights and deploy_space, run against the hub."""
    running = Scripts(hub, tmp_path_factory.mktemp("home"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed: the page cannot be opened")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as tools:
        running = tools.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@contextlib.contextmanager
def new_context(browser) -> Iterator[object]:
    """That of somebody who wants little motion: films jump to their end."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context
    context.close()


@contextlib.contextmanager
def watched_page(context) -> Iterator[object]:
    """A page that raises no error."""
    opened = context.new_page()
    opened.errors = []
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    yield opened
    assert opened.errors == []


@contextlib.contextmanager
def new_page(browser) -> Iterator[object]:
    """A page that has its browser's cache for itself."""
    with new_context(browser) as context, watched_page(context) as opened:
        yield opened


class WarmContext:
    """Opens pages whose scripts are fetched and compiled already, in a window that is open already.

    That is half of what a page costs.
    """

    def __init__(self, context) -> None:
        self.context = context
        self._blank = context.new_page()
        self._tools = context.new_cdp_session(self._blank)

    @contextlib.contextmanager
    def visit(self) -> Iterator[object]:
        """A visitor's first page; afterwards all pages are closed with what they stored."""
        try:
            with watched_page(self.context) as opened:
                yield opened
        finally:
            self._forget()

    def _forget(self) -> None:
        pages = [page for page in self.context.pages if page is not self._blank]
        places = {urlsplit(frame.url)[:2] for page in pages for frame in page.frames}
        for page in pages:
            page.close()
        for scheme, place in places:
            if place:
                origin = {"origin": f"{scheme}://{place}", "storageTypes": STORED}
                self._tools.send("Storage.clearDataForOrigin", origin)


@pytest.fixture(scope="session")
def context_of_tests(browser) -> Iterator[WarmContext]:
    with new_context(browser) as context:
        yield WarmContext(context)


@pytest.fixture(scope="session")
def context_of_files(browser) -> Iterator[WarmContext]:
    """Another, since what a test leaves is forgotten while the page of its file stays."""
    with new_context(browser) as context:
        yield WarmContext(context)


@pytest.fixture
def page(context_of_tests) -> Iterator[object]:
    with context_of_tests.visit() as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_page(context_of_files) -> Iterator[object]:
    """One for the tests of a file that leave it as it was: to open a page takes seconds."""
    with context_of_files.visit() as opened:
        yield opened


@pytest.fixture
def screenshot():
    """Saves what a page looks like, for people."""

    def save(page, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return save
