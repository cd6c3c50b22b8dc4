"""Entry point of the Space: python app.py"""

import logging
import os
import signal
import sys
import tempfile
import threading
from typing import Any, NoReturn

# Visitors share few cores. A second thread of numpy's or torch's doubles the work of a report or a
# run and keeps others waiting; both are read at the first import, for threads to come as well.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Otherwise a pandas summary of all requests runs after every event. Read when Blocks are built.
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "100000")
# Otherwise the first event of all, whatever it is, waits while gradio asks matplotlib for a screen
# to draw on: 0.5 s, for 140 modules that nobody uses.
os.environ.setdefault("MPLBACKEND", "agg")

from classifiers.errors import ConfigError
from classifiers.ui.server.address import Address

STARTED = __name__ == "__main__"
demo: Any = None


def leave(*_: Any) -> NoReturn:
    """Ends the app within five seconds, whatever its threads are in.

    The first process of a container has no default for SIGTERM, gradio waits at Ctrl-C for whoever
    has a stream open, and at its end Python waits for every training that is under way.
    """
    limit = threading.Timer(4.0, os._exit, [128 + signal.SIGTERM])
    limit.daemon = True
    limit.start()
    server = getattr(demo, "server", None)
    if server is not None:
        logging.disable()  # a stream that is cut now is no error
        server.config.timeout_graceful_shutdown = 1  # the streams of runs end with the runs
        demo.close(verbose=False)
    os._exit(0)


def prepare() -> Address:
    """Settles what gradio reads when it is imported: a port, and a folder for visitors' files."""
    address = Address.from_environment()
    if STARTED:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, leave)
        address.check_free()  # gradio would take another port, and say so to nobody
    os.environ["GRADIO_SERVER_PORT"] = str(address.port)
    # One of our own: what lies in it is deleted after an hour.
    folder = f"classifiers-{os.getuid()}-{address.port}"
    os.environ.setdefault("GRADIO_TEMP_DIR", os.path.join(tempfile.gettempdir(), folder))
    return address


try:
    address = prepare()

    import spaces  # noqa: F401  ZeroGPU needs it before anything touches CUDA

    from classifiers.ui.models import read_settings

    read_settings()  # before the seconds that the rest of the start takes

    from classifiers.ui.app import build_app, launch_options

    demo = build_app()
    if STARTED:
        try:
            demo.launch(**launch_options())
        except OSError:
            address.check_free()  # somebody may have taken the port meanwhile
            raise
        leave()
except ConfigError as error:  # an environment variable, which only a person can set right
    print(f"error: {error}", file=sys.stderr)
    sys.exit(2)
