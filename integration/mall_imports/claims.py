"""A worker's hold on an import: taken, renewed, given back; never by two at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.import_rows import in_all_languages
from backoffice.imports import Text
from common import status
from events.services import record
from integration.events import INTEGRATION_IMPORT_STOPPED
from integration.models import MallImport

Status = MallImport.Status
WORKED_ON = (Status.CHECKING, Status.RUNNING)
LEASE = timedelta(minutes=6)
"""Longer than a task may run."""
MAX_ATTEMPTS = 3
UNEXPECTED_FAILURE = _(
    "The worker failed at this several times. The log of the workers has the reason: ask an"
    " administrator. What was imported stays, and the import can go on from there."
)
TOOK_TOO_LONG = _(
    "The files are too large for a worker. Split the orders by time, or import them with"
    " ./manage.py import_mall on the server."
)


class LostHold(Exception):
    """The import was stopped, or another worker has taken it over."""


@transaction.atomic
def claim(*, at: datetime) -> MallImport | None:
    """Take the oldest import that waits for a worker, or that one has left; ``None``: none."""
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    # Checks first: a person waits for them.
    due = MallImport.objects.filter(free, status__in=WORKED_ON).order_by("status", "pk")
    row = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
    if row is None:
        return None
    MallImport.objects.filter(pk=row.pk).update(
        lease_until=at + LEASE, claims=F("claims") + 1, attempts=F("attempts") + 1
    )
    return MallImport.objects.select_related("by", "starter").get(pk=row.pk)


def held(mall_import: MallImport) -> QuerySet[MallImport]:
    """Return the import if this worker still has it."""
    rows = MallImport.objects.filter(pk=mall_import.pk, status=mall_import.status)
    return rows.filter(claims=mall_import.claims)


def save_progress(mall_import: MallImport, *, at: datetime, **fields: Any) -> None:
    """Store how far the worker is, and renew its hold.

    :raises LostHold: it no longer has the import
    """
    if not held(mall_import).update(lease_until=at + LEASE, attempts=0, **fields):
        raise LostHold
    for name, value in fields.items():
        setattr(mall_import, name, value)


def give_back(mall_import: MallImport) -> None:
    """Let the next turn take the import at once."""
    held(mall_import).update(lease_until=None)


@transaction.atomic
def fail(mall_import: MallImport, failure: Text, *, at: datetime) -> None:
    """End the worker's part with a sentence for people: the import can be corrected or go on."""
    if not held(mall_import).select_for_update(no_key=True).exists():
        return
    is_running = mall_import.status == Status.RUNNING
    to = Status.STOPPED if is_running else Status.FAULTY
    status.move(mall_import, to=to, failure=in_all_languages(failure), lease_until=None)
    if is_running:
        record(
            INTEGRATION_IMPORT_STOPPED, mall_import, at=at, events=mall_import.events_done,
            failed=True,
        )  # fmt: skip
