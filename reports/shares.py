"""The results of shares: folded figures plus what is not folded yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from members.models import Member
from reports.models import ShareFigures, ShareSums
from reports.periods import LIFE
from reports.rates import rate
from sharing.models import Share

Kind = ShareFigures.Kind


@dataclass(frozen=True, slots=True)
class Funnel:
    """Figures from shares to commissions; amounts in fen, after refunds.

    ``commission`` is the cash of both tiers, ``earned`` the part of the sharer.
    """

    shares: int = 0
    visits: int = 0
    new_members: int = 0
    orders: int = 0
    sales: int = 0
    commission: int = 0
    earned: int = 0

    def __add__(self, other: Funnel) -> Funnel:
        return Funnel(*(getattr(self, name) + getattr(other, name) for name in ShareSums.FIGURES))

    @property
    def conversion(self) -> int:
        """Return the orders for each visit, in basis points."""
        return rate(self.orders, self.visits)


@dataclass(frozen=True, slots=True)
class MemberFunnels:
    """The results of all shares of a person."""

    today: Funnel
    yesterday: Funnel
    month: Funnel
    life: Funnel


@dataclass(frozen=True, slots=True)
class ShareReport:
    """The results of one share: of its whole life, and of each day of a range with any figures."""

    life: Funnel
    days: list[tuple[date, Funnel]]


def share_report(share: Share, *, first: date, last: date) -> ShareReport:
    """Return the figures of a share now, in one query."""
    days: dict[date, Funnel] = defaultdict(Funnel)
    for _key, day, figures in _rows(Kind.SHARE, {share.code: share.pk}, first, last):
        days[day] += figures
    life = days.pop(LIFE, Funnel())
    return ShareReport(
        life, sorted((day, row) for day, row in days.items() if first <= day <= last)
    )


def life_funnels(shares: Collection[Share]) -> dict[int, Funnel]:
    """Return the results of shares in their whole life, by primary key, in one query."""
    funnels = {share.pk: Funnel() for share in shares}
    codes = {share.code: share.pk for share in shares}
    for code, day, figures in _rows(Kind.SHARE, codes, LIFE, LIFE):
        if day == LIFE:
            funnels[codes[code]] += figures
    return funnels


def member_funnels(member: Member, *, today: date) -> MemberFunnels:
    """Return the results of all shares of a person now, in two queries."""
    persons = Member.objects.of_person(member.pk).values_list("pk", flat=True)
    month, yesterday = today.replace(day=1), today - timedelta(days=1)
    days: dict[date, Funnel] = defaultdict(Funnel)
    keys = {str(key): key for key in persons}
    for _key, day, figures in _rows(Kind.MEMBER, keys, min(month, yesterday), today):
        days[day] += figures
    in_month = [row for day, row in days.items() if month <= day <= today]
    return MemberFunnels(days[today], days[yesterday], sum(in_month, Funnel()), days[LIFE])


def _rows(
    kind: str, keys: dict[str, int], first: date, last: date
) -> Iterator[tuple[str, date, Funnel]]:
    """Yield figures by key and day, to be added up; those of the whole life have the day ``LIFE``.

    It is one statement, because a fold between two would be counted twice or not at all. Changes
    that are not folded are yielded for all days, also outside of the range.

    :param keys: the keys of ``ShareFigures``, with the primary keys of the shares or members
    """
    names = ", ".join(ShareSums.FIGURES)
    column = {Kind.SHARE: "share_id", Kind.MEMBER: "member_id"}[Kind(kind)]
    values: dict[str, Any] = {
        "kind": kind, "keys": list(keys), "ids": list(keys.values()), "life": LIFE,
        "first": first, "last": last,
    }  # fmt: skip
    by_id = {key: name for name, key in keys.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT key, NULL, day, {names} FROM reports_sharefigures
            WHERE kind = %(kind)s AND key = ANY (%(keys)s)
                AND (day = %(life)s OR day BETWEEN %(first)s AND %(last)s)
            UNION ALL
            SELECT NULL, {column}, day, {names} FROM reports_sharedelta
            WHERE {column} = ANY (%(ids)s)
            """,
            values,
        )
        rows = cursor.fetchall()
    for key, unfolded, day, *figures in rows:
        row = Funnel(*figures)
        yield key or by_id[unfolded], day, row
        if unfolded is not None:
            yield by_id[unfolded], LIFE, row
