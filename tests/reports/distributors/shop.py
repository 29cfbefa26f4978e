"""A team for the tests: Mei brought Lan, Ann and Ben; Lan brought Bo, and Bo brought Chen."""

from __future__ import annotations

from distribution.models import Distributor
from members.models import Member
from orders.services import complete
from tests.cast import member
from tests.reports.folding import fold_all
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    distributor,
    ingest,
    line,
    make_referral,
    open_shop,
    order,
    settle_all,
)

LATER = PLACED + 3 * DAY + WEEK


def open_team() -> Distributor:
    """Return Mei; Bo is a distributor, too, so that Chen would be a third tier."""
    bo = open_shop()
    mei = of("Mei")
    for name in ("Ann", "Ben"):
        make_referral(mei.member, member(name))
    distributor(bo)
    make_referral(bo, member("Chen"))
    return mei


def of(name: str) -> Distributor:
    return Distributor.objects.get(member__nickname=name)


def buys(name: str, *, orders: int = 1, price: int = 10_990) -> None:
    """Let a member buy; the orders are received, completed, credited and folded."""
    buyer = Member.objects.get(nickname=name)
    ingest(
        *(
            order(buyer, line(price=price), number=f"{name}-{n}", received=True)
            for n in range(orders)
        )
    )
    while complete(at=LATER):
        pass
    settle_all(at=LATER)
    fold_all()
