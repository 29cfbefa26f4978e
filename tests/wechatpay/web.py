"""HTTP on 127.0.0.1 with a thread per connection."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.wechatpay import control
from tests.wechatpay.api import Api, Request
from tests.wechatpay.faults import Response


class Handler(BaseHTTPRequestHandler):
    api: Api
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, dict(self.headers.items()), body)
        if self.path.startswith(control.PATH):
            return self._send(control.answer(self.api.server, request))
        with self.server.in_flight:  # type: ignore[attr-defined]
            response = self.api.answer(request)
        return self._send(response)

    def _send(self, response: Response | None) -> None:
        if response is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        with contextlib.suppress(OSError):  # the client may have disconnected
            self.send_response(response.status)
            for name, value in self._headers(response).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.body)
            self.wfile.flush()

    def _headers(self, response: Response) -> dict[str, str]:
        headers = {"Content-Type": response.kind, "Content-Length": str(len(response.body))}
        headers |= response.headers
        if response.signed == "not":
            return headers
        signed = response.body if response.signed != "badly" else response.body + b" "
        headers |= self.api.server.keys.sign(signed)
        if response.signed == "by_a_stranger":
            headers["Wechatpay-Serial"] = "PUB_KEY_ID_" + "9" * 28
        return headers

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class has it
        """Log nothing: ``Server.calls`` records the calls."""


class InFlight:
    """Count the calls in progress and their maximum."""

    def __init__(self, api: Api) -> None:
        self._api, self._now = api, 0

    def __enter__(self) -> None:
        with self._api.server.lock:
            self._now += 1
            self._api.server.in_flight = self._now
            self._api.server.max_in_flight = max(self._api.server.max_in_flight, self._now)

    def __exit__(self, *raised: object) -> None:
        with self._api.server.lock:
            self._now -= 1
            self._api.server.in_flight = self._now


class Listening(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    block_on_close = False
    in_flight: InFlight

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Listener:
    def __init__(self, api: Api, port: int) -> None:
        handler = type("HandlerOfOne", (Handler,), {"api": api})
        self._server = Listening(("127.0.0.1", port), handler)
        self._server.in_flight = InFlight(api)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
