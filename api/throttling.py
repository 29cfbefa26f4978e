"""Limit requests of a caller per minute, with the counts in Redis."""

from __future__ import annotations

import ipaddress
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from api.errors import TooManyRequests

log = structlog.get_logger(__name__)

WINDOW = 60  # seconds
_ONE_CLIENT = threading.Lock()
CREDENTIALS = ("Authorization", "X-Twotier-Key")


def store() -> redis.Redis:
    """Return the client of the server that also carries the queue."""
    # Of two clients at once, the cache would drop one, whose end closes connections in use.
    with _ONE_CLIENT:
        return _store()


@cache
def _store() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL or settings.SERVER_PAIR.redis_url)


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a limit is used in the present minute."""

    limit: int
    used: int
    reset: int
    """Seconds until the minute ends."""

    def show(self, request: Request) -> None:
        """Leave the headers on Django's own request, for the middleware."""
        request._request.rate_limit = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "RateLimit-Reset": str(self.reset),
        }

    def error(self) -> TooManyRequests:
        error = TooManyRequests()
        error.retry_after = self.reset
        return error


def count(name: str, limit: int, *, by: int = 1) -> Usage | None:
    """Add to what is counted under a name in this minute; ``None`` without Redis."""
    window, passed = divmod(int(time.time()), WINDOW)
    key = f"throttle:{name}:{window}"
    try:
        with store().pipeline() as pipe:
            pipe.incrby(key, by)
            pipe.expire(key, 2 * WINDOW)
            used, _ = pipe.execute()
    except redis.RedisError as failure:
        log.warning("throttle_unavailable", error=str(failure))
        return None
    return Usage(limit, used, WINDOW - passed)


class CallerThrottle(BaseThrottle):
    """Admits ``settings.API_REQUESTS_A_MINUTE`` requests of a caller in each minute.

    Without Redis everything is admitted: limits protect against overload, not money.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        usage = count(_caller_of(request), settings.API_REQUESTS_A_MINUTE)
        if usage is None:
            return True
        usage.show(request)
        if usage.used > usage.limit:
            raise usage.error()
        return True


class ExpensiveCalls(BaseThrottle):
    """Admits ``view.calls_a_minute`` writing calls of a caller in each minute, whatever their ids.

    For calls that cost more than others, such as those that ask a provider. Without a login, the
    address is the caller. A view names it beside the limit of all calls, and views with the same
    ``throttle_scope`` share their limit::

        throttle_classes = [CallerThrottle, ExpensiveCalls]
        throttle_scope = "collect"
        calls_a_minute = 10

    The headers show this limit. Without Redis everything is admitted.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.method in SAFE_METHODS:
            return True
        usage = count(f"{view.throttle_scope}:{_caller_of(request)}", view.calls_a_minute)
        if usage is None:
            return True
        usage.show(request)
        if usage.used > usage.limit:
            raise usage.error()
        return True


def refuse_guessing(request: Request) -> None:
    """Refuse credentials from an address that has sent many wrong ones in this minute.

    They are not looked at. What needs no credentials stays open.

    :raises TooManyRequests: more than ``settings.API_GUESSES_A_MINUTE`` were wrong
    """
    if not any(name in request.headers for name in CREDENTIALS):
        return
    usage = count(_guesses_of(request), settings.API_GUESSES_A_MINUTE, by=0)
    if usage and usage.used >= usage.limit:
        usage.show(request)
        raise usage.error()


def count_guess(request: Request) -> None:
    """Count a token or a signature that is none of ours, by the address that sent it.

    A token that has expired, or whose session has ended, was ours: nobody guesses one.
    """
    if usage := count(_guesses_of(request), settings.API_GUESSES_A_MINUTE):
        usage.show(request)


def _guesses_of(request: Request) -> str:
    return f"guesses:{_address_of(request)}"


def _caller_of(request: Request) -> str:
    """Return the id of a caller with a login, else the address."""
    return getattr(request.user, "id", None) or f"address:{_address_of(request)}"


def _address_of(request: Request) -> str:
    """Return the address of a client, or its network where a client chooses from many."""
    address = BaseThrottle().get_ident(request) or ""
    with suppress(ValueError):
        parsed = ipaddress.ip_address(address)
        if mapped := getattr(parsed, "ipv4_mapped", None):
            address = str(mapped)  # as a socket for both versions shows it
        elif parsed.version == 6:  # noqa: PLR2004 - a customer has a whole network of these
            address = str(ipaddress.ip_network((parsed, 64), strict=False))
    return address[:64]


class OncePerPause(BaseThrottle):
    """Admits a call of a caller to an address once in the view's ``pause``, in seconds.

    For calls that ask somebody else. Reading is not limited.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        caller = getattr(request.user, "id", None)
        if request.method in SAFE_METHODS or caller is None:
            return True
        try:
            name = f"pause:{caller}:{request.path}"
            is_first = store().set(name, 1, ex=view.pause, nx=True)
        except redis.RedisError as failure:
            log.warning("throttle_unavailable", error=str(failure))
            return True
        if not is_first:
            error = TooManyRequests()
            error.retry_after = view.pause
            raise error
        return True
