"""Draw waiting posters, find those whose message was lost, and raise alarms."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db.models import Case, F, Q, Value, When

from alarms.kinds import POSTERS_NOT_DRAWN, POSTERS_WAITING
from alarms.services import sync_alarms
from common.errors import FAULTS
from common.media import save_once
from events.models import Reference
from posters import bell, files
from posters.drawing_data import data_of, size_of, template_of
from posters.models import Poster, PosterTemplate
from posters.rendering import Drawn, render

log = structlog.get_logger(__name__)

Status = Poster.Status

LEASE = timedelta(minutes=3)
"""Longer than a task may run: a poster that was claimed before has lost its worker."""
MAX_ATTEMPTS = 3
LATE = timedelta(minutes=2)
BATCH = 500
QUEUE = Reference("posters.queue", "posters")
"""The subject of the alarm about late posters."""


class QrCodeUnreadable(Exception):
    """The code of a drawn poster cannot be read back."""


FAULTS_OF_POSTERS: tuple[type[Exception], ...] = (QrCodeUnreadable, OSError, *FAULTS)
"""Errors that end the drawing of one poster; the worker goes on with the next."""


def draw_poster(*, poster: int, at: datetime) -> bool:
    """Draw a waiting poster and store its file; return whether that was done.

    Nothing happens if the poster is drawn already, removed, or claimed by another worker. After a
    fault the next attempt is due; after the last attempt the poster is marked as failed.

    :param poster: its primary key
    """
    row = _claim(poster, at)
    if row is None:
        return False
    path = files.path_of(row)
    try:
        drawn = _draw(row)
        if not drawn.is_qr_readable:
            raise QrCodeUnreadable
        save_once(path, drawn.content)
    except FAULTS_OF_POSTERS as fault:
        log.exception("poster_not_drawn", poster=row.public_id)
        _release(row, fault)
        return False
    mine = Poster.objects.filter(pk=row.pk, status=Status.WAITING)
    if not mine.update(status=Status.READY, path=path, drawn_at=at, failure=""):
        _clean_up(row, path)
        return False
    return True


def _draw(row: Poster) -> Drawn:
    """Draw a poster from its row and stored files, and from nothing else."""
    template = template_of(row.template_version)
    return render(template, data_of(row.inputs), size=size_of(row.size))


def _claim(poster: int, at: datetime) -> Poster | None:
    free = Q(claimed_at=None) | Q(claimed_at__lt=at - LEASE)
    rows = Poster.objects.filter(free, pk=poster, status=Status.WAITING)
    if not rows.update(claimed_at=at, attempts=F("attempts") + 1):
        return None
    return Poster.objects.select_related("template_version").get(pk=poster)


def _release(row: Poster, fault: Exception) -> None:
    """Leave a poster to the next attempt, if it has one."""
    waiting = Poster.objects.filter(pk=row.pk, status=Status.WAITING)
    is_last = row.attempts >= MAX_ATTEMPTS
    waiting.update(
        status=Status.FAILED if is_last else Status.WAITING,
        claimed_at=None,
        failure=f"{type(fault).__name__}: {fault}"[:200],
    )


def _clean_up(row: Poster, path: str) -> None:
    # The poster was removed, perhaps before our file was written, or another worker has drawn it
    # to the same path: then the file belongs to its row.
    if not Poster.objects.filter(pk=row.pk, path=path).exists():
        files.erase(path)


def sweep_lost(*, at: datetime) -> int:
    """Ring again for posters whose message was lost, or whose worker died; return how many.

    Posters without an attempt left are marked as failed. Alarms name late and failed posters.
    """
    waiting = Poster.objects.filter(status=Status.WAITING)
    lost = waiting.filter(rung_at__lt=at - timedelta(seconds=bell.HEARD_WITHIN)).filter(
        Q(claimed_at=None) | Q(claimed_at__lt=at - LEASE)
    )
    lost.filter(attempts__gte=MAX_ATTEMPTS).update(
        status=Status.FAILED,
        claimed_at=None,
        failure=Case(When(failure="", then=Value("The worker ended.")), default=F("failure")),
    )
    keys = list(lost.order_by("rung_at", "pk").values_list("pk", flat=True)[:BATCH])
    waiting.filter(pk__in=keys).update(rung_at=at)
    if keys:
        bell.ring(bell.DRAW, *([key] for key in keys))
    _ring_for_thumbnails()
    _alarm(at)
    return len(keys)


def _ring_for_thumbnails() -> None:
    lacking = PosterTemplate.objects.offered().filter(current_version__thumbnail="")
    keys = list(lacking.order_by("pk").values_list("current_version", flat=True)[:BATCH])
    if keys:
        bell.ring(bell.WARM, *(["version", key] for key in keys))


def _alarm(at: datetime) -> None:
    late = Poster.objects.filter(status=Status.WAITING, requested_at__lt=at - LATE)
    oldest = late.order_by("requested_at").values_list("requested_at", flat=True).first()
    causes = {QUEUE: {"oldest": oldest, "posters": late.count()}} if oldest else {}
    sync_alarms(POSTERS_WAITING, causes, at=at)
    failed = Poster.objects.filter(status=Status.FAILED)
    public_id = "template_version__template__public_id"
    # The last of each template: a broken one may have thousands.
    templates = failed.order_by(public_id, "-pk").distinct(public_id)
    sync_alarms(
        POSTERS_NOT_DRAWN,
        {
            Reference("posters.postertemplate", template): {"failure": failure}
            for template, failure in templates.values_list(public_id, "failure")
        },
        at=at,
    )
