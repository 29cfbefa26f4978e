"""After any history of shares, visits and orders, the figures equal a naive count of the rows."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from commissions.models import Commission
from orders.models import Order, OrderShare
from reports.folding.shares import fold_shares
from reports.models import ShareFigures
from reports.periods import LIFE
from reports.services import differences
from reports.shares import share_report
from sharing.models import Share, Visit
from tests.cast import member
from tests.reports.folding import fold_all
from tests.reports.sharers import SHARED, VISITED, a_share, a_visit, order_by_share, sign_in
from tests.shop import DAY, PLACED, WEEK, ingest, open_shop, order, refund, settle_all, with_refund

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.one_transaction]
STEPS = 60


class History:
    """A random run of the services, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._choose = random.Random(seed)
        self._anonymous: list[str] = []
        self._facts: list[Any] = []
        self._people = [open_shop(), member("Chen")]
        self._shares = [a_share("Lan"), a_share("Mei", channel="weibo"), a_share("Chen")]

    def run(self) -> None:
        steps = [self.share, self.visit, self.visit, self.visit, self.sign_in, self.sign_in,
                 self.buy, self.buy, self.pay, self.give_back, self.settle, self.fold]  # fmt: skip
        for number in range(STEPS):
            self._choose.choice(steps)(number)

    def share(self, number: int) -> None:
        channel = self._choose.choice(["chat", "qq", "poster"])
        template = self._choose.choice(["", "tpl-1", "tpl-2"]) if channel == "poster" else ""
        who = self._choose.choice(["Lan", "Mei", "Chen"])
        self._shares.append(a_share(who, channel=channel, template=template, at=self._at(SHARED)))

    def visit(self, number: int) -> None:
        known = self._choose.choice(["", *self._anonymous])
        by = self._choose.choice([None, None, *self._people])
        seen = a_visit(self._any_share(), anonymous_id=known, by=by, at=self._at(VISITED))
        self._anonymous.append(seen.anonymous_id)

    def sign_in(self, number: int) -> None:
        known = self._choose.choice(["", *self._anonymous])
        share = self._choose.choice(["", self._any_share().code])
        at = self._at(VISITED + DAY)
        self._people.append(sign_in(f"Hua {number}", anonymous_id=known, share=share, at=at))

    def buy(self, number: int) -> None:
        buyer, placed_at = self._choose.choice(self._people), self._at(PLACED)
        paid = self._choose.random() < 0.6
        facts = {"number": f"O-{number}", "placed_at": placed_at, "paid": paid}
        by_share = self._choose.random() < 0.5
        placed = order_by_share(buyer, self._any_share(), **facts) if by_share else order(
            buyer, **facts
        )  # fmt: skip
        self._facts.append(placed)
        ingest(placed, at=placed_at)

    def pay(self, number: int) -> None:
        self._tell(lambda facts: {"paid_at": facts.paid_at or facts.placed_at + DAY})

    def give_back(self, number: int) -> None:
        self._tell(
            lambda facts: {
                "paid_at": facts.paid_at or facts.placed_at + DAY,
                "received_at": facts.received_at or facts.placed_at + 3 * DAY,
            },
            lambda facts: with_refund(
                facts,
                refund(self._choose.randrange(1, 3_000), number=f"R-{number}",
                       at=facts.placed_at + 8 * DAY),
            ),
        )  # fmt: skip

    def settle(self, number: int) -> None:
        settle_all(at=PLACED + 2 * WEEK + number * DAY)

    def fold(self, number: int) -> None:
        fold_shares(limit=self._choose.randrange(1, 30))

    def _tell(self, times: Any, then: Any = lambda facts: facts) -> None:
        from dataclasses import replace  # noqa: PLC0415

        if not self._facts:
            return
        place = self._choose.randrange(len(self._facts))
        facts = self._facts[place]
        self._facts[place] = then(replace(facts, **times(facts)))
        ingest(self._facts[place], at=PLACED + 2 * WEEK)

    def _any_share(self) -> Share:
        return self._choose.choice(self._shares)

    def _at(self, start: Any) -> Any:
        return start + timedelta(hours=self._choose.randrange(60))


def naive(share: Share) -> dict[str, int]:
    """Count the results of a share, one row after the other."""
    found: Counter[str] = Counter(shares=1, visits=Visit.objects.filter(share=share).count())
    found["new_members"] = Visit.objects.filter(share=share, is_new_member=True).count()
    for row in OrderShare.objects.filter(share=share).select_related("order"):
        if not row.order.paid_at:
            continue
        found["orders"] += 1
        for line in row.order.lines.all():
            found["sales"] += line.remaining_paid
            for earned in Commission.objects.filter(line=line, asset="cash"):
                found["commission"] += earned.current
                if earned.distributor.member_id == share.member_id:
                    found["earned"] += earned.current
    return dict(found)


@pytest.mark.parametrize("seed", range(6))
def test_figures_equal_a_naive_count(seed: int) -> None:
    History(seed).run()

    for share in Share.objects.all():
        life = share_report(share, first=PLACED.date(), last=PLACED.date()).life
        expected = naive(share)
        assert {name: getattr(life, name) for name in expected} == expected
    assert differences() == []
    fold_all()
    assert differences() == []
    total = sum(row.visits for row in ShareFigures.objects.filter(kind="channel", day=LIFE))
    assert total == Visit.objects.count() > 0
    assert OrderShare.objects.count() > 0
    assert Order.objects.filter(paid_at=None).exists() or seed
