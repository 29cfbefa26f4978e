"""Compute what members are due in a period of an incentive, from their contributions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q

from incentives.metrics import Counted
from incentives.metrics.commissions import commissions_of
from incentives.models import Policy, Reward, Version
from incentives.models.incentive import Metric
from incentives.rewards import (
    BASIS_POINTS,
    WHOLE_PERIOD,
    Target,
    basis_of_contribution,
    targets_for,
)
from incentives.runs import rewards_of
from incentives.services.contributions import Place


@dataclass(frozen=True, slots=True)
class Due:
    """All that a member is due in a period of an incentive: what is not in it, ends.

    ``limits``: by basis of a step, how much its awards in money may come to, in fen.
    """

    place: Place
    version: Version
    targets: Sequence[Target]
    limits: Mapping[str, int]
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """A contribution, with the version that counts it and its order's commissions, in fen.

    A refund that comes too late to lower what counts does not lower the commissions here, else it
    would leave more room for awards.
    """

    version: int
    counted: Counted
    commissions: int


def targets_at(places: Collection[Place]) -> list[Due]:
    """Return what is due at these places; nothing where ranks or pools decide at the close."""
    rows = contributions_at(places)
    versions = _versions(rows, places)
    rewards = rewards_of(versions)
    most = _most_of_an_order()
    newest = {version.incentive_id: version for version in versions.values()}
    dues = []
    for place in sorted(places):
        if found := rows.get(place):
            dues.append(_due(place, found, versions, rewards, most))
        elif place.incentive in newest:  # what counted here counts elsewhere now
            dues.append(Due(place, newest[place.incentive], [], {}))
    return [due for due in dues if not decided_at_close(due.version)]


def _versions(
    rows: Mapping[Place, Sequence[Counts]], places: Collection[Place]
) -> dict[int, Version]:
    """Return the versions that count at the places, the newest of each incentive last."""
    wanted = {row.version for found in rows.values() for row in found}
    empty = {place.incentive for place in places if place not in rows}
    found = Version.objects.filter(Q(pk__in=wanted) | Q(incentive__in=empty, number__isnull=False))
    return {row.pk: row for row in found.select_related("incentive").order_by("number")}


def decided_at_close(version: Version) -> bool:
    """Return whether awards are decided by ``services.closing`` alone."""
    return version.reach == Version.Reach.RANK or version.metric == Metric.TEAM_POOL


def limits_at(places: Collection[Place]) -> dict[Place, dict[str, int]]:
    """Return by basis how much the awards in money at each place may come to, in fen."""
    most = _most_of_an_order()
    return {place: _limits(rows, most) for place, rows in contributions_at(places).items()}


def contributions_at(places: Collection[Place]) -> dict[Place, list[Counts]]:
    """Return the contributions of members in a period, and those about them as friends."""
    found: dict[Place, list[Counts]] = defaultdict(list)
    if not places:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_CONTRIBUTIONS, [list(column) for column in zip(*places, strict=True)])
        fetched = cursor.fetchall()
    refunded_late = {(row[2], row[5]) for row in fetched if row[4]}
    unrefunded = commissions_of(refunded_late)
    for incentive, place_member, version, commissions, is_late, *row in fetched:
        counted = Counted(*row)
        place = Place(incentive, place_member, counted.period_start)
        borne = unrefunded[version, row[0]] if is_late else commissions
        found[place].append(Counts(version, counted, borne))
    return found


def _due(
    place: Place,
    rows: Sequence[Counts],
    versions: Mapping[int, Version],
    rewards: Mapping[int, Sequence[Reward]],
    most: int,
) -> Due:
    """Return what is due at a place; the newest of several versions stands for new awards."""
    by_version: dict[int, list[Counted]] = defaultdict(list)
    for row in rows:
        by_version[row.version].append(row.counted)
    targets = [
        target
        for key, counted in by_version.items()
        for target in _targets(place, versions[key], rewards[key], counted)
    ]
    return Due(place, versions[max(by_version)], targets, _limits(rows, most))


def _targets(
    place: Place, version: Version, rewards: Sequence[Reward], rows: Sequence[Counted]
) -> Iterator[Target]:
    sides: tuple[tuple[str, Any], ...] = (
        (Reward.Side.EARNER, lambda row: row.member == place.member),
        (Reward.Side.FRIEND, lambda row: row.subject == place.member),
    )
    for side, concerns in sides:
        own = [row for row in rows if concerns(row)]
        value = sum(row.value for row in own if row.counted)
        yield from targets_for(version, [row for row in rewards if row.side == side], value, own)


def _limits(rows: Sequence[Counts], most: int) -> dict[str, int]:
    """Return how much of what orders paid is left for awards, after commissions.

    Nothing is paid for proofs, and they give no money.
    """
    limits: dict[str, int] = {}
    paid = commissions = 0
    for row in rows:
        counted = row.counted
        if not counted.counted:
            continue
        limits[basis_of_contribution(counted)] = _limit(counted.paid, row.commissions, most)
        paid += counted.paid
        commissions += row.commissions
    return limits | {WHOLE_PERIOD: _limit(paid, commissions, most)}


def _most_of_an_order() -> int:
    return Policy.current().most_of_an_order


def _limit(paid: int, commissions: int, most: int) -> int:
    return max(0, paid * most // BASIS_POINTS - commissions)


# The commissions of the goods that the version counts, and whether refunds after the completion
# may have lowered them alone. Points are no money.
_CONTRIBUTIONS = """
WITH place AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[])
        AS place (incentive, member, period)
)
SELECT counts.incentive_id, counts.place_member, counts.version_id, coalesce((
        SELECT sum(commission.current)
        FROM orders_orderline AS line
        JOIN commissions_commission AS commission ON commission.line_id = line.id
        WHERE line.order_id = counts.order_id AND commission.asset <> 'points'
            AND (
                version.products = '{}' AND version.categories = '{}'
                OR line.product_id = ANY (version.products)
                OR line.categories && version.categories
            )
    ), 0)::bigint,
    NOT version.takes_back_after_close AND EXISTS (
        SELECT FROM orders_orderline AS line
        JOIN orders_refund AS refund ON refund.line_id = line.id
        WHERE line.order_id = counts.order_id AND refund.done_at >= counts.counted_at
            AND refund.kind <> 'exchange'
    ),
    counts.order_id, counts.proof_id, counts.member_id, counts.subject_id, counts.value,
    counts.paid, counts.counted, counts.happened_at, counts.counted_at, counts.period_start
FROM (
    SELECT place.member AS place_member, counts.* FROM place
    JOIN incentives_contribution AS counts ON counts.incentive_id = place.incentive
        AND counts.member_id = place.member AND counts.period_start = place.period
    UNION ALL
    SELECT place.member AS place_member, counts.* FROM place
    JOIN incentives_contribution AS counts ON counts.incentive_id = place.incentive
        AND counts.subject_id = place.member AND counts.period_start = place.period
) AS counts
JOIN incentives_version AS version ON version.id = counts.version_id
ORDER BY counts.id
"""
