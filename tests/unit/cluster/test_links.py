"""A line that is cut brings nothing and loses nothing; mended, it brings what waited."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from tocsin.cluster.links import Line, Links

pytestmark = pytest.mark.server


def echo(listener: socket.socket) -> None:
    """Say again what everybody says, until the listener is closed."""
    while True:
        try:
            taken, _ = listener.accept()
        except OSError:
            return
        with taken:
            while part := taken.recv(100):
                taken.sendall(part)


@pytest.fixture
def line() -> Iterator[tuple[Links, Line]]:
    listener = socket.create_server(("127.0.0.1", 0))
    echoing = threading.Thread(target=echo, args=(listener,))
    echoing.start()
    with Links() as links:
        yield links, links.line(listener.getsockname()[1])
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    echoing.join()


def said(connection: socket.socket, what: bytes) -> bytes:
    """What comes back; nothing, where nothing comes for a while."""
    connection.sendall(what)
    with contextlib.suppress(TimeoutError):
        return connection.recv(100)
    return b""


def test_a_line_that_is_cut_brings_what_waited_once_it_is_mended(line: tuple[Links, Line]) -> None:
    links, one = line
    with socket.create_connection(("127.0.0.1", one.port), timeout=20) as connection:
        assert said(connection, b"one") == b"one"
        links.cut(one)
        connection.settimeout(0.3)
        assert said(connection, b"two") == b""
        links.mend(one)
        connection.settimeout(20)
        assert connection.recv(100) == b"two"


def test_who_comes_while_the_line_is_cut_is_served_when_it_is_mended(line: tuple[Links, Line]) -> None:
    links, one = line
    links.cut(one)
    with socket.create_connection(("127.0.0.1", one.port), timeout=0.3) as connection:
        assert said(connection, b"one") == b""
        links.mend(one)
        connection.settimeout(20)
        assert connection.recv(100) == b"one"
