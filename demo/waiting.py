"""Leave work in every queue of the demo's back office."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from closing.models import Adjustment
from closing.services import propose_adjustment
from commissions.models import Claim, Rule
from commissions.services import draft, open_claim, submit
from demo import crowd_withdrawals
from demo.crowd import Crowd
from demo.names import STATEMENTS
from distribution.services import apply
from events.models import Reference
from integration.merges import propose_merge
from ledger.chart import Asset
from members.models import Member, User
from orders.snapshots import OrderSnapshot
from risk.services import open_case
from withdrawals.services import approve_as_operations

HOUR = timedelta(hours=1)
ADMIN = "admin"
APPLICANTS, REQUESTS, APPROVED_ONCE = 8, 9, 4
CLAIMS = [
    (Claim.Reason.MISSING, "朋友上周用我的链接下单了，没有看到佣金"),
    (Claim.Reason.AMOUNT, "这单有两件商品，佣金好像只算了一件"),
    (Claim.Reason.TAKEN_BACK, "客户说没有退货，为什么把佣金扣回了？"),
]
CASES = ("同一收货地址 3 个买家，请核实", "一周内 6 单退货，联系分销员了解情况")


def leave_waiting(crowd: Crowd, staff: dict[str, User], *, dice: Random, now: datetime) -> None:
    """Let people apply, ask for money and complain in the last days."""
    _apply(crowd, dice, now)
    _request(crowd, staff, dice, now)
    for number, (reason, text) in enumerate(CLAIMS):
        open_claim(
            member=crowd.distributors[number], reason=reason, text=text,
            order_no=f"D1{number + 5:04}", at=now - (number * 30 + 2) * HOUR,
        )  # fmt: skip
    for number, text in enumerate(CASES, start=4):
        member = crowd.distributors[number]
        subject = Reference("members.member", member.public_id)
        open_case(subject=subject, member=member, by=staff["qian"], at=now - 9 * HOUR, text=text)
    _propose(crowd, staff, now)


def _propose(crowd: Crowd, staff: dict[str, User], now: datetime) -> None:
    """Propose a merge, an adjustment and a plan: another person decides on each."""
    qian = staff["qian"]
    merged, survivor = islice(_buyers(crowd), APPLICANTS, APPLICANTS + 2)
    propose_merge(
        merged=merged,
        survivor=survivor,
        reason="同一手机号，客服已电话核实",
        by=qian,
        at=now - 26 * HOUR,
    )
    propose_adjustment(
        key="demo-adjustment",
        member=crowd.distributors[0],
        asset=Asset.CASH,
        direction=Adjustment.Direction.TO_MEMBER,
        amount=6_600,
        reason="直播活动补贴，运营已核实",
        by=staff[ADMIN],
        at=now - 5 * HOUR,
    )
    rules = [Rule(layer="store", tier1=1_200, tier2=500)]
    plan = draft(name="双十二方案", by=qian, at=now - 3 * HOUR, rules=rules)
    submit(plan=plan, by=qian, at=now - 2 * HOUR, note="双十二预热，请周五前发布")


def changed_after_payment(order: OrderSnapshot) -> OrderSnapshot:
    """Return a paid order as a mall reports it that has changed its price: a conflict."""
    line = order.lines[0]
    return replace(order, lines=(replace(line, unit_price=line.unit_price - 500), *order.lines[1:]))


def _apply(crowd: Crowd, dice: Random, now: datetime) -> None:
    for number, member in enumerate(_buyers(crowd)):
        if number == APPLICANTS:
            break
        apply(member=member, at=now - (number * 7 + 1) * HOUR, statement=dice.choice(STATEMENTS))


def _request(crowd: Crowd, staff: dict[str, User], dice: Random, now: datetime) -> None:
    asked = 0
    for member in crowd.distributors:
        at = now - (asked * 5 + 1) * HOUR
        withdrawal = crowd_withdrawals.request(member, dice=dice, at=at)
        if withdrawal is None:
            continue
        asked += 1
        if asked <= APPROVED_ONCE:
            approve_as_operations(withdrawal=withdrawal, by=staff["qian"], at=at + HOUR / 2)
        if asked == REQUESTS:
            break


def _buyers(crowd: Crowd) -> Iterator[Member]:
    distributing = {member.pk for member in crowd.distributors}
    return (member for member in reversed(crowd.members) if member.pk not in distributing)
