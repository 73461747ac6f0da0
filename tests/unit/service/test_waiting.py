"""While the service starts, somebody answers, and says that nothing is known yet."""

from __future__ import annotations

import gc
import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from tocsin.service.waiting import Waiting
from tocsin.words.english import COMPILING


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.setblocking(False)
        yield made


def get(listener: socket.socket, path: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=10)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()


def test_what_is_being_done_is_said_and_is_no_all_clear(listener: socket.socket) -> None:
    waiting = Waiting(listener)
    try:
        waiting.say("Kernels are compiled: 12 of <b>")
        status, page = get(listener, "/")
        assert status == 503
        assert "12 of &lt;b&gt;" in page
        assert "not an all clear" in page
        status, told = get(listener, "/readyz")
        assert status == 503
        assert "12 of" in json.loads(told)["troubles"][0]
        assert get(listener, "/v1/zones")[0] == 503
        assert get(listener, "/healthz")[0] == 200
    finally:
        waiting.stop()


def test_who_says_nothing_keeps_nobody_else_waiting(listener: socket.socket) -> None:
    waiting = Waiting(listener)
    silent = [socket.create_connection(listener.getsockname()) for _ in range(50)]
    try:
        assert get(listener, "/healthz")[0] == 200
    finally:
        for one in silent:
            one.close()
        waiting.stop()


def test_once_stopped_it_leaves_the_socket_to_the_service(listener: socket.socket) -> None:
    waiting = Waiting(listener)
    waiting.stop()
    waiting.stop()
    with socket.create_connection(listener.getsockname()) as caller:
        listener.setblocking(True)
        served, _ = listener.accept()
        with served:
            served.sendall(b"hello")
            assert caller.recv(5) == b"hello"


def test_who_is_connected_when_it_stops_is_let_go_and_nothing_is_left_behind(
    listener: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    waiting = Waiting(listener)
    with socket.create_connection(listener.getsockname()) as silent:
        assert get(listener, "/healthz")[0] == 200
        waiting.stop()
        gc.collect()
        assert silent.recv(1) == b""
    assert not caplog.records


def test_it_says_so_in_the_readers_language(listener: socket.socket) -> None:
    waiting = Waiting(listener)
    try:
        waiting.say(COMPILING, count="12", all="60")
        for accepted, shown in (("ar-SY, en;q=0.5", ('dir="rtl"', "12 من نحو 60")), ("uk", ("Це не відбій", "12"))):
            with closing(http.client.HTTPConnection("127.0.0.1", listener.getsockname()[1], timeout=10)) as connection:
                connection.request("GET", "/", headers={"Accept-Language": accepted})
                page = connection.getresponse().read().decode()
            assert [part for part in shown if part.lower() not in page.lower()] == []
    finally:
        waiting.stop()
