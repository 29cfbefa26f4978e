"""Create a shop for measurements: people in two tiers, goods, and a published plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection

from benchmarks.sizes import BUYERS, DISTRIBUTORS, HOT_BUYERS, LEADERS, RULES
from catalog.models import Category, Product, Sku
from commissions.models import Plan, Rule
from commissions.services import draft, publish
from distribution.models import Distributor
from ledger.chart import Asset
from ledger.services import open_wallets
from members.models import Member, User

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
BOUND = OPENED + timedelta(days=1)
PRICE, COST = 10_000, 4_000
TIER1, TIER2 = 1_000, 500  # basis points
CATEGORIES = 10

SHOP = "bench_shop"  # the database that holds it

_EVERYBODY = LEADERS + DISTRIBUTORS + BUYERS + HOT_BUYERS
# Members are numbered: leaders, distributors, buyers, then those whom one distributor has brought.
_PEOPLE = f"""
INSERT INTO members_member (id, public_id, nickname, province, city, joined_at)
SELECT id, substr(md5('member' || id), 1, 20), 'Member ' || id, '', '', %(opened)s
FROM generate_series(1, {_EVERYBODY}) AS id;
INSERT INTO members_identity (member_id, provider, external_id)
SELECT id, 'mall', 'm' || id FROM members_member ORDER BY id;
INSERT INTO distribution_distributor
    (id, public_id, member_id, code, status, since, has_bindings_to_end)
SELECT id, substr(md5('distributor' || id), 1, 20), id, 'd' || id, 'active', %(opened)s, false
FROM members_member WHERE id <= {LEADERS + DISTRIBUTORS} ORDER BY id;
INSERT INTO distribution_distributorperiod (distributor_id, status, started_at)
SELECT id, 'active', since FROM distribution_distributor ORDER BY id;
INSERT INTO distribution_binding (public_id, member_id, distributor_id, source, evidence_kind,
    evidence_id, started_at, end_reason, end_note)
SELECT substr(md5('binding' || id), 1, 20), id, CASE
        WHEN id <= {LEADERS + DISTRIBUTORS} THEN 1 + id %% {LEADERS}
        WHEN id <= {LEADERS + DISTRIBUTORS + BUYERS} THEN {LEADERS + 1} + id %% {DISTRIBUTORS}
        ELSE {LEADERS + 1}
    END, 'import', '', '', %(bound)s, '', ''
FROM members_member WHERE id > {LEADERS} ORDER BY id;
SELECT setval(pg_get_serial_sequence('members_member', 'id'), {_EVERYBODY}),
    setval(pg_get_serial_sequence('distribution_distributor', 'id'), {LEADERS + DISTRIBUTORS})
"""


def open_shop() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, {"opened": OPENED, "bound": BOUND})
    open_wallets(Member.objects.filter(distributor__isnull=False).order_by("pk"), [Asset.CASH])
    assert Distributor.objects.count() == LEADERS + DISTRIBUTORS
    _stock()
    _plan()


def _stock() -> None:
    shelves = [Category.objects.create(code=f"c{i}", name=f"Shelf {i}") for i in range(CATEGORIES)]
    products = Product.objects.bulk_create(
        Product(name=f"Product {number}", category=shelves[number % CATEGORIES])
        for number in range(RULES)
    )
    Sku.objects.bulk_create(
        Sku(product=product, code=f"s{number}", price=PRICE, cost=COST)
        for number, product in enumerate(products)
    )


def _plan() -> None:
    """A rule for each product but every tenth, for each category, and for the whole store."""
    editor, publisher = (
        User.objects.create(username=name, may_review_from=OPENED)
        for name in ("editor", "publisher")
    )
    rates = {"tier1": TIER1, "tier2": TIER2}
    products = [product for product in Product.objects.order_by("pk") if product.pk % 10]
    plan = draft(
        name="Plan", by=editor, at=OPENED,
        rules=[
            *(Rule(layer="product", product=product, **rates) for product in products),
            *(Rule(layer="category", category=shelf, **rates) for shelf in Category.objects.all()),
            Rule(layer="store", **rates),
        ],
    )  # fmt: skip
    publish(plan=plan, by=publisher, at=OPENED, from_the_beginning=True)


def plan() -> Plan:
    return Plan.objects.get()


def buyer(number: int) -> str:
    """A buyer's id in the mall; the distributors have them in turns."""
    return f"m{LEADERS + DISTRIBUTORS + 1 + number % BUYERS}"


def hot_buyer(number: int) -> str:
    """One of those whom a single distributor has brought."""
    return f"m{LEADERS + DISTRIBUTORS + BUYERS + 1 + number % HOT_BUYERS}"
