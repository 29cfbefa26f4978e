"""Faults of single calls; the affected call consumes its fault."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol


@dataclass(frozen=True)
class Response:
    """A response before it is sent."""

    status: int
    body: bytes
    signed: str = "well"
    """well | badly | not | by_a_stranger"""
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(status: int, content: Any, **how: Any) -> Response:
    return Response(status, json.dumps(content, ensure_ascii=False).encode(), **how)


CarryOut = Callable[[], Response]
Pause = Callable[[float], object]


class Fault(Protocol):
    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        """Return the response, or ``None`` to hang up; ``carry_out`` performs the call."""


@dataclass(frozen=True)
class RequestLost:
    """The request never arrives."""

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        return None


@dataclass(frozen=True)
class ReplyLost:
    """The call takes effect and the connection closes without a reply."""

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        carry_out()
        return None


@dataclass(frozen=True)
class Slow:
    """The reply is late: the call takes effect before the delay, or after it."""

    seconds: float
    done_first: bool = True

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        if not self.done_first:
            pause(self.seconds)
            return carry_out()
        response = carry_out()
        pause(self.seconds)
        return response


@dataclass(frozen=True)
class Status:
    """An error status; the call takes effect only if ``done`` is set."""

    status: int
    code: str = "SYSTEM_ERROR"
    done: bool = False
    signed: str = "well"

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        if self.done:
            carry_out()
        error = {"code": self.code, "message": "scripted"}
        return json_response(self.status, error, signed=self.signed)


def RateLimited() -> Status:  # noqa: N802 - reads as one of the faults
    return Status(429, "FREQUENCY_LIMITED")


def NotEnough() -> Status:  # noqa: N802
    return Status(403, "NOT_ENOUGH")


def NotFound() -> Status:  # noqa: N802
    """Reply to a query that the bill is not visible yet, even if it was accepted."""
    return Status(404, "NOT_FOUND")


def Refused(code: str, status: int = 400) -> Status:  # noqa: N802
    return Status(status, code)


@dataclass(frozen=True)
class _Signed:
    how: str

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        return replace(carry_out(), signed=self.how)


def BadSignature() -> _Signed:  # noqa: N802
    return _Signed("badly")


def Unsigned() -> _Signed:  # noqa: N802
    return _Signed("not")


def UnknownSerial() -> _Signed:  # noqa: N802
    """Sign correctly under a serial that is unknown to the merchant."""
    return _Signed("by_a_stranger")


@dataclass(frozen=True)
class Redirect:
    """A correctly signed redirect."""

    url: str

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        return json_response(307, {}, headers={"Location": self.url})


class OverrideFields:
    """A correctly signed reply with these fields replaced."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        response = carry_out()
        return json_response(response.status, json.loads(response.body) | self.fields)


@dataclass(frozen=True)
class WrongFile:
    """A download with the wrong content."""

    content: bytes = b"not the file"

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        return replace(carry_out(), body=self.content)


@dataclass(frozen=True)
class BeforeReply:
    """Run an action after the call takes effect and before its reply."""

    action: Callable[[], object]

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        response = carry_out()
        self.action()
        return response
