"""The mall's own data about members, for those whom they are about."""

from __future__ import annotations

from typing import Any

from integration.models import MemberMetadata
from members.models import Member


def metadata_of(member: Member) -> list[Any]:
    """Return what the mall keeps here about a member, for the export."""
    return list(_rows(member).order_by("pk").values_list("data", flat=True))


def forget_metadata(member: Member) -> None:
    """Delete what the mall keeps here about a member, because the account is closed."""
    _rows(member).delete()


def _rows(member: Member) -> Any:
    persons = Member.objects.of_person(member.pk)
    return MemberMetadata.objects.filter(identity__member__in=persons)
