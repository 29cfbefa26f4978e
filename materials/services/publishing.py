"""Publish and withdraw materials and other texts, whose verbs check their own rules first."""

from __future__ import annotations

from datetime import datetime

from common import status
from common.locks import lock_rows
from events.declarations import EventType
from events.services import record
from materials.models import Published
from members.models import User

Status = Published.Status


def lock(row: Published) -> None:
    """Lock a row to publish or withdraw, and read it again."""
    lock_rows(type(row).objects.filter(pk=row.pk))
    row.refresh_from_db()


def publish(row: Published, *, event: EventType, by: User, at: datetime) -> None:
    """Show a locked row to its audience, as its next version.

    :raises WrongStatus: it is published already
    """
    status.move(
        row, to=Status.PUBLISHED, version=row.version + 1, published_at=at, published_by=by,
        withdrawn_at=None, withdrawn_by=None, withdrawal_reason="",
    )  # fmt: skip
    record(event, row, at=at, by=by, version=row.version)


def withdraw(row: Published, *, reason: str, event: EventType, by: User, at: datetime) -> None:
    """Hide a locked row from members; it can be changed and published again.

    :raises WrongStatus: it is not published
    """
    status.move(
        row, to=Status.WITHDRAWN, withdrawn_at=at, withdrawn_by=by, withdrawal_reason=reason
    )
    record(event, row, at=at, by=by, version=row.version, reason=reason)
