"""Where the app is served: read from the environment, and tried, before anything heavy starts."""

import contextlib
import errno
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from classifiers.errors import ConfigError

PORT = 7860


@dataclass(frozen=True)
class Address:
    """A host and a port to listen on."""

    host: str
    port: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Address":
        """GRADIO_SERVER_NAME, or all addresses on a Space and this machine's own elsewhere.

        Raises:
            ConfigError: GRADIO_SERVER_PORT is no port.
        """
        space = environment.get("SYSTEM") == "spaces" or bool(environment.get("SPACE_ID"))
        host = environment.get("GRADIO_SERVER_NAME") or ("0.0.0.0" if space else "127.0.0.1")
        text = environment.get("GRADIO_SERVER_PORT") or str(PORT)
        port = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        if not 1 <= port <= 65_535:
            raise ConfigError(
                "GRADIO_SERVER_PORT",
                f"must be a port from 1 to 65535, got {text[:40]!r}; leave it out for {PORT}",
            )
        return cls(host, port)

    def check_free(self) -> None:
        """Raises ConfigError if nobody can listen there."""
        try:
            found = socket.getaddrinfo(self.host.strip("[]"), self.port, type=socket.SOCK_STREAM)
            family, _, _, _, where = found[0]
            with contextlib.closing(socket.socket(family)) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(where)
                probe.listen()
        except (OSError, UnicodeError) as error:
            raise self._refuse(error) from None

    def _refuse(self, error: Exception) -> ConfigError:
        number = getattr(error, "errno", None)
        if number == errno.EADDRINUSE:
            return ConfigError(
                "GRADIO_SERVER_PORT",
                f"must be free, and something listens on {self.host}:{self.port} already; stop it "
                "or set another port",
            )
        if number == errno.EACCES:
            return ConfigError(
                "GRADIO_SERVER_PORT",
                f"must be a port that this user may listen on, got {self.port}; take one above "
                "1023",
            )
        return ConfigError(
            "GRADIO_SERVER_NAME",
            f"must be an address of this machine, got {self.host[:80]!r}; leave it out for "
            "127.0.0.1",
        )
