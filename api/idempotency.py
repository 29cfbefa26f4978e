"""Answer a repeated request with its first answer, instead of doing it twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import orjson
from django.db import connection, transaction
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import IdempotencyKeyMissing, IdempotencyKeyReused, InProgress, InvalidInput
from api.models import IdempotentReply
from api.problems import answer, as_error
from api.renderers import PROBLEM_TYPE
from common import clock
from common.errors import TwotierError

MAX_KEY_LENGTH = 255
KEPT_FOR = timedelta(days=30)
NOT_STORED = {401, 403, 429}

Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """Run a handler once for each ``Idempotency-Key`` of a caller, in one transaction with the key.

    A repetition gets the first answer with ``Idempotent-Replayed: true``, and a refusal of the
    domain is an answer, too. What may be different next time is not stored: invalid input, missing
    rights, rate limits and faults.

    :raises IdempotencyKeyMissing: there is no key, or it is too long
    :raises IdempotencyKeyReused: the key came with another body
    :raises InProgress: the first request with this key has no answer yet
    """

    @wraps(handler)
    def wrapped(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not 0 < len(key) <= MAX_KEY_LENGTH:
            raise IdempotencyKeyMissing
        scope = {
            "caller": request.user.id,
            "method": request.method,
            "path": request.path,
            "key": key,
        }
        request_hash = hashlib.sha256(orjson.dumps(request.data)).hexdigest()
        with transaction.atomic():
            _lock(*scope.values())
            if stored := IdempotentReply.objects.filter(**scope).first():
                return _replay(stored, request_hash)
            response = _perform(handler, view, request, *args, **kwargs)
            if response.status_code not in NOT_STORED:
                IdempotentReply.objects.create(
                    **scope,
                    request_hash=request_hash,
                    status=response.status_code,
                    body=response.data,
                    created_at=clock.now(),
                )
            return response

    return wrapped


def _lock(*scope: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            ["\n".join(("idempotency", *scope))],
        )
        (locked,) = cursor.fetchone()
    if not locked:
        raise InProgress


def _replay(stored: IdempotentReply, request_hash: str) -> Response:
    if stored.request_hash != request_hash:
        raise IdempotencyKeyReused
    is_problem = stored.status >= 400  # noqa: PLR2004 - HTTP
    return Response(
        stored.body,
        status=stored.status,
        content_type=PROBLEM_TYPE if is_problem else None,
        headers={"Idempotent-Replayed": "true"},
    )


def _perform(handler: Handler, view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
    try:
        with transaction.atomic():
            return handler(view, request, *args, **kwargs)
    except (TwotierError, APIException) as failure:
        error = as_error(failure)
        if error is None or isinstance(error, InvalidInput) or error.status >= 500:  # noqa: PLR2004
            raise
        return answer(error)


def forget_old_replies() -> int:
    """Delete replies older than 30 days; return how many."""
    deleted, _ = IdempotentReply.objects.filter(created_at__lt=clock.now() - KEPT_FOR).delete()
    return deleted
