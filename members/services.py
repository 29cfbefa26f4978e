"""Members come in."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from events.services import happened
from members.models import Identity, Member


@transaction.atomic
def join(
    *,
    provider: Identity.Provider,
    external_id: str,
    at: datetime,
    nickname: str = "",
    province: str = "",
    city: str = "",
) -> tuple[Member, bool]:
    """The member whom ``provider`` knows as ``external_id``; at first sight they are created.

    :returns: the member, and whether they are new. Somebody known stays as they are.
    """
    known = Member.objects.filter(
        identities__provider=provider, identities__external_id=external_id
    )
    try:
        with transaction.atomic():
            if member := known.first():
                return member, False
            member = Member.objects.create(
                nickname=nickname, province=province, city=city, joined_at=at
            )
            Identity.objects.create(member=member, provider=provider, external_id=external_id)
    except IntegrityError:  # the same person came in through another door at this moment
        return known.get(), False
    happened("members.joined", member, at=at, by=member, provider=provider)
    return member, True
