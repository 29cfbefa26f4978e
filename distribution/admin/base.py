"""What the pages of this room share."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from members.models import Identity, Member

STATUS_COLOURS = {
    "active": "success",
    "approved": "success",
    "submitted": "warning",
    "suspended": "warning",
    "frozen": "danger",
    "rejected": "danger",
    "exited": "info",
}


def search_members(term: str) -> QuerySet[Member]:
    return Member.objects.filter(Q(nickname__icontains=term) | _has_id(term))


def members_by_id(term: str) -> QuerySet[Member]:
    return Member.objects.filter(_has_id(term))


def _has_id(term: str) -> Q:
    # Ids are looked up as a whole, so that their indexes can answer.
    known = Identity.objects.filter(external_id=term).values("member")
    return Q(public_id=term) | Q(pk__in=known)


class DecisionOnly:
    """Rows that change by decisions only: their form is read, their buttons are pressed."""

    opts: Any

    def has_change_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest, *_row: Any) -> bool:
        # Not has_change_permission: that would open the form.
        name = f"{self.opts.app_label}.change_{self.opts.model_name}"
        return bool(request.user.has_perm(name))
