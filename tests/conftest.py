"""The app served for real, in a process of its own, and a browser to look at it."""

import contextlib
import gc
import importlib
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

from tests.processes.warm import Process, parent, warm
from tests.snapshots import Snapshots
from tests.snapshots.page import PageSnapshots
from tests.tools.hub_server import Hub

# Whoever only hands out the tests needs none of it, and it takes two seconds.
if TYPE_CHECKING:
    from classifiers.recipes.heart.model import HeartModel
    from tests.tools.hub_client import Scripts

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
SCREENSHOTS = ROOT / "screenshots"
DESK = {"width": 1280, "height": 900}

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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--screenshots", action="store_true", help=f"save pages in {SCREENSHOTS.name}/"
    )
    parser.addoption("--update-snapshots", action="store_true", help="keep what snapshots find now")


def pytest_configure(config: pytest.Config) -> None:
    """Whoever only hands out the tests begins what the others fork their processes from."""
    if config.getoption("numprocesses", None):
        begun = contextlib.ExitStack()
        begun.enter_context(parent())
        config.add_cleanup(begun.close)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Of two processes the second reads the tests from the end: in a fresh clone, where their
    assertions are compiled for half a minute, each does it for half of them.
    """
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
        for path in sorted((ROOT / "tests").rglob("test_*.py"), reverse=True):
            with contextlib.suppress(Exception, pytest.skip.Exception):  # told when it is collected
                importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def pytest_collection_finish() -> None:
    """What is imported and collected stays: to look through it took 0.3 s each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def cores() -> None:
    """As the app and the scripts do."""
    from classifiers.compute.parallel import share_cores

    share_cores()


@pytest.fixture(scope="session")
def heart_data() -> Path:
    """The folder of real data files; tests that need it skip where it is absent."""
    if not (DATA / "uci").is_dir():
        pytest.skip(f"{DATA} is absent: the real patients cannot be read")
    return DATA


@pytest.fixture(scope="session")
def model() -> "HeartModel":
    """The shipped one, with all that was worked out of it before."""
    from classifiers.recipes.heart.model import HeartModel

    return HeartModel.load(ROOT / "weights" / "heart")


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
        self,
        folder: Path,
        root: Path = ROOT,
        python: str = "",
        words: tuple[str, ...] = ("app.py",),
        **environment: str,
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
                    [python, *words], cwd=root, env=settings, stdout=log, stderr=log
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
    running = Server(tmp_path_factory.mktemp("server"))
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
def scripts(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Scripts"]:
    """push_weights and deploy_space, run against the hub."""
    from tests.tools.hub_client import Scripts

    running = Scripts(hub, tmp_path_factory.mktemp("home"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
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
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")
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


def forget(context) -> None:
    """Closes its pages with all that they stored; fetched and compiled scripts stay."""
    origins = {urlsplit(frame.url)[:2] for page in context.pages for frame in page.frames}
    blank = context.new_page()
    tools = context.new_cdp_session(blank)
    for page in context.pages:
        if page is not blank:
            page.close()
    for scheme, place in origins:
        if place:
            origin = {"origin": f"{scheme}://{place}", "storageTypes": "all"}
            tools.send("Storage.clearDataForOrigin", origin)
    blank.close()


@pytest.fixture(scope="session")
def warm_context(browser) -> Iterator[object]:
    """A context whose scripts are fetched and compiled already: a third of what a page costs."""
    with new_context(browser) as context:
        yield context


@contextlib.contextmanager
def passing_page(context) -> Iterator[object]:
    """A page that leaves nothing in its context but fetched and compiled scripts."""
    try:
        with watched_page(context) as opened:
            yield opened
    finally:
        forget(context)


@pytest.fixture
def page(warm_context) -> Iterator[object]:
    """A visitor's first page."""
    with passing_page(warm_context) as opened:
        yield opened


@pytest.fixture(scope="session")
def context_of_files(browser) -> Iterator[object]:
    """Another, since what a test leaves is forgotten while the page of its file stays."""
    with new_context(browser) as context:
        yield context


@pytest.fixture(scope="module")
def shared_page(context_of_files) -> Iterator[object]:
    """One for the tests of a file that leave it as it was: to open a page takes seconds."""
    with passing_page(context_of_files) as opened:
        yield opened


@contextlib.contextmanager
def in_window(page, width: int, height: int, theme: str = "light") -> Iterator[None]:
    """An open page as wide as a phone, say, or in the dark.

    Only for one whose address names no theme: it follows the system's.
    """
    before = page.viewport_size
    _show(page, {"width": width, "height": height}, theme)
    try:
        yield
    finally:
        _show(page, before, "light")


def _show(page, size: dict[str, int], theme: str) -> None:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=theme)
    page.wait_for_function(
        "(dark) => document.body.classList.contains('dark') === dark", arg=theme == "dark"
    )


FORGET = """async () => {
  localStorage.clear();
  sessionStorage.clear();
  for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
}"""


def forgotten(page, app_url: str):
    """The same page for another visitor: it has stored nothing, and looks as at first."""
    page.goto(f"{app_url}/robots.txt")  # any small answer of the app's own
    page.evaluate(FORGET)
    page.set_viewport_size(DESK)
    page.emulate_media(reduced_motion="reduce")
    return page


@pytest.fixture
def fresh(shared_page, app_url) -> Iterator[object]:
    """The page of a file as a first visitor's: one that goes elsewhere costs less than a new one.

    For tests that leave no listener, route or script of their own behind.
    """
    yield forgotten(shared_page, app_url)
    told = [shared_page.errors.pop() for _ in list(shared_page.errors)]
    assert told == []


@pytest.fixture
def page_snapshots(request, fresh):
    """Begins looks at a visitor's first page: `page_snapshots(name, selector, ...)`."""
    fresh.context.clear_permissions()  # what other tests were allowed
    with contextlib.ExitStack() as begun:

        def begin(name: str, *selectors: str) -> PageSnapshots:
            update = request.config.getoption("--update-snapshots")
            looks = PageSnapshots(fresh, name, *selectors, update=update)
            begun.callback(looks.close)
            return looks

        yield begin


@pytest.fixture
def snapshots(request) -> Iterator[Snapshots]:
    """What this test holds; the file is called as the test is, without its "test"."""
    name = re.sub(r"[\W_]+", "-", request.node.name.removeprefix("test_")).strip("-")
    looks = Snapshots(name, update=request.config.getoption("--update-snapshots"))
    yield looks
    looks.close()


@pytest.fixture
def screenshot(request):
    """Saves what a page looks like, for people, who ask with --screenshots."""

    def save(page, name: str) -> None:
        if not request.config.getoption("--screenshots"):
            return
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return save
