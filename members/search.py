"""Look-up of members by what staff type."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from members.models import Identity, Member


def search_members(term: str) -> QuerySet[Member]:
    """Find members by a part of the nickname or by a whole id."""
    return Member.objects.filter(Q(nickname__icontains=term) | _has_id(term))


def members_by_name(term: str) -> QuerySet[Member]:
    """Find members by the whole nickname or a whole id."""
    return Member.objects.filter(Q(nickname=term) | _has_id(term))


def members_by_id(term: str) -> QuerySet[Member]:
    """Find members by a whole id, ours or an external one."""
    return Member.objects.filter(_has_id(term))


def _has_id(term: str) -> Q:
    # Ids are compared as a whole, so that their indexes can answer.
    identities = Identity.objects.filter(external_id=term).values("member")
    return Q(public_id=term) | Q(pk__in=identities)


class MemberField(forms.CharField):
    """A member, typed as a whole id."""

    widget = UnfoldAdminTextInputWidget

    def clean(self, value: Any) -> Any:
        term = super().clean(value)
        if not term:
            return None
        members = list(members_by_id(term)[:2])
        if len(members) != 1:
            raise forms.ValidationError(
                _("“%(id)s” is the whole id of no member, or of several."),
                params={"id": term[:40]},
            )
        return members[0]
