"""Files are fetched from listed public hosts only, whatever a mall or a name server says."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from common import outgoing
from common.fetch import FetchRefused, Refusal, fetch, is_listed
from tests.common.file_host import FileHost, hosting, send
from tests.webhooks.test_calls import certificate

HOSTS = ("qlogo.cn", "img.example.com")
PRIVATE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "::7f00:1",
    "64:ff9b:1::a00:1", "fec0::1", "5f00::1", "3fff::1",
]  # fmt: skip


def get(url: str, **options: Any) -> bytes:
    return fetch(url, **{"hosts": HOSTS, "max_bytes": 1_000, "seconds": 5.0, **options})


def refused(url: str, **options: Any) -> Refusal:
    with pytest.raises(FetchRefused) as caught:
        get(url, **options)
    return caught.value.reason


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The name server: what it knows, and under ``asked`` what it was asked."""
    known: dict[str, list[str]] = {"asked": []}

    def look_up(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        known["asked"].append(host)
        if host not in known:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.fixture
def host(settings: Settings) -> Iterator[FileHost]:
    settings.FETCH_ALLOW_LOOPBACK = True
    with hosting() as server:
        yield server


@pytest.mark.parametrize(
    "url",
    [
        "", "/a.jpg", "//qlogo.cn/a", "https:///a", "http://qlogo.cn/a", "ftp://qlogo.cn/a",
        "file:///etc/passwd", "gopher://qlogo.cn/", "data:image/png;base64,AAAA",
        "https://me@qlogo.cn/a", "https://me:you@qlogo.cn/a", "https://@qlogo.cn/a",
        "https://qlogo.cn:8443/a", "https://qlogo.cn:0/a", "https://qlogo.cn:x/a",
        "https://qlogo.cn:99999/a", "https://qlogo.cn/a#b", "https://qlogo.cn/a b",
        "https://qlogo.cn/a\r\nHost: x", "https://qlogo.cn/\ta", "https://evil.com\\@qlogo.cn/",
        "https://qlogo.cn/图", "https://ｑlogo.cn/", "https://[::1/a",
        "https://qlogo.cn/" + "a" * 2_000,
    ],
)  # fmt: skip
def test_what_is_no_plain_https_address_is_not_even_looked_up(
    names: dict[str, list[str]], url: str
) -> None:
    assert refused(url) == "address"
    assert names["asked"] == []


@pytest.mark.parametrize(
    "listed",
    [
        "qlogo.cn.evil.com", "evilqlogo.cn", "evil-qlogo.cn", "cn", "logo.cn", "example.com",
        "127.0.0.1", "localhost", "2130706433", "0x7f.1", "169.254.169.254", "metadata",
    ],
)  # fmt: skip
def test_a_host_that_only_looks_like_a_listed_one_is_not_looked_up(
    names: dict[str, list[str]], listed: str
) -> None:
    assert refused(f"https://{listed}/a.jpg") == "host"
    assert names["asked"] == []


def test_a_listed_host_admits_those_below_it() -> None:
    for host in ("qlogo.cn", "thirdwx.qlogo.cn", "QLOGO.CN", "a.b.qlogo.cn", "qlogo.cn."):
        assert is_listed(host, HOSTS)
    assert not is_listed("qlogo.cn", ())
    assert not is_listed("qlogo.cn", ("",))
    assert is_listed("a.example.com", (".example.com",))


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_may_not_lead_into_our_own_network(
    names: dict[str, list[str]], address: str
) -> None:
    names["img.example.com"] = [address]
    assert refused("https://img.example.com/a.jpg") == "not_public"


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    names: dict[str, list[str]],
) -> None:
    names["img.example.com"] = ["1.1.1.1", "127.0.0.1"]
    assert refused("https://img.example.com/a.jpg") == "not_public"


def test_a_name_without_an_address_is_refused(names: dict[str, list[str]]) -> None:
    assert refused("https://img.example.com/a.jpg") == "unresolved"
    names["img.example.com"] = []
    assert refused("https://img.example.com/a.jpg") == "unresolved"


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter(["1.1.1.1", "127.0.0.1", "127.0.0.1"])
    connected: list[Any] = []

    def look_up(_host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address: Any, *_: Any, **__: Any) -> Any:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    assert refused("https://img.example.com/a.jpg") == "connection"
    assert connected == [("1.1.1.1", 443)]
    assert next(answers) == "127.0.0.1"  # nobody asked a second time


def test_a_file_is_fetched(host: FileHost) -> None:
    assert get(host.add("/a.jpg?x=1", b"pixels")) == b"pixels"
    assert host.calls == ["/a.jpg?x=1"]


def test_this_machine_is_refused_unless_it_is_allowed(host: FileHost, settings: Settings) -> None:
    settings.FETCH_ALLOW_LOOPBACK = False
    url = host.add("/a.jpg", b"pixels")
    assert refused(url, hosts=("127.0.0.1",)) == "address"
    assert refused(url.replace("http:", "https:"), hosts=("127.0.0.1",)) == "address"
    assert refused("https://127.0.0.1/a.jpg", hosts=("127.0.0.1",)) == "not_public"
    assert host.calls == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304])
def test_redirects_are_not_followed(host: FileHost, status: int) -> None:
    host.add("/inner", b"secret")
    url = host.add("/a", lambda to: send(to, b"", status=status, Location=host.url("/inner")))
    assert refused(url) == "redirect"
    assert host.calls == ["/a"]


@pytest.mark.parametrize("status", [201, 204, 206, 400, 403, 404, 500, 503])
def test_only_an_answer_of_200_is_a_file(host: FileHost, status: int) -> None:
    assert refused(host.add("/a", lambda to: send(to, b"", status=status))) == "status"


@pytest.mark.parametrize("kind", ["text/html", "application/json", "", "ximage/png", "text/image/"])
def test_another_type_is_refused(host: FileHost, kind: str) -> None:
    url = host.add("/a", lambda to: send(to, b"<html>", Content_Type=kind))
    assert refused(url) == "content_type"


def test_a_packed_answer_is_refused(host: FileHost) -> None:
    url = host.add("/a", lambda to: send(to, b"packed", Content_Encoding="gzip"))
    assert refused(url) == "content_type"


def test_the_limit_of_size_holds_for_what_is_promised_and_for_what_comes(host: FileHost) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "image/jpeg")
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65_536)

    assert get(host.add("/fits", b"x" * 1_000)) == b"x" * 1_000
    assert refused(host.add("/over", b"x" * 1_001)) == "too_large"
    assert refused(host.add("/huge", lambda to: send(to, b"", length=10**15))) == "too_large"
    assert refused(host.add("/endless", endless)) == "too_large"


def test_a_file_that_is_cut_off_is_refused(host: FileHost) -> None:
    assert refused(host.add("/a", lambda to: send(to, b"half", length=8))) == "connection"


@pytest.mark.slow
@pytest.mark.parametrize("part", ["head", "headers", "body"])
def test_a_host_that_drips_costs_the_limit_of_time(host: FileHost, part: str) -> None:
    end = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        text = {"head": b"HTTP/1.1 200 OK", "headers": b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 100}
        if part == "body":
            handler.send_response(200)
            handler.send_header("Content-Type", "image/jpeg")
            handler.end_headers()
        for byte in text.get(part, b"x" * 100):
            handler.wfile.write(bytes([byte]))
            if end.wait(0.05):
                return

    started = time.monotonic()
    assert refused(host.add("/a", drip), seconds=0.4) == "timeout"
    assert time.monotonic() - started < 3
    end.set()


@pytest.mark.slow
def test_a_name_server_that_never_answers_costs_the_limit_of_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    end = threading.Event()

    def look_up(*_: Any, **__: Any) -> list[Any]:
        end.wait(30)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    started = time.monotonic()
    assert refused("https://img.example.com/a.jpg", seconds=0.3) == "timeout"
    assert time.monotonic() - started < 3
    end.set()


class TlsHost:
    """Answers one request over TLS with the certificate of a name; remembers what was asked."""

    def __init__(self, file: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(file)
        self._context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self.names: list[str | None] = []
        self.request = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(5)
        self.address = self._socket.getsockname()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _address = self._socket.accept()
        connection.settimeout(5)
        with connection:
            try:
                with self._context.wrap_socket(connection, server_side=True) as encrypted:
                    while not self.request.endswith(b"\r\n\r\n"):
                        self.request += encrypted.recv(65_536)
                    encrypted.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 2\r\n\r\nok"
                    )
            except OSError:
                pass  # the caller does not trust it

    def stop(self) -> None:
        self._thread.join()
        self._socket.close()


@pytest.mark.slow
@pytest.mark.parametrize("owner", ["img.example.com", "other.example.com"])
def test_the_certificate_of_the_named_host_counts_at_the_checked_address(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]], tmp_path: Path, owner: str
) -> None:
    file = certificate(tmp_path, owner)
    context = ssl.create_default_context(cafile=str(file))
    monkeypatch.setattr(outgoing, "tls_context", lambda: context)
    names["img.example.com"] = ["1.1.1.1"]
    server, connect = TlsHost(file), socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda _address, timeout: connect(server.address, timeout)
    )
    names["127.0.0.1"] = ["127.0.0.1"]
    if owner == "img.example.com":
        assert get("https://img.example.com/a.jpg") == b"ok"
        assert server.request.startswith(b"GET /a.jpg HTTP/1.1\r\nHost: img.example.com\r\n")
    else:
        assert refused("https://img.example.com/a.jpg") == "tls"
        assert server.request == b""
    assert server.names == ["img.example.com"]
    server.stop()
