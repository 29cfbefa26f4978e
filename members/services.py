"""Create members at their first contact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from common.locks import advisory_lock
from events.services import record
from members.events import MEMBERS_DUPLICATE_FOUND, MEMBERS_JOINED
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


@transaction.atomic
def join_person(
    identities: Mapping[Identity.Provider, str], *, at: datetime
) -> tuple[Member, bool]:
    """Return the member with these identities; create the member if there is none.

    Identities that are new are added to the member. If they belong to two members, the first one
    counts and an event names the other: a person decides whether to merge them.

    :param identities: external ids by provider, the most certain one first
    :returns: the member, and whether it was created
    """
    advisory_lock(*(f"identity:{provider}:{name}" for provider, name in identities.items()))
    owners = _owners(identities)
    try:
        with transaction.atomic():
            member = next(iter(owners.values()), None)
            created = member is None
            if member is None:
                member = Member.objects.create(joined_at=at)
            Identity.objects.bulk_create(
                Identity(member=member, provider=provider, external_id=name)
                for provider, name in identities.items()
                if provider not in owners
            )
    except IntegrityError:  # a mall told the same identity at the same moment
        return join_person(identities, at=at)
    if created:
        record(MEMBERS_JOINED, member, at=at, by=member, provider=str(next(iter(identities))))
    for other in {*owners.values()} - {member}:
        record(MEMBERS_DUPLICATE_FOUND, member, at=at, other=other.public_id)
    return member, created


def _owners(identities: Mapping[Identity.Provider, str]) -> dict[str, Member]:
    """Return the members that have these identities, by provider in the same order."""
    owners = {}
    for provider, name in identities.items():
        rows = Identity.objects.filter(provider=provider, external_id=name)
        if row := rows.select_related("member__merged_into").first():
            owners[str(provider)] = row.member.merged_into or row.member
    return owners


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
