"""Export a member's shares and visits, and delete their personal parts with the account."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import CharField, F
from django.db.models.functions import Cast

from common import clock
from members.models import Member
from sharing.models import HomePage, Share, Visit


def shares_of(member: Member) -> list[dict[str, Any]]:
    """Return the shares of a person."""
    return [
        {
            "code": row.code,
            "target": {"kind": row.target_kind, "id": row.target_id},
            "channel": row.channel,
            "label": row.label,
            "created_at": _moment(row.created_at),
        }
        for row in Share.objects.of_person(member).order_by("pk")
    ]


def visits_of(member: Member) -> list[dict[str, Any]]:
    """Return the visits of a person, with the traces that are not deleted yet."""
    rows = Visit.objects.of_person(member).select_related("share").order_by("pk")
    return [
        {
            "id": row.public_id,
            "share": row.share.code,
            "at": _moment(row.at),
            "pages": row.pages,
            "ip": row.ip or "",
            "user_agent": row.user_agent,
        }
        for row in rows
    ]


def home_of(member: Member) -> list[dict[str, Any]]:
    """Return the home pages of a person."""
    homes = HomePage.objects.filter(distributor__member__in=_persons(member)).order_by("pk")
    return [
        {
            "line": home.line,
            "products": [row.product.name for row in home.products.select_related("product")],
        }
        for home in homes
    ]


def forget(member: Member) -> None:
    """Delete what a person wrote and the traces of their visits; counts and bindings stay."""
    Visit.objects.filter(member__in=_persons(member)).update(ip=None, user_agent="", pages=[])
    # Still unique among the shares of one target.
    labelled = Share.objects.filter(member__in=_persons(member)).exclude(label="")
    labelled.update(label=Cast(F("pk"), CharField()))
    for home in HomePage.objects.filter(distributor__member__in=_persons(member)):
        home.products.all().delete()
        home.line = ""
        home.save(update_fields=["line"])


def _persons(member: Member) -> Any:
    return Member.objects.of_person(member.pk)


def _moment(at: datetime) -> str:
    return at.astimezone(clock.SHANGHAI).isoformat()
