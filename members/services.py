"""Create members at their first contact."""

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
    """Return the member with this identity; create the member if there is none.

    :returns: the member, and whether it was created. An existing member is not changed.
    """
    members = Member.objects.all().with_identity(provider, external_id)
    try:
        with transaction.atomic():
            if member := members.first():
                return member, False
            member = Member.objects.create(
                nickname=nickname, province=province, city=city, joined_at=at
            )
            Identity.objects.create(member=member, provider=provider, external_id=external_id)
    except IntegrityError:  # a concurrent transaction created the same member
        return members.get(), False
    record(MEMBERS_JOINED, member, at=at, by=member, provider=provider)
    return member, True


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person who may be new: the external id and the time of joining at the provider."""

    external_id: str
    joined_at: datetime
    nickname: str = ""
    province: str = ""
    city: str = ""


def get_or_create_member_ids(
    provider: Identity.Provider, people: Sequence[Newcomer]
) -> dict[str, int]:
    """Return member primary keys by external id; create missing members."""
    with connection.cursor() as cursor:
        cursor.execute(_MEMBER_IDS_SQL, [provider, [person.external_id for person in people]])
        ids: dict[str, int] = dict(cursor.fetchall())
    new = [person for person in people if person.external_id not in ids]
    if new:
        ids |= {name: member.pk for name, member in join_many(provider, new).items()}
    return ids


_MEMBER_IDS_SQL = """
SELECT external_id, member_id FROM members_identity
WHERE provider = %s AND external_id = ANY (%s)
"""


@transaction.atomic(savepoint=False)
def join_many(provider: Identity.Provider, newcomers: Iterable[Newcomer]) -> dict[str, Member]:
    """Run ``join`` for many people, in a constant number of queries.

    :returns: the members by external id. Existing members are not changed.
    """
    people: dict[str, Newcomer] = {}
    for person in sorted(newcomers, key=lambda person: (person.external_id, person.joined_at)):
        people.setdefault(person.external_id, person)
    existing = _existing_members(provider, people)
    new = [person for person in people.values() if person.external_id not in existing]
    if not new:
        return existing
    members = [
        Member(
            nickname=person.nickname,
            province=person.province,
            city=person.city,
            joined_at=person.joined_at,
        )
        for person in new
    ]
    try:
        with transaction.atomic():
            Member.objects.bulk_create(members)
            Identity.objects.bulk_create(
                Identity(member=member, provider=provider, external_id=person.external_id)
                for member, person in zip(members, new, strict=True)
            )
    except IntegrityError:  # a concurrent transaction created some of them
        return join_many(provider, people.values())
    first = min(person.joined_at for person in new)
    record(MEMBERS_JOINED, members, at=first, provider=provider)
    created = {person.external_id: member for person, member in zip(new, members, strict=True)}
    return existing | created


def _existing_members(provider: Identity.Provider, ids: Iterable[str]) -> dict[str, Member]:
    identities = Identity.objects.filter(provider=provider, external_id__in=list(ids))
    return {row.external_id: row.member for row in identities.select_related("member")}
