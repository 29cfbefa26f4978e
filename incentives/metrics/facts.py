"""Read what orders, their buyers and their distributors are, as far as incentives count them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from distribution.models import Referral
from incentives.models import Version
from members.models import Member
from orders.models import Attribution, Order, OrderLine, Refund
from risk.models import Hold, RuleName

SAME_PERSON_RULES = (RuleName.SHARED_PAYEE, RuleName.SHARED_IDENTITY)
"""Open holds by these rules name members who may be one person with a distributor."""


@dataclass(frozen=True, slots=True)
class Seller:
    """A distributor of an order, as at its placement; ``person`` is the member, or the survivor."""

    person: int
    level: int | None
    segment: int | None


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """A refund or exchange of a line; an exchange takes nothing off."""

    requested_at: datetime
    ended_at: datetime | None
    done_at: datetime | None
    quantity: int
    amount: int

    def is_open(self, at: datetime) -> bool:
        return self.requested_at < at and (self.ended_at is None or self.ended_at > at)


@dataclass(slots=True)
class LineFacts:
    pk: int
    product: int
    categories: list[int]
    quantity: int
    paid: int
    refunds: list[RefundFacts] = field(default_factory=list)


@dataclass(slots=True)
class OrderFacts:
    """A paid order. ``tier1`` is the upline of the buyer: nobody on a distributor's own order."""

    pk: int
    number: str
    buyer: int
    tier1: Seller | None
    tier2: Seller | None
    placed_at: datetime
    paid_at: datetime
    release_at: datetime | None
    completed_at: datetime | None
    channel: str = ""
    """Of the share by which it came; empty: it came by none."""
    own_seller: Seller | None = None
    """The buyer, if the order is attributed to the buyer's own distribution; it counts nowhere."""
    lines: list[LineFacts] = field(default_factory=list)
    same_person_as: set[int] = field(default_factory=set)
    """The persons who share a payee or an ID number with the buyer, by an open hold."""

    @property
    def completion(self) -> datetime | None:
        """When its protection was over and nothing was open: whenever a worker noticed it."""
        if self.completed_at is None or self.release_at is None:
            return None
        moment = self.release_at
        while ends := [
            refund.ended_at or self.completed_at
            for line in self.lines
            for refund in line.refunds
            if refund.is_open(moment)
        ]:
            if max(ends) <= moment:
                break
            moment = max(ends)
        return moment

    def left(self, version: Version, refunds_until: datetime | None) -> Left:
        """Return what is left of the goods that the version counts; nothing of another channel.

        :param refunds_until: refunds that are done later change nothing, unless the order completed
            after them; None: all of them count
        """
        units = paid = 0
        if version.channels and self.channel not in version.channels:
            return Left(0, 0)
        for _line, quantity, amount in self.lines_left(version, refunds_until):
            if amount > 0:
                units += max(0, quantity)
                paid += amount
        return Left(units, paid) if paid >= version.min_amount else Left(0, 0)

    def lines_left(
        self, version: Version, refunds_until: datetime | None
    ) -> Iterator[tuple[LineFacts, int, int]]:
        """Yield the lines that the version counts, with what is left: units, and fen paid."""
        completion = self.completion
        for line in self.lines:
            if not counts_goods(version, line.product, line.categories):
                continue
            quantity, amount = line.quantity, line.paid
            for refund in line.refunds:
                if _counts_refund(refund, refunds_until, completion):
                    quantity -= refund.quantity
                    amount -= refund.amount
            yield line, quantity, amount


@dataclass(frozen=True, slots=True)
class Left:
    """The units that are left of an order, and what was paid for them, in fen."""

    units: int
    paid: int


def paid_orders(orders: Collection[int]) -> list[OrderFacts]:
    """Return the facts of those orders that are paid, by key, in four queries."""
    if not orders:
        return []
    rows = {row.pk: row for row in map(_order, _orders_of(orders))}
    _add_lines(rows)
    _add_same_persons(rows.values())
    return [rows[key] for key in sorted(rows)]


def counts_goods(version: Version, product: int | None, categories: Iterable[int]) -> bool:
    """Return whether a version counts goods of this product, which is in these categories."""
    if not version.products and not version.categories:
        return True
    return product in version.products or not set(version.categories).isdisjoint(categories)


def person(prefix: str) -> Coalesce:
    """Return an expression: the member at this path, or the survivor they were merged into."""
    return Coalesce(F(f"{prefix}__merged_into"), F(prefix))


def referrers_of(persons: Collection[int]) -> set[int]:
    """Return who brought these persons, or an account that was merged into one of them."""
    accounts = Member.objects.filter(Q(pk__in=persons) | Q(merged_into__in=persons))
    referrals = Referral.objects.filter(member__in=accounts.values("pk"))
    return set(referrals.values_list(person("referrer"), flat=True))


def _orders_of(orders: Collection[int]) -> Iterable[Mapping[str, Any]]:
    tiers = {
        f"{tier}_person": person(f"attribution__{tier}__member") for tier in ("tier1", "tier2")
    }
    return (
        Order.objects.filter(pk__in=list(orders), paid_at__isnull=False)
        .annotate(buyer_person=person("buyer"), **tiers)
        .values(
            "pk", "number", "buyer_person", "placed_at", "paid_at", "release_at", "completed_at",
            "tier1_person", "attribution__tier1_reason", "attribution__tier1_level",
            "attribution__tier1_segment", "tier2_person", "attribution__tier2_level",
            "attribution__tier2_segment", "came_by__share__channel",
        )
    )  # fmt: skip


def _order(row: Mapping[str, Any]) -> OrderFacts:
    reason = row["attribution__tier1_reason"]
    by_upline = reason == Attribution.Reason.UPLINE
    return OrderFacts(
        row["pk"], row["number"], row["buyer_person"],
        _seller(row, "tier1") if by_upline else None,
        _seller(row, "tier2") if by_upline else None,
        row["placed_at"], row["paid_at"], row["release_at"], row["completed_at"],
        row["came_by__share__channel"] or "",
        _seller(row, "tier1") if reason == Attribution.Reason.SELF else None,
    )  # fmt: skip


def _seller(row: Mapping[str, Any], tier: str) -> Seller | None:
    member = row[f"{tier}_person"]
    if member is None:
        return None
    return Seller(member, row[f"attribution__{tier}_level"], row[f"attribution__{tier}_segment"])


def _add_lines(orders: dict[int, OrderFacts]) -> None:
    lines: dict[int, LineFacts] = {}
    rows = OrderLine.objects.filter(order__in=list(orders)).order_by("pk")
    columns = "order", "pk", "product", "categories", "quantity", "paid"
    for order, key, product, categories, quantity, paid in rows.values_list(*columns):
        lines[key] = LineFacts(key, product, categories, quantity, int(paid))
        orders[order].lines.append(lines[key])
    for refund in Refund.objects.filter(line__order__in=list(orders)):
        takes_off = refund.done_at and refund.kind != Refund.Kind.EXCHANGE
        lines[refund.line_id].refunds.append(
            RefundFacts(
                refund.requested_at,
                refund.done_at or refund.rejected_at or refund.withdrawn_at,
                refund.done_at if takes_off else None,
                refund.quantity,
                refund.amount,
            )
        )


def _add_same_persons(orders: Collection[OrderFacts]) -> None:
    """Note whom the risk rules hold for sharing a payee or an ID number with the buyer."""
    people = {row.buyer for row in orders}
    people |= referrers_of(people)
    people |= {seller.person for row in orders for seller in (row.tier1, row.tier2) if seller}
    holds = Hold.objects.filter(
        Q(member__in=people) | Q(member__merged_into__in=people),
        rule__in=SAME_PERSON_RULES, released_at=None,
    )  # fmt: skip
    named = holds.values_list(person("member"), "assessment__evidence__members")
    by_public_id: dict[str, set[int]] = defaultdict(set)
    for holder, public_ids in named:
        for public_id in public_ids or ():
            by_public_id[public_id].add(holder)
    if not by_public_id:
        return
    sharing: dict[int, set[int]] = defaultdict(set)
    others = Member.objects.filter(public_id__in=by_public_id)
    for public_id, other in others.values_list("public_id", Coalesce(F("merged_into"), F("pk"))):
        for holder in by_public_id[public_id]:
            sharing[other].add(holder)
            sharing[holder].add(other)
    for order in orders:
        order.same_person_as |= sharing[order.buyer]


def _counts_refund(
    refund: RefundFacts, until: datetime | None, completion: datetime | None
) -> bool:
    """Return whether a refund lowers what counts; before the completion each one does."""
    if refund.done_at is None:
        return False
    if until is None or refund.done_at < until:
        return True
    return completion is None or refund.done_at <= completion
