"""Members come in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from events.services import record
from members.events import MEMBERS_JOINED
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
    record(MEMBERS_JOINED, member, at=at, by=member, provider=provider)
    return member, True


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who may be new: their id outside, and since when they are known there."""

    external_id: str
    joined_at: datetime
    nickname: str = ""
    province: str = ""
    city: str = ""


def get_or_create_member_ids(
    provider: Identity.Provider, people: Sequence[Newcomer]
) -> dict[str, int]:
    """The keys of members by their ids outside; whoever is not known yet joins."""
    with connection.cursor() as cursor:
        cursor.execute(_MEMBER_IDS_SQL, [provider, [one.external_id for one in people]])
        known: dict[str, int] = dict(cursor.fetchall())
    new = [one for one in people if one.external_id not in known]
    if new:
        known |= {name: member.pk for name, member in join_many(provider, new).items()}
    return known


_MEMBER_IDS_SQL = """
SELECT external_id, member_id FROM members_identity
WHERE provider = %s AND external_id = ANY (%s)
"""


@transaction.atomic(savepoint=False)
def join_many(provider: Identity.Provider, newcomers: Iterable[Newcomer]) -> dict[str, Member]:
    """``join`` for many at once, in a constant number of queries.

    :returns: the members by their ids outside. Those known stay as they are.
    """
    asked: dict[str, Newcomer] = {}
    for one in sorted(newcomers, key=lambda one: (one.external_id, one.joined_at)):
        asked.setdefault(one.external_id, one)
    found = _existing_members(provider, asked)
    new = [one for one in asked.values() if one.external_id not in found]
    if not new:
        return found
    members = [
        Member(nickname=one.nickname, province=one.province, city=one.city, joined_at=one.joined_at)
        for one in new
    ]
    try:
        with transaction.atomic():
            Member.objects.bulk_create(members)
            Identity.objects.bulk_create(
                Identity(member=member, provider=provider, external_id=one.external_id)
                for member, one in zip(members, new, strict=True)
            )
    except IntegrityError:  # some came in through another door at this moment
        return join_many(provider, asked.values())
    first = min(one.joined_at for one in new)
    record(MEMBERS_JOINED, members, at=first, provider=provider)
    return found | {one.external_id: member for one, member in zip(new, members, strict=True)}


def _existing_members(provider: Identity.Provider, ids: Iterable[str]) -> dict[str, Member]:
    known = Identity.objects.filter(provider=provider, external_id__in=list(ids))
    return {each.external_id: each.member for each in known.select_related("member")}
