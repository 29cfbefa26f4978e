"""A small shop for tests, opened and run by the services: people, goods, a plan, orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from catalog.models import Category, Product, Sku
from commissions.models import Commission, Plan, Rule
from commissions.services import draft, publish, release_unfrozen, settle
from distribution.models import Application, Distributor, Source
from distribution.services import ReferralResult, enrol, refer
from events.models import Reference
from ledger.chart import Asset, Kind
from ledger.models import Account
from members.models import Identity, Member, User
from orders.intake import IngestionResult, ingest_orders
from orders.models import Order
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot
from tests.cast import CLOCK, NOON, member, staff

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
PLACED = NOON + DAY


def distributor(who: Member, *, at: datetime = NOON) -> Distributor:
    return enrol(member=who, route=Application.Route.STAFF, at=at)


def make_referral(referrer: Member, who: Member, *, at: datetime = NOON) -> ReferralResult:
    return refer(
        member=who, referrer=referrer, source=Source.SHARE, at=at,
        evidence=Reference("sharing.visit", "v1"),
    )  # fmt: skip


def referral_chain(*names: str) -> list[Member]:
    """Each refers the next; all but the last are distributors."""
    people = [member(name) for name in names]
    for one in people[:-1]:
        distributor(one)
    for upper, lower in pairwise(people):
        assert make_referral(upper, lower).outcome == "bound"
    return people


def sku(code: str = "mask", *, price: int = 10_990, cost: int | None = 4_200,
        category: str = "beauty") -> Sku:  # fmt: skip
    shelf = Category.objects.filter(code=category).first() or Category.objects.create(
        code=category, name=category
    )
    product = Product.objects.create(name=code, category=shelf)
    return Sku.objects.create(product=product, code=code, price=price, cost=cost)


def open_shop() -> Member:
    """Return Bo, a buyer: Mei referred Lan, and Lan referred Bo. Masks pay 10 % and 5 %."""
    sku()
    plan()
    return referral_chain("Mei", "Lan", "Bo")[-1]


def editor(name: str = "editor") -> User:
    return staff(name)


def plan(*rules: Rule, at: datetime = NOON, **terms: Any) -> Plan:
    """Publish a plan; without ``rules`` it pays 10 % and 5 % for everything."""
    made = draft(name="Plan", by=editor(), at=at, rules=rules or [rule()], **terms)
    publish(plan=made, by=editor("publisher"), at=at)
    return made


def rule(tier1: int | None = 1_000, tier2: int | None = 500, **fields: Any) -> Rule:
    """Return a rule for the whole store, in basis points; ``fields`` override its values."""
    return Rule(**{"layer": "store", "tier1": tier1, "tier2": tier2, **fields})


def order(
    buyer: Member,
    *lines: LineSnapshot,
    number: str = "O-1",
    placed_at: datetime = PLACED,
    paid: bool = True,
    received: bool = False,
    **facts: Any,
) -> OrderSnapshot:
    """Return an order, by default of one mask and paid a minute after it was placed."""
    times: dict[str, Any] = {}
    if paid:
        times["paid_at"] = placed_at + timedelta(minutes=1)
    if received:
        times["received_at"] = placed_at + 3 * DAY
    return OrderSnapshot(
        number=number,
        buyer=buyer.identities.get(provider=Identity.Provider.MALL).external_id,
        placed_at=placed_at,
        lines=lines or (line(),),
        **{**times, **facts},
    )


def line(sku: str = "mask", *, number: int = 1, quantity: int = 1, price: int = 10_990,
         **fields: Any) -> LineSnapshot:  # fmt: skip
    return LineSnapshot(number=number, sku=sku, quantity=quantity, unit_price=price, **fields)


def refund(
    amount: int,
    *,
    quantity: int = 0,
    number: str = "R-1",
    line: int = 1,
    at: datetime = PLACED + 4 * DAY,
    done: bool = True,
    **fields: Any,
) -> RefundSnapshot:
    """Return a refund, by default approved and done at ``at``."""
    times = {"approved_at": at, "done_at": at} if done else {}
    return RefundSnapshot(
        number=number,
        line=line,
        quantity=quantity,
        amount=amount,
        requested_at=at,
        **{**times, **fields},
    )


def ingest(*facts: OrderSnapshot, at: datetime = PLACED) -> list[IngestionResult]:
    """Ingest orders; raise the error of the first that is refused."""
    outcomes = ingest_orders(facts, at=at, clock=CLOCK)
    for outcome in outcomes:
        if outcome.error:
            raise outcome.error
    return outcomes


def with_refund(facts: OrderSnapshot, *refunds: RefundSnapshot) -> OrderSnapshot:
    return replace(facts, refunds=(*facts.refunds, *refunds))


def settle_all(*, at: datetime) -> int:
    """Do what the periodic task does, until nothing is left; return how many left the queue."""
    done = 0
    while release_unfrozen():
        pass
    while some := settle(at=at):
        done += some
    return done


def commissions(number: str = "O-1") -> list[tuple[int, int, str, int, int, str]]:
    """Return (line, tier, nickname, original fen, current fen, state) of each commission."""
    rows = Commission.objects.filter(line__order__number=number).select_related(
        "distributor__member", "line"
    )
    return [
        (one.line.number, one.tier, one.distributor.member.nickname, one.original, one.current,
         one.state)
        for one in rows.order_by("line__number", "tier")
    ]  # fmt: skip


def wallet_balance(who: Member, asset: Asset = Asset.CASH, kind: Kind = Kind.WALLET) -> int:
    kept = Account.objects.filter(member=who, asset=asset, kind=kind)
    return kept.values_list("balance", flat=True).first() or 0


def get_order(number: str = "O-1") -> Order:
    return Order.objects.get(number=number)
