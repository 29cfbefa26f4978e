"""What is known of the members that a file names, read at once and extended row by row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from common.clock import LATEST_TIME
from distribution.models import Binding, Distributor, DistributorPeriod, Referral
from distribution.models.relations import end_of_binding
from integration.member_views import mall_ids
from integration.people import MALL, MemberReport
from members.models import Identity

Person = int | str
"""The key of a member, after a merge of the survivor; of one that only the file has, their id."""
Span = tuple[datetime, datetime | None]
Value = TypeVar("Value")


@dataclass(slots=True)
class KnownMember:
    person: Person
    joined_at: datetime
    nickname: str = ""
    province: str = ""
    city: str = ""
    is_closed: bool = False
    is_distributor: bool = False
    active: list[Span] = field(default_factory=list)
    """When the member was an active distributor."""
    bound: list[Span] = field(default_factory=list)
    """When the member had an upline."""
    referrer: Person | None = None
    referrer_name: str = ""
    referred_at: datetime | None = None


class KnownMembers:
    """Members by their id in the mall, and the uplines above them.

    :param uplines: of each person, the present upline
    """

    def __init__(self, members: dict[str, KnownMember], uplines: dict[Person, Person]) -> None:
        self._members, self._uplines = members, uplines

    def find(self, external_id: str) -> KnownMember | None:
        return self._members.get(external_id)

    def obstacle(self, external_id: str, referrer: KnownMember, at: datetime) -> str:
        """Return why ``refer`` would not bind the member; empty if it would.

        A referrer who is no distributor is remembered and binds nobody, which is no obstacle.
        """
        member = self.find(external_id)
        person = member.person if member else external_id
        if person == referrer.person:
            return "own"
        if not referrer.is_distributor:
            return ""
        if not _covers(referrer.active, at):
            return "not_active"
        if member and _covers(member.bound, at):
            return "has_upline"
        return "circle" if person in self._above(referrer.person) else ""

    def add(self, report: MemberReport, *, at: datetime) -> None:
        """Take a row into account for the rows after it, as if it were saved."""
        joined_at = report.joined_at or at
        member = self._members.setdefault(
            report.external_id, KnownMember(report.external_id, joined_at)
        )
        member.joined_at = min(member.joined_at, joined_at)
        if report.distributor and not member.is_distributor:
            member.is_distributor = True
            member.active.append((joined_at, None))
        referrer = self.find(report.referrer or "")
        if referrer and member.referrer is None:
            member.referrer, member.referrer_name = referrer.person, report.referrer or ""
            member.referred_at = report.bound_at or joined_at
            if referrer.is_distributor:
                self._uplines[member.person] = referrer.person

    def _above(self, person: Person) -> set[Person]:
        above: set[Person] = set()
        while person not in above:
            above.add(person)
            person = self._uplines.get(person, person)
        return above


def read_known_members(names: Iterable[str]) -> KnownMembers:
    """Read members by their ids in the mall, in a number of queries that rows do not raise."""
    identities = Identity.objects.filter(provider=MALL, external_id__in=set(names) - {""})
    rows = list(identities.select_related("member"))
    people = {row.member_id for row in rows}
    # Referrals of the past are those of the member that the id belonged to first.
    firsts = {row.moved_from_id or row.member_id for row in rows}
    distributors = _distributors(people | firsts)
    active, bound = _active(people), _bound(people)
    referrals = {
        row.member_id: row
        for row in Referral.objects.filter(member__in=firsts).select_related("referrer")
    }
    referrer_names = mall_ids([row.referrer_id for row in referrals.values()])
    members: dict[str, KnownMember] = {}
    for row in rows:
        first, person = row.moved_from_id or row.member_id, row.member_id
        known = KnownMember(
            person, row.member.joined_at, row.member.nickname, row.member.province,
            row.member.city, is_closed=row.member.closed_at is not None,
            is_distributor=bool({first, person} & distributors), active=active[person],
            bound=bound[person],
        )  # fmt: skip
        if referral := referrals.get(first):
            known.referrer = referral.referrer.merged_into_id or referral.referrer_id
            known.referrer_name = referrer_names[referral.referrer_id]
            known.referred_at = referral.at
        members[row.external_id] = known
    return KnownMembers(members, _uplines(people))


def _distributors(members: set[int]) -> set[int]:
    rows = Distributor.objects.filter(member__in=members)
    return set(rows.values_list("member", flat=True))


def _active(members: set[int]) -> dict[int, list[Span]]:
    periods = DistributorPeriod.objects.filter(
        distributor__member__in=members, status=Distributor.Status.ACTIVE
    )
    return _spans(periods.values_list("distributor__member", "started_at", "ended_at"))


def _bound(members: set[int]) -> dict[int, list[Span]]:
    bindings = Binding.objects.filter(member__in=members).annotate(end=end_of_binding())
    return _spans(bindings.values_list("member", "started_at", "end"))


def _spans(rows: Iterable[tuple[int, datetime, datetime | None]]) -> dict[int, list[Span]]:
    spans: dict[int, list[Span]] = defaultdict(list)
    for member, start, end in rows:
        spans[member].append((start, end))
    return spans


def _covers(spans: Iterable[Span], at: datetime) -> bool:
    return any(start <= at < (end or LATEST_TIME) for start, end in spans)


def _uplines(members: set[int]) -> dict[Person, Person]:
    """Walk up all chains at once, a query for each step."""
    uplines: dict[Person, Person] = {}
    level = members
    while level:
        rows = Binding.objects.running().filter(member__in=level)
        found = dict(rows.values_list("member", "distributor__member"))
        uplines.update(found.items())
        level = {upline for upline in found.values() if upline not in uplines}
    return uplines
