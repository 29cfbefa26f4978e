"""Follow merges: under which member a person goes on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection
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


def hold_survivors(members: Collection[int]) -> dict[int, int]:
    """Keep the survivors of members from being merged or closed until the transaction ends.

    :returns: the keys as ``survivor_keys`` does
    """
    held: dict[int, int] = {}
    # A merge that this has waited for has another survivor.
    while held != (now := survivor_keys(members)):
        held = now
        hold_rows(held.values())
    return held


def hold_rows(members: Collection[int]) -> dict[int, datetime | None]:
    """Keep members as they are until the transaction ends; many may do so at once.

    :returns: by key when the account was closed
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, closed_at FROM members_member WHERE id = ANY (%s) ORDER BY id FOR SHARE",
            [sorted(set(members))],
        )
        return dict(cursor.fetchall())
