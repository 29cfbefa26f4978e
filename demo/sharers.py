"""Let the demo's distributors share goods, and people open what they share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from catalog.models import Product
from demo.crowd import Crowd
from sharing.models import Share
from sharing.services import open_share, record_visit
from sharing.targets import Target

CHANNELS = (
    Share.Channel.CHAT, Share.Channel.CHAT, Share.Channel.MOMENTS, Share.Channel.GROUP,
    Share.Channel.XIAOHONGSHU, Share.Channel.WEIBO,
)  # fmt: skip
SHARES_A_WEEK = 6
VISITS_A_WEEK, VISITS_LATELY = 4, 60
LATELY = timedelta(weeks=10)
SIGNED_IN = 0.2
WEEK_IN_MINUTES = 7 * 24 * 60
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"


def share_and_visit(
    crowd: Crowd, goods: Sequence[Product], *, dice: Random, start: datetime, now: datetime
) -> None:
    """Play a week from ``start``: some distributors share, and some people look."""
    for _ in range(SHARES_A_WEEK if crowd.distributors else 0):
        sharer, product = dice.choice(crowd.distributors), dice.choice(goods)
        share, _is_new = open_share(
            member=sharer, target=Target("product", product.public_id),
            channel=dice.choice(CHANNELS), at=min(start + _some_time(dice), now),
        )  # fmt: skip
        crowd.shares.setdefault(sharer.pk, []).append(share)
    opened = [share for shares in crowd.shares.values() for share in shares]
    visits = VISITS_LATELY if start > now - LATELY else VISITS_A_WEEK
    for share in dice.choices(opened, k=visits) if opened else ():
        seen_at = min(max(share.created_at, start) + _some_time(dice) / 2, now)
        visitor = dice.choice(crowd.members) if dice.random() < SIGNED_IN else None
        record_visit(code=share.code, member=visitor, user_agent=PHONE, at=seen_at)


def share_behind(crowd: Crowd, buyer: int, *, dice: Random) -> str:
    """Return the code of a share of the buyer's upline; empty if there is none."""
    upline = crowd.uplines.get(buyer)
    shares = crowd.shares.get(upline, ()) if upline else ()
    return dice.choice(shares).code if shares else ""


def _some_time(dice: Random) -> timedelta:
    return timedelta(minutes=dice.randrange(WEEK_IN_MINUTES))
