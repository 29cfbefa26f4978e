"""What can go wrong with one call; each is used up by the call that it spoils."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol


@dataclass(frozen=True)
class Response:
    """What is about to be sent."""

    status: int
    body: bytes
    signed: str = "well"
    """well | badly | not | by_a_stranger"""
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def said(status: int, content: Any, **how: Any) -> Response:
    return Response(status, json.dumps(content, ensure_ascii=False).encode(), **how)


CarryOut = Callable[[], Response]
Pause = Callable[[float], object]


class Fault(Protocol):
    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        """The response, or ``None`` to hang up; the call has an effect if it is carried out."""


@dataclass(frozen=True)
class RequestLost:
    """The request never arrives."""

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        return None


@dataclass(frozen=True)
class ReplyLost:
    """It is done, and nobody hears of it."""

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        carry_out()
        return None


@dataclass(frozen=True)
class Slow:
    """It is done at once and answered after this silence; or done only then."""

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
    """An error; nothing is done unless ``done`` says so."""

    status: int
    code: str = "SYSTEM_ERROR"
    done: bool = False
    signed: str = "well"

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        if self.done:
            carry_out()
        error = {"code": self.code, "message": "scripted"}
        return said(self.status, error, signed=self.signed)


def RateLimited() -> Status:  # noqa: N802 - reads as one of the faults
    return Status(429, "FREQUENCY_LIMITED")


def NotEnough() -> Status:  # noqa: N802
    return Status(403, "NOT_ENOUGH")


def NotFound() -> Status:  # noqa: N802
    """To a question: not visible yet, though it may have been accepted."""
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
    """Well signed, under a serial that the merchant does not know."""
    return _Signed("by_a_stranger")


@dataclass(frozen=True)
class Redirect:
    """Well signed: go and ask over there."""

    url: str

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        return said(307, {}, headers={"Location": self.url})


class OverrideFields:
    """The answer, well signed, says something else in these fields."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        response = carry_out()
        return said(response.status, json.loads(response.body) | self.fields)


@dataclass(frozen=True)
class WrongFile:
    """A download that is not what was promised."""

    content: bytes = b"not the file"

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        return replace(carry_out(), body=self.content)


@dataclass(frozen=True)
class BeforeReply:
    """Something else happens after it is done and before it is answered."""

    action: Callable[[], object]

    def play(self, carry_out: CarryOut, pause: Pause) -> Response | None:
        response = carry_out()
        self.action()
        return response
