"""Gather evidence for any number of distributors and orders in a constant number of queries.

The work is bounded: only the newest commissions and bindings of a distributor count.
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count

from distribution.models import Distributor
from events.models import Reference
from ledger.chart import Asset, Kind
from ledger.chart import Reason as Posted
from ledger.models import Account, Transfer
from members.models import Member
from risk.models import Hold, RuleName, Stage, with_subject_in
from risk.rules import (
    CONTACTS,
    AmountHistory,
    BindingBurst,
    DistributorAge,
    Evidence,
    Finding,
    OrderShare,
    OtherMembers,
    RuleSettings,
    SharedContacts,
    evaluate,
)

MAX_ROWS = 1_000  # commissions, bindings or amounts of one distributor
MAX_OWN_ORDERS = 100
MAX_LISTED_MEMBERS = 5  # of other members
LOOKBACK = timedelta(days=90)
RECENT = timedelta(days=30)

SALES_RULES = {RuleName.AMOUNT_SPIKE, RuleName.REFUND_RATE, RuleName.SELF_PURCHASE}


class DistributorOrder(NamedTuple):
    """The ids of a distributor and an order that pays them; no order for a withdrawal."""

    distributor: int
    order: int | None = None


@dataclass(frozen=True, slots=True)
class PastAmounts:
    """The amounts that a distributor earned from other orders, in fen."""

    count: int
    median: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True)
class Sales:
    """Statistics of a distributor's orders."""

    own: OrderShare
    refunded: OrderShare
    past: PastAmounts


@dataclass(slots=True)
class EvidenceSet:
    """Evidence by distributor, or by distributor and order."""

    since: dict[int, datetime] = field(default_factory=dict)
    sales: dict[int, Sales] = field(default_factory=dict)
    sharing: dict[tuple[int, int | None, str], SharedContacts] = field(default_factory=dict)
    bursts: dict[int, int] = field(default_factory=dict)

    def evidence_by_rule(
        self, pair: DistributorOrder, *, amount: int, at: datetime
    ) -> dict[RuleName, Evidence | None]:
        """Return the evidence about a distributor for each rule; ``None`` or absent: there is none.

        :param amount: compared with the past amounts, in fen
        """
        distributor = pair.distributor
        since, sales = self.since.get(distributor), self.sales.get(distributor)
        evidence: dict[RuleName, Evidence | None] = {
            name: self.sharing.get((distributor, pair.order, contact))
            for name, contact in CONTACTS.items()
        }
        if since:
            evidence[RuleName.NEW_DISTRIBUTOR] = DistributorAge(days=max((at - since).days, 0))
            evidence[RuleName.BINDING_BURST] = BindingBurst(
                max_per_hour=self.bursts.get(distributor, 0)
            )
        if sales:
            evidence[RuleName.AMOUNT_SPIKE] = AmountHistory(amount=amount, **asdict(sales.past))
            evidence[RuleName.SELF_PURCHASE] = sales.own
            evidence[RuleName.REFUND_RATE] = sales.refunded
        return evidence


def enabled_rules(stage: Stage) -> dict[RuleName, RuleSettings]:
    """Return the enabled rules of a stage, in one small query."""
    return {
        RuleName(name): RuleSettings(threshold=threshold, min_sample=min_sample, effect=effect)
        for name, threshold, min_sample, effect in _rows(_ENABLED, {"stage": stage.value})
    }


def evaluate_withdrawal(
    *,
    subject: Reference,
    member: Member,
    amount: int,
    at: datetime,
    payee_hash: str | None = None,
    payee_shared_with: Collection[int] | None = None,
    identity_shared_with: Collection[int] | None = None,
) -> dict[RuleName, Finding]:
    """Evaluate every enabled rule for a withdrawal, by rule name. Writes nothing.

    :param subject: the withdrawal; its own hold does not count as a past amount
    :param amount: gross, in fen
    :param payee_hash: hash of the payee's account, saved with the evidence
    :param payee_shared_with: ids of members with the same payee; ``None``: unknown, so that the
        rule is not assessed
    :param identity_shared_with: likewise for the same ID number
    """
    rules = enabled_rules(Stage.WITHDRAWAL)
    distributor = Distributor.objects.filter(member=member).values_list("pk", flat=True).first()
    evidence: dict[RuleName, Evidence | None] = {}
    if distributor is not None:
        pair = DistributorOrder(distributor)
        gathered = gather_evidence([pair], names=set(rules) - {RuleName.AMOUNT_SPIKE}, at=at)
        evidence = gathered.evidence_by_rule(pair, amount=amount, at=at)
    if RuleName.AMOUNT_SPIKE in rules:
        evidence[RuleName.AMOUNT_SPIKE] = _withdrawal_amounts(
            member, subject=subject, amount=amount, at=at
        )
    if RuleName.SHARED_PAYEE in rules:
        evidence[RuleName.SHARED_PAYEE] = _other_members(member, payee_shared_with)
    if RuleName.SHARED_IDENTITY in rules:
        evidence[RuleName.SHARED_IDENTITY] = _other_members(member, identity_shared_with)
    findings = {
        name: evaluate(name, evidence.get(name), settings) for name, settings in rules.items()
    }
    if payee_hash is not None and RuleName.SHARED_PAYEE in findings:
        findings[RuleName.SHARED_PAYEE].evidence["payee"] = payee_hash
    return findings


def gather_evidence(
    pairs: Sequence[DistributorOrder], *, names: Collection[RuleName], at: datetime
) -> EvidenceSet:
    """Gather the evidence for the rules ``names``, in at most four queries."""
    evidence = EvidenceSet()
    if not pairs:
        return evidence
    distributors = sorted({pair.distributor for pair in pairs})
    with_order = [pair for pair in pairs if pair.order is not None]
    if {RuleName.NEW_DISTRIBUTOR, RuleName.BINDING_BURST} & set(names):
        rows = Distributor.objects.filter(pk__in=distributors)
        evidence.since = dict(rows.values_list("pk", "since"))
    parameters = {
        "distributors": distributors,
        "orders": [pair.order for pair in with_order],
        "paid_distributors": [pair.distributor for pair in with_order],
        "since_90_days": at - LOOKBACK,
        "since_30_days": at - RECENT,
        "at": at,
        "row_limit": MAX_ROWS,
        "own_order_limit": MAX_OWN_ORDERS,
    }
    if SALES_RULES & set(names):
        for distributor, orders, own, recent, refunded, *past in _rows(_SALES, parameters):
            evidence.sales[distributor] = Sales(
                own=OrderShare(orders=orders, matching=own),
                refunded=OrderShare(orders=recent, matching=refunded),
                past=PastAmounts(*past),
            )
    if set(CONTACTS) & set(names):
        for distributor, order, contact, own_contacts, buyers, shared in _rows(
            _SHARING.format(pairs=_ORDER_BUYERS if with_order else _RECENT_BUYERS), parameters
        ):
            evidence.sharing[distributor, order, contact] = SharedContacts(
                own_contacts=own_contacts, buyers=buyers, shared=shared
            )
    if RuleName.BINDING_BURST in names:
        evidence.bursts = dict(_rows(_BURSTS, parameters))
    return evidence


def find_open_holds(subjects: Iterable[Reference]) -> dict[Reference, list[Hold]]:
    """Return the open holds of each of ``subjects``, oldest first, in one query."""
    subjects = list(subjects)
    holds: dict[Reference, list[Hold]] = {subject: [] for subject in subjects}
    for hold in Hold.objects.filter(with_subject_in(subjects), released_at=None).order_by("pk"):
        holds[hold.subject].append(hold)
    return holds


def _withdrawal_amounts(
    member: Member, *, subject: Reference, amount: int, at: datetime
) -> AmountHistory:
    """Compare with earlier withdrawals. Cancelled and refused ones do not count: requesting and
    cancelling would make any amount look usual."""
    # Not by the wallet, which has a transfer for each commission. A list, so that the planner knows
    # how few transfers there are.
    held = list(
        Account.objects.filter(member=member, kind=Kind.HELD, asset=Asset.CASH).values_list(
            "pk", flat=True
        )
    )
    recent = Transfer.objects.filter(effective_at__gt=at - LOOKBACK)
    released = recent.filter(debit__in=held, reason=Posted.RELEASE)
    past = list(
        recent.filter(credit__in=held, reason=Posted.HOLD)
        .exclude(source_kind=subject.kind, source_id=subject.id)
        .exclude(source_id__in=released.values("source_id"))
        .order_by("-pk")
        .values_list("amount", flat=True)[:MAX_ROWS]
    )
    if not past:
        return AmountHistory(amount=amount, count=0)
    median = statistics.median_low(past)
    return AmountHistory(amount=amount, count=len(past), median=median, maximum=max(past))


def _other_members(member: Member, shared_with: Collection[int] | None) -> OtherMembers | None:
    if shared_with is None:
        return None
    others = sorted(set(shared_with) - {member.pk})
    listed = Member.objects.filter(pk__in=others[:MAX_LISTED_MEMBERS]).order_by("pk")
    return OtherMembers(
        others=len(others), members=list(listed.values_list("public_id", flat=True))
    )


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


_ENABLED = """
SELECT name, threshold, min_sample, effect FROM risk_rule
WHERE stage = %(stage)s AND enabled ORDER BY id
"""

# The newest commissions of each distributor; the limit is in the subquery for the index.
_NEWEST = """
SELECT distributor.id, distributor.member_id, commission.*
FROM distribution_distributor AS distributor
CROSS JOIN LATERAL (
    SELECT line_id, asset, original, current, accrued_at FROM commissions_commission
    WHERE distributor_id = distributor.id ORDER BY id DESC LIMIT %(row_limit)s
) AS commission
WHERE distributor.id = ANY (%(distributors)s) AND commission.accrued_at > %(since_90_days)s
"""

_SALES = f"""
WITH newest AS ({_NEWEST}), sold AS (
    SELECT newest.id, placed.id AS order_id, placed.buyer_id = newest.member_id AS own,
        max(newest.accrued_at) > %(since_30_days)s AS recently,
        bool_or(newest.current < newest.original) AS refunded,
        CASE WHEN placed.id <> ALL (%(orders)s::bigint[])
            THEN sum(newest.original) FILTER (WHERE newest.asset <> 'points') END AS amount
    FROM newest
    JOIN orders_orderline AS line ON line.id = newest.line_id
    JOIN orders_order AS placed ON placed.id = line.order_id
    GROUP BY 1, 2, 3
)
SELECT id, count(*), count(*) FILTER (WHERE own),
    count(*) FILTER (WHERE recently), count(*) FILTER (WHERE recently AND refunded),
    count(amount), percentile_disc(0.5) WITHIN GROUP (ORDER BY amount)::bigint,
    max(amount)::bigint
FROM sold GROUP BY id
"""

_RECENT_BUYERS = f"""
SELECT DISTINCT newest.id, NULL::bigint AS order_id, placed.buyer_id, placed.contact
FROM ({_NEWEST}) AS newest
JOIN orders_orderline AS line ON line.id = newest.line_id
JOIN orders_order AS placed ON placed.id = line.order_id
WHERE placed.buyer_id <> newest.member_id
"""
_ORDER_BUYERS = """
SELECT distributor.id, placed.id AS order_id, placed.buyer_id, placed.contact
FROM unnest(%(paid_distributors)s::bigint[], %(orders)s::bigint[])
    AS pair (distributor_id, order_id)
JOIN distribution_distributor AS distributor ON distributor.id = pair.distributor_id
JOIN orders_order AS placed ON placed.id = pair.order_id
WHERE placed.buyer_id <> distributor.member_id
"""
# A distributor's own contacts are those of their own orders.
_SHARING = """
WITH part (part) AS (VALUES ('phone_hash'), ('device'), ('address_hash')),
mine AS (
    SELECT DISTINCT distributor.id, part, bought.contact ->> part AS value
    FROM distribution_distributor AS distributor
    CROSS JOIN LATERAL (
        SELECT contact FROM orders_order
        WHERE buyer_id = distributor.member_id ORDER BY placed_at DESC LIMIT %(own_order_limit)s
    ) AS bought
    CROSS JOIN part
    WHERE distributor.id = ANY (%(distributors)s) AND bought.contact ? part
),
own_contacts AS (SELECT id, part, count(*) AS own_contacts FROM mine GROUP BY id, part),
theirs AS (
    SELECT pair.id, pair.order_id, pair.buyer_id, part, pair.contact ->> part AS value
    FROM ({pairs}) AS pair CROSS JOIN part
)
SELECT theirs.id, theirs.order_id, theirs.part, coalesce(min(own_contacts.own_contacts), 0),
    count(DISTINCT theirs.buyer_id) FILTER (WHERE theirs.value IS NOT NULL),
    count(DISTINCT theirs.buyer_id) FILTER (WHERE mine.value IS NOT NULL)
FROM theirs
LEFT JOIN own_contacts USING (id, part)
LEFT JOIN mine ON mine.id = theirs.id AND mine.part = theirs.part AND mine.value = theirs.value
GROUP BY 1, 2, 3
"""

# Bindings by staff and imports do not count: they are many at once for good reasons.
_BURSTS = """
SELECT id, max(within)
FROM (
    SELECT distributor.id, count(*) OVER (
        PARTITION BY distributor.id ORDER BY bound.started_at
        RANGE BETWEEN interval '1 hour' PRECEDING AND CURRENT ROW
    ) AS within
    FROM distribution_distributor AS distributor
    CROSS JOIN LATERAL (
        SELECT started_at, source FROM distribution_binding
        WHERE distributor_id = distributor.id ORDER BY id DESC LIMIT %(row_limit)s
    ) AS bound
    WHERE distributor.id = ANY (%(distributors)s) AND bound.started_at > %(since_30_days)s
        AND bound.started_at <= %(at)s AND bound.source NOT IN ('staff', 'import')
) AS counted
GROUP BY id
"""


def open_holds_by_rule() -> dict[str, int]:
    """Return the number of holds that are not released, by rule."""
    held = Hold.objects.filter(released_at=None).order_by()
    return {
        **dict.fromkeys(RuleName.values, 0),
        **dict(held.values_list("rule").annotate(Count("pk"))),
    }
