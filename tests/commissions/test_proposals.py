"""What a product pays, and proposals of what it should pay."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from commissions.models import Plan
from commissions.plan_changes import compare_plans
from commissions.product_pay import product_pay
from commissions.services import draft, propose_for_product, publish, submit
from commissions.services.proposals import ProposalNotForDraft, open_drafts
from common.status import WrongStatus
from distribution.models import Level
from members.models import User
from tests.cast import NOON
from tests.commissions.test_plans import database_rows
from tests.shop import DAY, editor, plan, rule, sku

pytestmark = pytest.mark.django_db


@pytest.fixture
def mask(db: None) -> Product:
    return sku().product


def amounts(product: Product, at: Any = NOON) -> list[list[tuple[str, int, int]]]:
    return [
        [(str(row.audience or ""), row.tier1.amount, row.tier2.amount) for row in pay.rows]
        for pay in product_pay(product, at=at)
    ]


def test_a_product_pays_by_the_plan_in_force_and_the_next_one(mask: Product) -> None:
    gold = Level.objects.create(rank=1, name="Gold")
    assert amounts(mask) == []
    plan(rule(), rule(2_000, None, level=gold))
    coming = draft(name="Next", by=editor(), at=NOON, rules=[rule(100, None)])
    publish(plan=coming, by=editor("publisher"), at=NOON, starts_at=NOON + DAY)

    assert amounts(mask) == [[("", 1_099, 549), ("Gold", 2_198, 0)], [("", 109, 0)]]
    assert amounts(mask, at=NOON + DAY) == [[("", 109, 0)]]


def test_each_sku_has_its_row_with_the_rules_that_decide(mask: Product) -> None:
    mask.skus.create(code="mask-xl", price=20_000)
    plan(rule(), rule(300, 100, kind="per_unit", layer="product", product=mask))

    [pay] = product_pay(mask, at=NOON)

    assert [(row.sku.code, row.tier1.amount) for row in pay.rows] == [
        ("mask", 300),
        ("mask-xl", 300),
    ]
    assert [row.product for row in pay.rows[0].rows] == [mask]


def test_more_skus_and_levels_need_no_more_queries(mask: Product) -> None:
    plan()

    def count() -> int:
        product_pay(mask, at=NOON)
        with CaptureQueriesContext(connection) as captured:
            product_pay(mask, at=NOON)
        return len(captured)

    few = count()
    for number in range(5):
        mask.skus.create(code=f"m{number}", price=1_000)
        Level.objects.create(rank=number + 1, name=f"L{number}")

    assert count() <= few


def test_a_proposal_is_a_draft_of_the_plan_in_force(mask: Product, qian: User) -> None:
    current = plan(rule(), cap=4_000)

    proposed = propose_for_product(product=mask, rule=rule(2_000, 300), by=qian, at=NOON)

    assert (proposed.status, proposed.based_on, proposed.cap, proposed.name) == (
        "draft", current, 4_000, "mask",
    )  # fmt: skip
    changes = compare_plans(current, proposed)
    [change] = changes.changed_rules
    assert (change.kind, change.rule.product, change.rule.tier1) == ("added", mask, 2_000)
    assert amounts(mask) == [[("", 1_099, 549)]]


def test_the_next_proposal_joins_the_same_draft(mask: Product, qian: User) -> None:
    plan(rule(), rule(700, 70, layer="product", product=mask))
    soap = sku("soap").product
    first = propose_for_product(product=soap, rule=rule(100, None), by=qian, at=NOON)
    assert open_drafts(qian, at=NOON) == [first]

    second = propose_for_product(product=mask, rule=rule(900, 90), by=qian, at=NOON, into=first)

    assert second == first
    values = first.rules.order_by("product__name").values_list("product__name", "tier1", "tier2")
    assert set(values) == {(None, 1_000, 500), ("mask", 900, 90), ("soap", 100, None)}


def test_rules_for_levels_stay(mask: Product, qian: User) -> None:
    gold = Level.objects.create(rank=1, name="Gold")
    plan(rule(), rule(3_000, None, layer="product", product=mask, level=gold))

    proposed = propose_for_product(product=mask, rule=rule(2_000, None), by=qian, at=NOON)

    assert proposed.rules.filter(product=mask, level=gold, tier1=3_000).exists()
    assert proposed.rules.filter(product=mask, level=None, tier1=2_000).exists()


def test_a_plan_without_the_layer_of_products_gets_it(mask: Product, qian: User) -> None:
    plan(rule(), layers=["store"])

    proposed = propose_for_product(product=mask, rule=rule(2_000, None), by=qian, at=NOON)

    assert proposed.layers == ["product", "store"]


def test_without_a_plan_the_product_is_all_that_it_pays(mask: Product, qian: User) -> None:
    proposed = propose_for_product(product=mask, rule=rule(2_000, None), by=qian, at=NOON)

    assert list(proposed.rules.values_list("product", "tier1")) == [(mask.pk, 2_000)]


def test_a_draft_of_another_time_takes_no_proposal(mask: Product, qian: User) -> None:
    plan()
    old = propose_for_product(product=mask, rule=rule(2_000, None), by=qian, at=NOON)
    plan(rule(500, 100))
    before = database_rows()

    with pytest.raises(ProposalNotForDraft):
        propose_for_product(product=mask, rule=rule(1, None), by=qian, at=NOON, into=old)

    assert database_rows() == before
    assert open_drafts(qian, at=NOON) == []


def test_a_plan_that_was_handed_over_takes_no_proposal(mask: Product, qian: User) -> None:
    plan()
    proposed = propose_for_product(product=mask, rule=rule(2_000, None), by=qian, at=NOON)
    submit(plan=proposed, by=qian, at=NOON)
    before = database_rows()

    with pytest.raises(WrongStatus):
        propose_for_product(product=mask, rule=rule(1, None), by=qian, at=NOON, into=proposed)

    assert database_rows() == before


def test_versions_are_compared_rule_by_rule(mask: Product, qian: User) -> None:
    old = plan(rule(), rule(700, 70, layer="product", product=mask), cap=5_000)
    new = draft(
        name="Next", by=qian, at=NOON, cap=4_000, combine="best", layers=["store"],
        rules=[rule(1_100, 500), rule(100, 10, priority=3)],
    )  # fmt: skip

    changes = compare_plans(old, new)

    assert [(row.kind, sorted(row.changed)) for row in changes.rules] == [
        ("changed", ["tier1"]), ("added", []), ("removed", []),
    ]  # fmt: skip
    assert [name for name, _old, _new in changes.terms] == ["layers", "combine", "cap"]
    assert (changes.count, compare_plans(old, Plan.objects.get(pk=old.pk)).count) == (6, 0)
