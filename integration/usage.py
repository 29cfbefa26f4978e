"""Count what clients call, by day: accepted calls by scope, refused ones by error.

The counts are in Redis, beside those of the limits: a call writes no row. They are for people who
look whether a system works, and are lost if Redis is emptied.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import redis
import structlog

from api.throttling import store
from common.clock import business_day
from integration.models import ApiClient

log = structlog.get_logger(__name__)

DAYS = 30
KEPT_FOR = timedelta(days=DAYS + 2)
FIRST_REFUSAL = 400
MAX_CODE = 60


@dataclass
class Usage:
    """Calls of some days: accepted ones by scope, refused ones by the code of the error."""

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def calls(self) -> int:
        return self.accepted.total() + self.refused.total()


def count_call(*, client: ApiClient, scope: str, status: int, code: str, at: datetime) -> None:
    """Count a call that was answered; without Redis it is not counted.

    :param status: the HTTP status
    :param code: of the error, if it was refused
    """
    is_refused = status >= FIRST_REFUSAL
    name = f"refused:{code[:MAX_CODE] or status}" if is_refused else f"accepted:{scope}"
    key = _key(client, business_day(at))
    try:
        with store().pipeline(transaction=False) as pipe:
            pipe.hincrby(key, name, 1)
            pipe.expire(key, KEPT_FOR)
            pipe.execute()
    except redis.RedisError as failure:
        log.warning("client_usage_not_counted", error=str(failure))


def usage(client: ApiClient, *, days: tuple[int, ...], at: datetime) -> list[Usage] | None:
    """Return the calls of the last days, today included; ``None`` if Redis does not answer.

    :param days: how many, such as ``(1, 7, 30)``: one result for each
    """
    today = business_day(at)
    keys = [_key(client, today - timedelta(days=number)) for number in range(max(days))]
    try:
        with store().pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.hgetall(key)
            by_day = pipe.execute()
    except redis.RedisError as failure:
        log.warning("client_usage_unknown", error=str(failure))
        return None
    return [_sum(by_day[:number]) for number in days]


def _sum(by_day: list[dict[bytes, bytes]]) -> Usage:
    found = Usage()
    for counts in by_day:
        for name, count in counts.items():
            kind, _colon, what = name.decode().partition(":")
            (found.refused if kind == "refused" else found.accepted)[what] += int(count)
    return found


def _key(client: ApiClient, day: date) -> str:
    return f"client_calls:{client.key}:{day.isoformat()}"
