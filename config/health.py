"""Health pages for load balancers: whether this process is alive, and whether it can work."""

from __future__ import annotations

import structlog
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as BrokerError

from config.celery import check_broker
from devservers import EmbeddedError

log = structlog.get_logger(__name__)


@require_safe
@never_cache
def alive(_: HttpRequest) -> JsonResponse:
    """Return 200 without checking anything else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(_: HttpRequest) -> JsonResponse:
    """Return 200 while database and broker answer, else 503.

    It says whether this process can work. Whether money moves is ``/statusz``.
    """
    answers = {"database": _database(), "broker": _broker()}
    healthy = all(answers.values())
    return JsonResponse(
        {"status": "ok" if healthy else "unavailable", **answers}, status=200 if healthy else 503
    )


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, EmbeddedError) as failure:
        log.warning("database_unreachable", error=str(failure))
        return False
    return True


def _broker() -> bool:
    try:
        check_broker()
    except (BrokerError, OSError) as failure:
        log.warning("broker_unreachable", error=str(failure))
        return False
    return True
