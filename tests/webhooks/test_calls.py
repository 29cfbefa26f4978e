"""Calls with TLS: the certificate of the named host counts, at the address that was resolved."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from common import clock, outgoing
from webhooks import calls

pytestmark = pytest.mark.slow

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


def certificate(folder: Path, host: str) -> Path:
    """A file with a self-signed certificate of a host, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = clock.now()
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}.pem"
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


class Server:
    """Takes connections with a certificate, or without TLS and a word; remembers what came."""

    def __init__(self, file: Path | None) -> None:
        self.requests: list[bytes] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if file:
            self._context.load_cert_chain(file)
        self._is_silent = file is None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(5)
        self.port = self._socket.getsockname()[1]
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        try:
            connection, _address = self._socket.accept()
        except TimeoutError:
            return
        connection.settimeout(5)
        with connection:
            if self._is_silent:
                self._end.wait(30)
                return
            try:
                with self._context.wrap_socket(connection, server_side=True) as encrypted:
                    request = b""
                    while not request.endswith(b"{}"):
                        request += encrypted.recv(65_536)
                    self.requests.append(request)
                    encrypted.sendall(ANSWER)
            except OSError:
                pass  # the caller does not trust it

    def stop(self) -> None:
        self._end.set()
        self._thread.join()
        self._socket.close()


@pytest.fixture
def serve(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    servers: list[Server] = []

    def look_up(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    def start(host: str | None) -> Server:
        file = certificate(tmp_path, host) if host else None
        context = ssl.create_default_context(cafile=str(file) if file else None)
        monkeypatch.setattr(outgoing, "tls_context", lambda: context)
        servers.append(Server(file))
        return servers[-1]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield start
    for server in servers:
        server.stop()


def test_the_named_host_is_called_at_the_resolved_address(serve: Any) -> None:
    server = serve("shop.test")

    answer = calls.post(f"https://shop.test:{server.port}/hooks?a=1", b"{}", {"X-A": "1"})

    assert (answer.status, answer.error) == (204, "")
    (request,) = server.requests
    assert request.startswith(b"POST /hooks?a=1 HTTP/1.1\r\n")
    assert f"Host: shop.test:{server.port}\r\n".encode() in request


def test_a_certificate_of_another_host_is_refused(serve: Any) -> None:
    server = serve("other.test")

    answer = calls.post(f"https://shop.test:{server.port}/", b"{}", {})

    assert (answer.status, answer.error, server.requests) == (None, "tls", [])


def test_a_host_that_never_says_a_word_costs_the_time_limit(serve: Any) -> None:
    server = serve(None)

    answer = calls.post(f"https://shop.test:{server.port}/", b"{}", {}, timeout=0.3)

    assert (answer.status, answer.error) == (None, "timeout")
    assert answer.milliseconds < 2_000
