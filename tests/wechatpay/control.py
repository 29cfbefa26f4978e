"""Control the server from another process: POST /control/<verb> with JSON arguments.

Only simple faults are available; tests that need ``BeforeReply`` or a fixed clock run the server
in their own process.
"""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

from tests.wechatpay import faults
from tests.wechatpay.faults import Response, json_response

if TYPE_CHECKING:
    from tests.wechatpay.api import Request
    from tests.wechatpay.server import Server

PATH = "/control/"
VERBS = {
    "authorize",
    "confirm",
    "fail_future_bills",
    "expire",
    "fail",
    "set_real_name",
    "pass_time",
    "state",
    "top_up",
}


def answer(server: Server, request: Request) -> Response:
    verb = request.path.removeprefix(PATH)
    arguments = json.loads(request.body or b"{}")
    if verb == "script":
        scripted = [
            getattr(faults, fault.pop("name"))(**fault) for fault in arguments.pop("faults")
        ]
        server.script(faults=scripted, **arguments)
        return json_response(200, None, signed="not")
    if verb == "notify":
        url, number = arguments.pop("url"), arguments.pop("out_bill_no")
        answers = [
            server.deliver(notification, url) for notification in server.notify(number, **arguments)
        ]
        return json_response(200, answers, signed="not")
    if verb in VERBS:
        return json_response(200, getattr(server, verb)(**arguments), signed="not")
    return json_response(404, None, signed="not")


class Remote:
    """Client of a server in another process: ``Remote(url).confirm(out_bill_no="W1")``."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __getattr__(self, verb: str) -> Any:
        def call(**arguments: Any) -> Any:
            body = json.dumps(arguments).encode()
            with urllib.request.urlopen(
                f"{self.url}{PATH}{verb}", data=body, timeout=30
            ) as response:
                return json.load(response)

        return call
