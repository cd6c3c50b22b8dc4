"""What other tests lean on: forked processes do as fresh ones, pages know nothing of the last."""

import http.server
import os
import signal
import subprocess
import sys
import threading

import pytest

from tests.conftest import forget, watched_page
from tests.processes.warm import warm


def fresh(*words: str, **how) -> tuple[int, str, str]:
    ran = subprocess.run([sys.executable, *words], capture_output=True, text=True, **how)
    return ran.returncode, ran.stdout, ran.stderr.splitlines()[-1:]


def forked(*words: str, **how) -> tuple[int, str, str]:
    ran = warm().run(*words, **how)
    return ran.returncode, ran.stdout, ran.stderr.splitlines()[-1:]


@pytest.mark.parametrize(
    "words",
    [
        ("-c", "import sys, os; print(__name__, sys.argv, os.getcwd(), sys.stdin.read())", "x"),
        ("-c", "import other; print(other.__name__)"),
        ("-c", "import sys; sys.exit('a sentence')"),
        ("-c", "print('said'); 1 / 0"),
        ("-c", "import os; os._exit(7)"),
        ("-c", "import os; os.kill(os.getpid(), 9)"),
        ("-c", "import os, elsewhere; print(sorted(set(os.environ) - {'LC_CTYPE'}))"),
        ("-c", "import signal; print([signal.getsignal(n) for n in (2, 15, 17)])"),
        ("own.py", "x"),
        ("-m", "own", "x"),
    ],
)  # fmt: skip
def test_a_forked_process_does_as_a_fresh_one(words, tmp_path):
    """Folder, arguments, path, environment, signals, what it says and how it ends."""
    place = tmp_path / "place"
    for folder, name in ((tmp_path, "other"), (place, "elsewhere")):
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.py").write_text("")
    (tmp_path / "own.py").write_text("import sys, other; print(__name__, sys.argv[1:])")
    how = {"cwd": tmp_path, "env": {"PYTHONPATH": str(place)}}
    assert forked(*words, **how) == fresh(*words, stdin=subprocess.DEVNULL, **how)


def test_a_forked_process_hears_signals(tmp_path):
    process = warm().start("-c", "import time; time.sleep(99)", cwd=tmp_path, out=tmp_path / "out")
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.05)
    process.terminate()
    assert process.wait(10) == -signal.SIGTERM
    process.kill()  # what has ended hears nothing, and nobody else with its number
    assert not os.path.exists(f"/proc/{process.pid}")


@pytest.fixture
def site():
    """A page with a script that a browser may keep, and what was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            is_page = self.path == "/"
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if is_page else "text/javascript")
            if not is_page:
                self.send_header("Cache-Control", "max-age=9999")
            self.send_header("Set-Cookie", "k=v")
            self.end_headers()
            self.wfile.write(b"<script src=/kept.js></script>" if is_page else b"window.y = 1")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", asked
        server.shutdown()


LOOK = """async () => {
  const stored = [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length];
  localStorage.a = sessionStorage.a = 1;
  await new Promise((done) => {
    const open = indexedDB.open('x');
    open.onsuccess = () => { open.result.close(); done(); };
  });
  const motion = matchMedia('(prefers-reduced-motion: reduce)').matches;
  return [stored, motion, innerWidth, document.visibilityState, document.hasFocus()];
}"""


def test_a_page_knows_nothing_of_the_page_before(warm_context, site):
    url, asked = site
    for _ in range(2):
        with watched_page(warm_context) as page:
            page.goto(url)
            assert page.evaluate(LOOK) == [[0, 0, 0], True, 1280, "visible", True]
            assert page.evaluate(LOOK)[0] == [1, 1, 1]
            page.set_viewport_size({"width": 400, "height": 400})
            page.emulate_media(reduced_motion="no-preference")
            assert len(warm_context.cookies()) == 1
            forget(warm_context)
        assert warm_context.cookies() == []
    assert asked.count("/") == 2
    assert asked.count("/kept.js") == 1
