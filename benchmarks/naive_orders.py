"""Ingest orders as most shops do: object by object, with a running sum on every upline's row."""

from __future__ import annotations

from datetime import datetime
from time import perf_counter
from typing import ClassVar

from django.db import connection, models, transaction

from benchmarks.shop import TIER1, TIER2
from orders.snapshots import LineSnapshot, OrderSnapshot


class NaiveMember(models.Model):
    external_id = models.CharField(max_length=40, unique=True)
    nickname = models.CharField(max_length=80)
    upline = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    pending = models.BigIntegerField(default=0)

    objects: ClassVar[models.Manager[NaiveMember]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        managed = False


class NaiveShelf(models.Model):
    name = models.CharField(max_length=80)

    objects: ClassVar[models.Manager[NaiveShelf]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        managed = False


class NaiveProduct(models.Model):
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    category = models.ForeignKey(NaiveShelf, models.PROTECT, related_name="+")

    objects: ClassVar[models.Manager[NaiveProduct]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        managed = False


class NaiveRule(models.Model):
    product = models.ForeignKey(NaiveProduct, models.PROTECT, null=True, related_name="+")
    category = models.ForeignKey(NaiveShelf, models.PROTECT, null=True, related_name="+")
    tier1 = models.IntegerField()
    tier2 = models.IntegerField()

    objects: ClassVar[models.Manager[NaiveRule]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        managed = False


class NaiveOrder(models.Model):
    number = models.CharField(max_length=64, unique=True)
    buyer = models.ForeignKey(NaiveMember, models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, db_index=True)
    total = models.BigIntegerField(default=0)
    paid_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[NaiveOrder]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        managed = False


class NaiveLine(models.Model):
    order = models.ForeignKey(NaiveOrder, models.PROTECT, related_name="+")
    product = models.ForeignKey(NaiveProduct, models.PROTECT, related_name="+")
    quantity = models.IntegerField()
    price = models.BigIntegerField()

    objects: ClassVar[models.Manager[NaiveLine]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        managed = False


class NaiveCommission(models.Model):
    line = models.ForeignKey(NaiveLine, models.PROTECT, related_name="+")
    member = models.ForeignKey(NaiveMember, models.PROTECT, related_name="+")
    tier = models.SmallIntegerField()
    rate = models.IntegerField()
    amount = models.BigIntegerField()
    status = models.CharField(max_length=10, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[NaiveCommission]] = models.Manager()

    class Meta:
        app_label = "benchmarks"
        managed = False


TABLES: list[type[models.Model]] = [
    NaiveMember, NaiveShelf, NaiveProduct, NaiveRule, NaiveOrder, NaiveLine, NaiveCommission,
]  # fmt: skip
FILL = """
INSERT INTO benchmarks_naivemember (id, external_id, nickname, upline_id, pending)
    OVERRIDING SYSTEM VALUE
SELECT member.id, external_id, nickname, upline.member_id, 0
FROM members_member AS member
JOIN members_identity AS identity ON identity.member_id = member.id
LEFT JOIN distribution_binding AS binding ON binding.member_id = member.id
LEFT JOIN distribution_distributor AS upline ON upline.id = binding.distributor_id;
INSERT INTO benchmarks_naiveshelf (id, name) OVERRIDING SYSTEM VALUE
SELECT id, name FROM catalog_category;
INSERT INTO benchmarks_naiveproduct (id, code, name, category_id) OVERRIDING SYSTEM VALUE
SELECT product.id, code, name, category_id
FROM catalog_product AS product JOIN catalog_sku AS sku ON sku.product_id = product.id;
INSERT INTO benchmarks_naiverule (product_id, category_id, tier1, tier2)
SELECT product_id, category_id, tier1, tier2 FROM commissions_rule;
ANALYZE
"""


def prepare() -> None:
    """Its tables, with the same people, goods and rules."""
    with connection.schema_editor() as editor:
        for model in TABLES:
            editor.create_model(model)
    with connection.cursor() as cursor:
        cursor.execute(FILL)


def put(orders: list[OrderSnapshot]) -> float:
    """Orders a second."""
    started = perf_counter()
    for one in orders:
        _put(one)
    return len(orders) / (perf_counter() - started)


@transaction.atomic
def _put(facts: OrderSnapshot) -> None:
    buyer = NaiveMember.objects.get(external_id=facts.buyer)
    order = NaiveOrder.objects.create(number=facts.number, buyer=buyer, status="placed")
    earned: dict[int, int] = {}
    for line in facts.lines:
        order.total += line.paid
        for key, amount in _lines_commissions(order, buyer, line):
            earned[key] = earned.get(key, 0) + amount
    for key, amount in earned.items():
        member = NaiveMember.objects.select_for_update().get(pk=key)
        member.pending += amount
        member.save()
    _pay(order, facts.paid_at)


def _lines_commissions(
    order: NaiveOrder, buyer: NaiveMember, facts: LineSnapshot
) -> list[tuple[int, int]]:
    product = NaiveProduct.objects.get(code=facts.sku)
    line = NaiveLine.objects.create(
        order=order, product=product, quantity=facts.quantity, price=facts.unit_price
    )
    earned = []
    upline = buyer.upline
    for tier in (1, 2):
        if upline is None:
            break
        rule = _rule(product)
        rate = rule.tier1 if tier == 1 else rule.tier2
        amount = facts.paid * rate // 10_000
        NaiveCommission.objects.create(
            line=line, member=upline, tier=tier, rate=rate, amount=amount, status="pending"
        )
        earned.append((upline.pk, amount))
        upline = upline.upline
    return earned


def _rule(product: NaiveProduct) -> NaiveRule:
    """The product's, else its category's, else the store's."""
    rules = NaiveRule.objects
    rule = (
        rules.filter(product=product).first()
        or rules.filter(category=product.category).first()
        or rules.filter(product=None, category=None).first()
    )
    assert rule
    assert (rule.tier1, rule.tier2) == (TIER1, TIER2)
    return rule


def _pay(order: NaiveOrder, at: datetime | None) -> None:
    order.status, order.paid_at = "paid", at
    order.save()
