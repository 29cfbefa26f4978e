"""Follow merges: under which member a person goes on."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from members.models import Member


class MemberMerged(TwotierError):
    code = "member_merged"
    message = _("Member %(member)s was merged into another one: use that member.")


def survivor_of(member: Member) -> Member:
    """Return the member that this one was merged into, else the member; reads the database."""
    return Member.objects.filter(merged__pk=member.pk).first() or member


def survivor_keys(members: Collection[int]) -> dict[int, int]:
    """Return by the key of each member that of its survivor, or its own."""
    rows = Member.objects.filter(pk__in=members).order_by()
    return dict(rows.values_list("pk", Coalesce(F("merged_into"), F("pk"))))
