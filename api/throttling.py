"""Limit requests of a caller per minute, with the counts in Redis."""

from __future__ import annotations

import time
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


@cache
def store() -> redis.Redis:
    """Return the client of the server that also carries the queue."""
    return redis.Redis.from_url(settings.REDIS_URL or settings.SERVER_PAIR.redis_url)


class CallerThrottle(BaseThrottle):
    """Admits ``settings.API_REQUESTS_A_MINUTE`` requests of a caller in each minute.

    Without Redis everything is admitted: limits protect against overload, not money.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        caller = getattr(request.user, "id", None) or f"address:{self.get_ident(request)}"
        limit = settings.API_REQUESTS_A_MINUTE
        window, reset = divmod(int(time.time()), WINDOW)
        name = f"throttle:{caller}:{window}"
        try:
            with store().pipeline() as pipe:
                pipe.incr(name)
                pipe.expire(name, 2 * WINDOW)
                used, _ = pipe.execute()
        except redis.RedisError as failure:
            log.warning("throttle_unavailable", error=str(failure))
            return True
        # On Django's own request, for the middleware.
        request._request.rate_limit = {
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(max(0, limit - used)),
            "RateLimit-Reset": str(WINDOW - reset),
        }
        if used > limit:
            error = TooManyRequests()
            error.retry_after = WINDOW - reset
            raise error
        return True


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


class FewPerMinute(BaseThrottle):
    """Admits ``view.calls_a_minute`` calls of a caller to a kind of address in each minute.

    For calls that a phone repeats and that ask somebody else. Reading is not limited.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        caller = getattr(request.user, "id", None)
        if request.method in SAFE_METHODS or caller is None:
            return True
        window, reset = divmod(int(time.time()), WINDOW)
        name = f"few:{type(view).__name__}:{caller}:{window}"
        try:
            with store().pipeline() as pipe:
                pipe.incr(name)
                pipe.expire(name, 2 * WINDOW)
                used, _ = pipe.execute()
        except redis.RedisError as failure:
            log.warning("throttle_unavailable", error=str(failure))
            return True
        if used > view.calls_a_minute:
            error = TooManyRequests()
            error.retry_after = WINDOW - reset
            raise error
        return True
