"""Decide for whom a version counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from distribution.queries import upline_chains
from incentives.metrics.facts import Seller
from incentives.models import Version
from incentives.models.incentive import Audience

AsOf = tuple[int, datetime]


def includes_seller(version: Version, seller: Seller) -> bool:
    """Return whether a distributor belonged to the audience when the order was placed."""
    if version.metric == "team_pool":
        return True  # the level at the end of the month decides, see ``services.pools``
    return _includes(version, seller)


def included(version: Version, people: Sequence[AsOf]) -> Mapping[AsOf, bool]:
    """Return by member and moment whether the member belonged to the audience then."""
    if version.audience == Audience.EVERYONE:
        return dict.fromkeys(people, True)
    distinct = list(dict.fromkeys(people))
    return {
        row: chain.own is not None
        and _includes(version, Seller(row[0], chain.own.level_id, chain.own.segment_id))
        for row, chain in zip(distinct, upline_chains(distinct), strict=True)
    }


def _includes(version: Version, seller: Seller) -> bool:
    match version.audience:
        case Audience.LEVELS:
            return seller.level in version.levels
        case Audience.SEGMENTS:
            return seller.segment in version.segments
        case _:
            return True
