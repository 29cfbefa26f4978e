"""Read changes of rows from the record of events, for pages that show a history."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Concat

from backoffice.references import describe_actor
from backoffice.settings_index import Recorded, Subject, register_history
from events.models import Event


def changes_of(subjects: Collection[Subject], limit: int) -> list[Recorded]:
    """Return the latest changes of rows with the names of those who made them, in one query."""
    if not subjects:
        return []
    # A query per row reads its latest events by the index, however many events there are.
    first, *others = [_of(kind, public_id, limit) for kind, public_id in sorted(set(subjects))]
    rows = first.union(*others, all=True).order_by("-id")[:limit] if others else first
    return [
        Recorded(
            row["at"],
            describe_actor(row["actor_kind"], row["actor_id"], _name(row)),
            row["subject_kind"], row["subject_id"], row["before"] or {}, row["after"] or {},
        )
        for row in rows
    ]  # fmt: skip


def _name(row: dict[str, Any]) -> str:
    """Return the full name of a staff user, or the account's; empty for others."""
    is_staff = row["actor_kind"] == get_user_model()._meta.label_lower
    return (row["name_of_actor"] or row["actor_id"]) if is_staff else ""


def _of(kind: str, public_id: str, limit: int) -> Any:
    staff = get_user_model().objects.filter(username=OuterRef("actor_id"))
    name = staff.values(text=Concat("last_name", "first_name"))
    rows = Event.objects.filter(subject_kind=kind, subject_id=public_id, after__isnull=False)
    fields = ("id", "at", "actor_kind", "actor_id", "subject_kind", "subject_id", "before", "after")
    return rows.order_by("-id").values(*fields, name_of_actor=Subquery(name))[:limit]


register_history(changes_of)
