"""Compute what members are due in a period of an incentive, from their contributions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from incentives.metrics import Counted
from incentives.models import Contribution, Policy, Reward, Version
from incentives.rewards import (
    WHOLE_PERIOD,
    Target,
    basis_keys,
    basis_of_contribution,
    targets_for,
)
from incentives.runs import rewards_of
from incentives.services.order_shares import counted_of, left_for_awards
from incentives.services.totals import Place, Sums, Touched, places_of, sums_at


@dataclass(frozen=True, slots=True)
class Due:
    """All that a member is due at a place; an award without a target here ends.

    ``limits``: by basis of a step, how much its awards in money may come to, in fen. ``bases``: if
    given, only awards of these bases are concerned; None: all of the place.
    """

    place: Place
    version: Version
    targets: Sequence[Target]
    limits: Mapping[str, int]
    waiting: bool = False
    bases: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class CountedShare:
    """A contribution, with the version that counts it and what is left for its awards, in fen."""

    version: int
    counted: Counted
    room: int
    friend_room: int


def targets_at(places: Collection[Place], touched: Touched) -> list[Due]:
    """Return what is due at these places; nothing where ranks or pools decide at the close.

    What is due for a whole period follows from its sums; what each order gives is read for those
    that are touched. So nothing grows with the orders of the period, unless the terms give only
    so many times: then all orders are compared.

    :param touched: the bases that changed at a place; without an entry all of it is read
    """
    versions = _versions_at(places)
    open_places = {place for place in places if not versions[place].is_decided_at_close}
    each = {place for place in open_places if versions[place].reach == Version.Reach.EACH}
    dues = [
        *_due_for_each({place: versions[place] for place in each}, touched),
        *_due_for_sums({place: versions[place] for place in open_places - each}),
    ]
    return sorted(dues, key=lambda due: due.place)


def _due_for_sums(versions: Mapping[Place, Version]) -> Iterator[Due]:
    """Yield what is due for whole periods, each with the version that counts it."""
    if not versions:
        return
    sums = sums_at(versions)
    rewards = rewards_of({version.pk for version in versions.values()})
    for place, version in versions.items():
        found = sums.get(place, Sums())
        earner = [row for row in rewards[version.pk] if row.side == Reward.Side.EARNER]
        targets = targets_for(version, earner, found.value, ())
        yield Due(place, version, targets, {WHOLE_PERIOD: found.room})


def _due_for_each(versions: Mapping[Place, Version], touched: Touched) -> Iterator[Due]:
    """Yield what each order, friend or proof gives; in a day, several versions may count."""
    if not versions:
        return
    some = _read_partly(versions, touched)
    rows = _contributions_at(versions.keys() - some.keys()) | _contributions_of(some)
    counting = {row.version for found in rows.values() for row in found}
    by_key = Version.objects.select_related("incentive").in_bulk(counting)
    rewards = rewards_of(counting)
    for place, newest in versions.items():
        found = rows.get(place, [])
        by_version: dict[int, list[Counted]] = defaultdict(list)
        for row in found:
            by_version[row.version].append(row.counted)
        targets = [
            target
            for key, counted in by_version.items()
            for target in _targets(place, by_key[key], rewards[key], counted)
        ]
        # An incentive has one draft at a time, so its newest version has the highest key.
        version = by_key[max(by_version)] if found else newest
        yield Due(place, version, targets, _limits(place, found), bases=some.get(place))


def _read_partly(versions: Mapping[Place, Version], touched: Touched) -> Touched:
    """Return the touched bases of places whose other orders need not be compared with them."""
    compared = _all_compared({version.incentive_id for version in versions.values()})
    return {
        place: touched[place]
        for place in versions
        if place in touched and place.incentive not in compared
    }


def _all_compared(incentives: Collection[int]) -> set[int]:
    """Return the incentives with a version that gives only so many times."""
    rows = Version.objects.published().filter(incentive__in=incentives)
    limited = rows.filter(most_per_member__isnull=False).order_by()
    return set(limited.values_list("incentive", flat=True))


def _versions_at(places: Collection[Place]) -> dict[Place, Version]:
    """Return the version that counts at each place: that of its contributions, else the newest.

    All contributions of a period longer than a day have the same.
    """
    if not places:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, [list(column) for column in zip(*places, strict=True)])
        keys = {Place(*place): version for *place, version in cursor.fetchall()}
    versions = Version.objects.select_related("incentive").in_bulk(set(keys.values()))
    return {place: versions[key] for place, key in keys.items()}


def limits_at(places: Collection[Place]) -> dict[Place, dict[str, int]]:
    """Return how much prizes and shares of pools may come to, in fen, by place.

    No single order raises them; all orders of the period together must leave that much after
    commissions.
    """
    if not places:
        return {}
    most = Policy.current().most_of_an_order
    return {
        place: {WHOLE_PERIOD: left_for_awards(sums.paid, sums.commissions, most)}
        for place, sums in sums_at(places).items()
    }


def _contributions_at(places: Collection[Place]) -> dict[Place, list[CountedShare]]:
    """Return all contributions of members in a period, and those about them as friends."""
    if not places:
        return {}
    columns = [list(column) for column in zip(*places, strict=True)]
    wanted = set(places)
    at_places = RawSQL(_CONTRIBUTIONS, columns)  # noqa: S611  # no text from outside is in it
    rows = Contribution.objects.filter(pk__in=at_places).order_by("pk")
    return _by_place(rows, lambda place, _basis: place in wanted)


def _contributions_of(touched: Touched) -> dict[Place, list[CountedShare]]:
    """Return the contributions that reach something by one of the touched bases."""
    if not touched:
        return {}
    keys = basis_keys({basis for bases in touched.values() for basis in bases})
    rows = Contribution.objects.filter(
        Q(order__in=keys["order"]) | Q(subject__in=keys["friend"]) | Q(proof__in=keys["proof"]),
        incentive__in={place.incentive for place in touched},
    ).order_by("pk")
    return _by_place(rows, lambda place, basis: basis in touched.get(place, ()))


def _by_place(
    rows: Iterable[Contribution], is_wanted: Callable[[Place, str], bool]
) -> dict[Place, list[CountedShare]]:
    """Sort contributions by the places where they count."""
    found: dict[Place, list[CountedShare]] = defaultdict(list)
    for row in rows:
        share = _share_of(row)
        basis = basis_of_contribution(share.counted)
        for place in places_of(row):
            if is_wanted(place, basis):
                found[place].append(share)
    return found


def _share_of(row: Contribution) -> CountedShare:
    return CountedShare(row.version_id, counted_of(row), row.room, row.friend_room)


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


def _limits(place: Place, rows: Sequence[CountedShare]) -> dict[str, int]:
    """Return how much of each order is left for these awards, after commissions and others.

    Nothing is paid for proofs, and they give no money.
    """
    return {
        basis_of_contribution(row.counted): (
            row.room if row.counted.member == place.member else row.friend_room
        )
        for row in rows
        if row.counted.counted
    }


_VERSIONS = """
SELECT place.incentive, place.member, place.period, coalesce(
    (
        SELECT version_id FROM incentives_contribution AS counts
        WHERE counts.incentive_id = place.incentive AND counts.member_id = place.member
            AND counts.period_start = place.period LIMIT 1
    ), (
        SELECT version_id FROM incentives_contribution AS counts
        WHERE counts.incentive_id = place.incentive AND counts.subject_id = place.member
            AND counts.period_start = place.period LIMIT 1
    ), (
        SELECT id FROM incentives_version AS version
        WHERE version.incentive_id = place.incentive AND version.number IS NOT NULL
        ORDER BY version.number DESC LIMIT 1
    ))
FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS place (incentive, member, period)
"""
_CONTRIBUTIONS = """
WITH place AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[])
        AS place (incentive, member, period)
)
SELECT counts.id
FROM place JOIN incentives_contribution AS counts ON counts.incentive_id = place.incentive
    AND counts.period_start = place.period AND counts.member_id = place.member
UNION ALL
SELECT counts.id
FROM place JOIN incentives_contribution AS counts ON counts.incentive_id = place.incentive
    AND counts.period_start = place.period AND counts.subject_id = place.member
"""
