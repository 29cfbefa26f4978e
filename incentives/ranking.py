"""Read the ranking of a contest: live until its close, then final.

Its cost does not grow with the participants: the index ``progress_ranking`` has the rows in order,
and nobody is counted beyond ``COUNTED``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, QuerySet

from distribution.rules import masked_name
from incentives.models import PeriodClosing, Progress, Version
from members.models import Member

COUNTED = 1_000
"""Own places beyond are not counted: "more than 1,000 are before you"."""


@dataclass(frozen=True, slots=True)
class RankingRow:
    """A line of a ranking.

    :param rank: equal values share the better place
    :param name: masked
    :param value: fen or pieces, of completed orders
    """

    rank: int
    name: str
    value: int
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """Where a member stands.

    :param rank: None: behind ``COUNTED`` others, or nothing counts yet
    :param coming: of orders that are paid and not completed
    :param missing: to the next better place, at least 1; 0 for the first
    """

    rank: int | None
    value: int
    coming: int
    missing: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """:param is_final: the period is closed: places stay"""

    places: list[RankingRow]
    own: OwnPlace | None
    is_final: bool


def ranking(
    *, version: Version, period_start: date, size: int, of: Member | None = None
) -> Ranking:
    """Return the best places of a period with masked names, and the place of a member.

    :param size: how many lines at most
    :param of: whose own place is returned, too
    """
    rows = _rows(version, period_start)
    columns = "member", "value", "member__nickname", "member__merged_into"
    best = list(_in_order(rows).values_list(*columns)[:size])
    ranks = shared_ranks([value for _, value, *_ in best])
    places = [
        RankingRow(rank, masked_name(name), value, of is not None and of.pk in (member, survivor))
        for rank, (member, value, name, survivor) in zip(ranks, best, strict=True)
    ]
    closings = PeriodClosing.objects.filter(
        incentive=version.incentive_id, period_start=period_start
    )
    own = _own_place(version, period_start, of) if of else None
    return Ranking(places, own, closings.exists())


def shared_ranks(values: list[int]) -> list[int]:
    """Return the place of each value, the best first: equal values share the better place."""
    ranks: list[int] = []
    for place, value in enumerate(values, start=1):
        ranks.append(ranks[-1] if place > 1 and value == values[place - 2] else place)
    return ranks


def _rows(version: Version, period_start: date) -> QuerySet[Progress]:
    return Progress.objects.filter(
        incentive=version.incentive_id, period_start=period_start, value__gt=0
    )


def _in_order(rows: QuerySet[Progress]) -> QuerySet[Progress]:
    return rows.order_by("-value", "member")


def _own_place(version: Version, period_start: date, member: Member) -> OwnPlace:
    # Without an order: a plan that follows it would pass over everybody before the member.
    own = Progress.objects.filter(
        incentive=version.incentive_id, period_start=period_start,
        member__in=Member.objects.of_person(member.pk),
    ).order_by()  # fmt: skip
    progress = max(own, key=lambda row: row.value, default=Progress())
    better = _rows(version, period_start).filter(value__gt=progress.value).order_by("value")
    found = better.values("value")[:COUNTED].aggregate(before=Count("value"), next=Min("value"))
    before, next_value = found["before"], found["next"]
    return OwnPlace(
        rank=before + 1 if progress.value and before < COUNTED else None,
        value=progress.value, coming=progress.coming,
        missing=next_value - progress.value if next_value else 0 if progress.value else 1,
    )  # fmt: skip
