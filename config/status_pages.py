"""``/statusz`` and ``/metrics``: the state of the system for monitoring, behind a token."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from common import clock
from config import status as system
from config.metrics import StatusCollector
from devservers import EmbeddedError

log = structlog.get_logger(__name__)

View = Callable[[HttpRequest], HttpResponseBase]


def require_status_token(view: View) -> View:
    """Return 401 without ``Authorization: Bearer STATUS_TOKEN``, and 503 without a database."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        if not _has_token(request):
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        try:
            return view(request)
        except (DatabaseError, EmbeddedError) as failure:
            log.warning("database_unreachable", error=str(failure))
            return JsonResponse({"status": "unavailable"}, status=503)

    return guarded


def _has_token(request: HttpRequest) -> bool:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not settings.STATUS_TOKEN:
        return False
    return secrets.compare_digest(token.strip().encode(), settings.STATUS_TOKEN.encode())


@require_safe
@never_cache
@require_status_token
def status(_: HttpRequest) -> JsonResponse:
    """Return the state of the system; 503 if something that moves money is late."""
    now = clock.now()
    state = system.collect(at=now)
    return JsonResponse(
        {
            "status": "late" if state.late else "ok",
            "late": state.late,
            "at": now,
            "ages": {age.name: {"seconds": age.seconds, "limit": age.limit} for age in state.ages},
            "jobs": {
                job.name: {
                    "started_at": job.started_at,
                    "finished_at": job.finished_at,
                    "failed_at": job.failed_at,
                    "late": job.is_late,
                }
                for job in state.jobs
            },
            "alarms": state.alarms,
            "holds": state.holds,
            "differences": state.differences,
            "conflicts": state.conflicts,
        },
        status=503 if state.late else 200,
    )


@require_safe
@never_cache
@require_status_token
def metrics(_: HttpRequest) -> HttpResponse:
    """Return the same figures for Prometheus."""
    registry = CollectorRegistry()
    registry.register(StatusCollector(system.collect(at=clock.now())))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
