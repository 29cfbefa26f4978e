"""The server's strings, pulled from another process: POST /control/<verb> with its words as JSON.

It covers the simple faults; tests that need ``BeforeReply`` or a fixed clock run the server in
their own process.
"""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

from tests.wechatpay import faults
from tests.wechatpay.faults import Response, said

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
    words = json.loads(request.body or b"{}")
    if verb == "script":
        found = [getattr(faults, fault.pop("name"))(**fault) for fault in words.pop("faults")]
        server.script(faults=found, **words)
        return said(200, None, signed="not")
    if verb == "notify":
        url, number = words.pop("url"), words.pop("out_bill_no")
        answers = [server.deliver(notice, url) for notice in server.notify(number, **words)]
        return said(200, answers, signed="not")
    if verb in VERBS:
        return said(200, getattr(server, verb)(**words), signed="not")
    return said(404, None, signed="not")


class Remote:
    """A server in another process: ``Remote(url).confirm(out_bill_no="W1")``."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __getattr__(self, verb: str) -> Any:
        def ask(**words: Any) -> Any:
            body = json.dumps(words).encode()
            with urllib.request.urlopen(f"{self.url}{PATH}{verb}", data=body, timeout=30) as said:
                return json.load(said)

        return ask
