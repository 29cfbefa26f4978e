"""Notes and an assignee beside any row, for colleagues who work on it together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.models import MAX_NOTE_LENGTH, Assignment, Note
from common.errors import TwotierError


class InvalidNote(TwotierError):
    code = "invalid_note"
    message = _("Write a note of at most 1000 characters. Nothing was saved.")
    status = 400


class NotStaff(TwotierError):
    code = "assignee_not_staff"
    message = _("“%(name)s” cannot sign in to the back office. Choose another colleague.")
    status = 400


def add_note(*, row: models.Model, text: str, by: Any, at: datetime) -> Note:
    """Save a note about a row; it cannot be changed later.

    :raises InvalidNote: the note is empty or too long
    """
    text = text.strip()
    if not 0 < len(text) <= MAX_NOTE_LENGTH:
        raise InvalidNote
    return Note.objects.create(**_key(row), text=text, by=by, at=at)


def notes_of(row: models.Model) -> QuerySet[Note]:
    """Return the notes about a row with their authors, the latest first."""
    return Note.objects.filter(**_key(row)).select_related("by").order_by("-pk")


def assign(*, row: models.Model, to: Any, by: Any, at: datetime) -> None:
    """Let a colleague look after a row, or nobody; the same one again changes nothing.

    :param to: a member of staff, or ``None``
    :raises NotStaff: the account is no active member of staff
    """
    if to is not None and not (to.is_active and to.is_staff):
        raise NotStaff(name=to.get_username())
    if assignee_of(row) != to:
        Assignment.objects.create(**_key(row), to=to, by=by, at=at)


def assignee_of(row: models.Model) -> Any:
    """Return the colleague who looks after a row, if any."""
    return assignees([row]).get(row.pk)


def assignees(rows: Sequence[models.Model]) -> dict[Any, Any]:
    """Return the colleagues who look after rows of one model, by key, in one query."""
    if not rows:
        return {}
    keys = {str(row.pk): row.pk for row in rows}
    latest = (
        Assignment.objects.filter(label=rows[0]._meta.label_lower, object_id__in=keys)
        .select_related("to")
        .order_by("object_id", "-pk")
        .distinct("object_id")
    )
    return {keys[row.object_id]: row.to for row in latest if row.to}


def colleagues(permissions: Iterable[str]) -> QuerySet[Any]:
    """Return the active members of staff who have any of these permissions, by their names."""
    has_one = Q(is_superuser=True)
    for permission in permissions:
        app, codename = permission.split(".")
        for path in ("user_permissions", "groups__permissions"):
            has_one |= Q((f"{path}__codename", codename), (f"{path}__content_type__app_label", app))
    staff = get_user_model()._default_manager.filter(is_active=True, is_staff=True)
    # In a subquery: each right would repeat the person.
    found = get_user_model()._default_manager.filter(has_one).values("pk")
    return staff.filter(pk__in=found).order_by("username")


def _key(row: models.Model) -> dict[str, str]:
    return {"label": row._meta.label_lower, "object_id": str(row.pk)}
