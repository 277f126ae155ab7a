"""A mail server on this machine that takes every message and keeps none."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def take_mail() -> Iterator[int]:
    """Give the port of a server that runs until the end of the block."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Sink

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
