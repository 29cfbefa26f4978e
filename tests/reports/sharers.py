"""Members share, visitors open the shares, sign in and buy: through the services alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from catalog.models import Product
from catalog.services import put_on_sale
from members.models import Identity, Member
from members.services import join
from members.sessions.services import open_session
from orders.snapshots import OrderSnapshot
from sharing.models import Share
from sharing.services import VisitResult, open_share, record_visit
from sharing.targets import Target
from tests.cast import NOON, staff
from tests.shop import PLACED, order

BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0"
SHARED = NOON + timedelta(hours=1)
VISITED = NOON + timedelta(hours=2)
JOINED = NOON + timedelta(hours=3)


def a_share(who: str, *, channel: str = "chat", product: str = "mask", template: str = "",
            label: str = "", at: datetime = SHARED) -> Share:  # fmt: skip
    """Return the share of a member for a product."""
    goods = Product.objects.get(name=product)
    if goods.status != Product.Status.ON_SALE:
        put_on_sale(product=goods, by=staff("qian"), at=NOON)
    target = Target("product", goods.public_id)
    share, _created = open_share(
        member=Member.objects.get(nickname=who), target=target, channel=channel, label=label,
        template=template, at=at,
    )  # fmt: skip
    return share


def a_visit(share: Share, *, anonymous_id: str = "", by: Member | None = None,
            at: datetime = VISITED, agent: str = BROWSER) -> VisitResult:  # fmt: skip
    """Return what a visitor gets who opens a share."""
    return record_visit(
        code=share.code, anonymous_id=anonymous_id, member=by, user_agent=agent, at=at
    )


def sign_in(name: str, *, anonymous_id: str = "", share: str = "", at: datetime = JOINED) -> Member:
    """Return the member of this name, who has just signed in, and joined if there was none."""
    member, _created = join(
        provider=Identity.Provider.MALL, external_id=name.lower(), nickname=name, at=at
    )
    open_session(member=member, at=at, anonymous_id=anonymous_id, share=share)
    return member


def order_by_share(buyer: Member, share: Share, **facts: Any) -> OrderSnapshot:
    """Return an order that names a share."""
    return replace(order(buyer, **{"placed_at": PLACED, **facts}), share=share.code)
