"""Look up members by the text that staff enter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from members.models import Identity, Member


def search_members(term: str) -> QuerySet[Member]:
    """Find members by part of the nickname or by a complete id."""
    return Member.objects.filter(Q(nickname__icontains=term) | _has_id(term))


def members_by_name(term: str) -> QuerySet[Member]:
    """Find members by the complete nickname or a complete id."""
    return Member.objects.filter(Q(nickname=term) | _has_id(term))


def members_by_id(term: str) -> QuerySet[Member]:
    """Find members by a complete public id or external id."""
    return Member.objects.filter(_has_id(term))


def _has_id(term: str) -> Q:
    # Complete ids only, so that the lookup uses their indexes.
    identities = Identity.objects.filter(external_id=term).values("member")
    return Q(public_id=term) | Q(pk__in=identities)


def keys_of_person(term: str) -> QuerySet[Member]:
    """Find members by a complete nickname or id, with those that were merged into them."""
    found = members_by_name(term).order_by().values("pk")
    return Member.objects.filter(Q(pk__in=found) | Q(merged_into__in=found))


class MemberField(forms.CharField):
    """A form field that takes a member's complete id."""

    widget = UnfoldAdminTextInputWidget

    def clean(self, value: Any) -> Any:
        term = super().clean(value)
        if not term:
            return None
        members = list(members_by_id(term)[:2])
        if len(members) != 1:
            raise forms.ValidationError(
                _("No single member has the id “%(id)s”. Enter a complete id."),
                params={"id": term[:40]},
            )
        return members[0]
