"""The life of a plan: drafted by some, published by another, and never changed again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from catalog.models import Category, Product
from commissions.models import Commission, DueCredit, OrderCommissionTerms, Plan, Rule
from commissions.plan_cache import plans_in_force
from commissions.services import (
    PlanNotCompliant,
    SelfApprovalForbidden,
    draft,
    publish,
    record_edit,
    roll_back_to,
)
from common.db_errors import violated_constraint
from common.status import WrongStatus
from distribution.models import Policy as DistributionPolicy
from events.models import Event
from ledger.chart import Asset
from members.models import User
from orders.models import Order, Policy
from tests.cast import NOON
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    commissions,
    get_order,
    ingest,
    order,
    plan,
    referral_chain,
    rule,
    settle_all,
    sku,
)

pytestmark = pytest.mark.django_db


def picture() -> list[Any]:
    """Every plan, rule and fact, to show that a refusal has left all as it was."""
    return [list(model.objects.order_by("pk").values()) for model in (Plan, Rule, Event)]


def begun(by: User, *rules: Rule, **terms: Any) -> Plan:
    return draft(name="Plan", by=by, at=NOON, rules=rules or [rule()], **terms)


def test_a_draft_is_published_by_somebody_else(qian: User, feng: User) -> None:
    made = begun(qian)

    publish(plan=made, by=feng, at=NOON)

    made.refresh_from_db()
    assert (made.status, made.number, made.starts_at) == ("published", 1, NOON)
    assert (made.published_by, made.published_at) == (feng, NOON)
    fact = Event.objects.latest("id")
    assert (fact.name, fact.actor_id, fact.data) == (
        "commissions.plan_published", "feng", {"number": 1},
    )  # fmt: skip


def test_whoever_has_edited_a_plan_does_not_publish_it(qian: User, feng: User) -> None:
    made = begun(qian)
    record_edit(plan=made, by=feng, at=NOON)
    before = picture()

    for editor in (qian, feng):
        with pytest.raises(SelfApprovalForbidden):
            publish(plan=made, by=editor, at=NOON)

    assert picture() == before


def test_the_database_asks_for_four_eyes_too(qian: User) -> None:
    made = begun(qian)

    assert refusal(
        "UPDATE commissions_plan SET status = 'published', number = 1, published_at = now(),"
        " published_by_id = %s WHERE id = %s", qian.pk, made.pk,
    ) == "plan_four_eyes"  # fmt: skip


def refusal(statement: str, *values: Any) -> str:
    """The name of the rule by which the database refuses a statement."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError as error:
        return violated_constraint(error) or str(error)
    return "nothing refused it"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE commissions_plan SET cap = 10000",
        "UPDATE commissions_plan SET starts_at = NULL",
        (
            "UPDATE commissions_plan SET status = 'draft', number = NULL, published_at = NULL,"
            " published_by_id = NULL"
        ),
        "DELETE FROM commissions_plan",
        "UPDATE commissions_rule SET tier1 = 1",
        "DELETE FROM commissions_rule",
        (
            "INSERT INTO commissions_rule (plan_id, layer, priority, kind, base, asset)"
            " SELECT id, 'store', 9, 'percent', 'paid', 'cash' FROM commissions_plan"
        ),
    ],
)
def test_the_database_keeps_what_is_published_as_it_is(statement: str) -> None:
    plan()
    before = picture()

    assert refusal(statement) == "plan_published_immutable"

    assert picture() == before


def test_no_rule_moves_into_a_published_plan(qian: User) -> None:
    published, open_one = plan(), begun(qian, rule(priority=7))

    assert refusal(
        "UPDATE commissions_rule SET plan_id = %s WHERE plan_id = %s", published.pk, open_one.pk
    ) == "plan_published_immutable"  # fmt: skip


def test_rules_are_never_emptied() -> None:
    plan()

    assert refusal("TRUNCATE commissions_rule") != "nothing refused it"
    assert Rule.objects.count() == 1


def test_a_published_plan_is_neither_edited_nor_published_again(qian: User, feng: User) -> None:
    made = plan()
    before = picture()

    with pytest.raises(WrongStatus):
        record_edit(plan=made, by=qian, at=NOON)
    with pytest.raises(WrongStatus):
        publish(plan=made, by=feng, at=NOON)

    assert picture() == before


def test_editing_is_recorded_with_what_was_changed(qian: User, feng: User) -> None:
    made = begun(qian)

    record_edit(plan=made, by=feng, at=NOON, before={"cap": 5000}, after={"cap": 4000})
    record_edit(plan=made, by=feng, at=NOON)

    made.refresh_from_db()
    assert made.editors == [qian.pk, feng.pk]
    first = Event.objects.filter(name="commissions.plan_edited").earliest("id")
    assert (first.actor_id, first.before, first.after) == ("feng", {"cap": 5000}, {"cap": 4000})


def test_a_roll_back_is_a_new_version_with_the_old_terms(qian: User, feng: User) -> None:
    old = plan(rule(1_000, 500), rule(300, None, kind="per_unit", priority=1), cap=4_000)
    newer = plan(rule(2_000, 100))

    again = roll_back_to(plan=old, by=qian, at=NOON + DAY)
    assert (again.status, again.number) == ("draft", None)
    publish(plan=again, by=feng, at=NOON + DAY)

    terms = "tier1", "tier2", "kind", "priority", "layer", "asset"
    assert list(again.rules.values(*terms)) == list(old.rules.values(*terms))
    assert [one.number for one in (old, newer, again)] == [1, 2, 3]
    assert (again.based_on, again.cap, again.layers) == (old, 4_000, old.layers)
    assert plans_in_force([NOON + DAY])[NOON + DAY] == again


def test_of_several_plans_the_last_that_had_started_decides(qian: User, feng: User) -> None:
    beginning = begun(qian)
    first, second = plan(at=NOON + DAY), plan(at=NOON + 3 * DAY)
    publish(plan=beginning, by=feng, at=NOON + 9 * DAY, from_the_beginning=True)
    begun(qian)  # a draft is never in force

    days = [NOON - DAY, NOON + DAY, NOON + 2 * DAY, NOON + 3 * DAY, NOON + 99 * DAY]
    decides = plans_in_force(days)
    assert [decides[day] for day in days] == [beginning, first, first, second, second]
    assert list(Plan.objects.by_precedence()) == [second, first, beginning]


def test_before_the_first_plan_none_is_in_force() -> None:
    plan()
    assert plans_in_force([NOON - DAY]) == {NOON - DAY: None}


def test_an_order_is_judged_by_the_plan_in_force_when_it_was_placed() -> None:
    sku()
    first, second = plan(rule(1_000, 500)), plan(rule(2_000, 500), at=PLACED + DAY)
    bo = referral_chain("Mei", "Lan", "Bo")[-1]

    ingest(order(bo, number="O-2", placed_at=PLACED + 2 * DAY), at=PLACED + 3 * DAY)
    ingest(order(bo, number="O-1", placed_at=PLACED), at=PLACED + 3 * DAY)

    assert [row[3] for row in commissions("O-1")] == [1_099, 549]
    assert [row[3] for row in commissions("O-2")] == [2_198, 549]
    assert [get_order(number).terms.plan for number in ("O-1", "O-2")] == [first, second]


def test_editing_rules_or_settings_touches_no_commission_and_no_clock(
    qian: User, feng: User
) -> None:
    sku()
    plan()
    bo = referral_chain("Mei", "Lan", "Bo")[-1]
    ingest(order(bo, number="O-1", received=True), order(bo, number="O-2"))
    before = [
        list(model.objects.order_by("pk").values())
        for model in (Commission, DueCredit, OrderCommissionTerms, Order)
    ]

    publish(plan=begun(qian, rule(4_000, 100)), by=feng, at=NOON)
    Policy.objects.update(protection_days=30, self_purchase="self")
    DistributionPolicy.objects.update(binding_days=1)

    assert before == [
        list(model.objects.order_by("pk").values())
        for model in (Commission, DueCredit, OrderCommissionTerms, Order)
    ]
    ingest(order(bo, number="O-1", received=True, shipped_at=PLACED), order(bo, number="O-2"))
    assert [row[3] for row in commissions("O-1") + commissions("O-2")] == [1_099, 549] * 2
    assert settle_all(at=PLACED + 3 * DAY + WEEK) == 2


@pytest.fixture
def mask(db: None) -> Product:
    return sku().product


@pytest.fixture
def beauty(mask: Product) -> Category:
    return mask.category


@pytest.mark.parametrize(
    ("rules", "terms", "reason"),
    [
        ([rule(5_001, 500)], {}, "more than the cap of 50 %"),
        ([rule(500, 5_001)], {}, "more than the cap of 50 %"),
        ([rule(3_000, 500, base="profit")], {"cap": 2_000}, "more than the cap of 20 %"),
        ([rule(), rule(priority=1, asset=Asset.POINTS)], {"combine": "best"}, "one and the same"),
        ([rule(), rule(priority=1, asset=Asset.BONUS)], {"combine": "sum"}, "one and the same"),
        ([], {}, "without rules pays nobody"),
        ([rule()], {"layers": ["product"]}, "not in the plan's order"),
        ([rule()], {"layers": ["store", "store"]}, "may stand in the order once"),
        ([rule()], {"layers": []}, "may stand in the order once"),
    ],
)
def test_what_breaks_a_law_is_not_published(
    qian: User, feng: User, rules: list[Rule], terms: dict[str, Any], reason: str
) -> None:
    made = draft(name="Plan", by=qian, at=NOON, rules=rules, **terms)
    before = picture()

    with pytest.raises(PlanNotCompliant) as told:
        publish(plan=made, by=feng, at=NOON)

    assert told.value.code == "plan_not_compliant"
    assert picture() == before
    assert made.status == Plan.Status.DRAFT
    assert reason in str(told.value)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_all_that_is_wrong_is_told_at_once(qian: User, feng: User) -> None:
    made = begun(qian, rule(6_000, 7_000), layers=["product"])

    with pytest.raises(PlanNotCompliant) as told:
        publish(plan=made, by=feng, at=NOON)

    assert "more than the cap" in str(told.value)
    assert "not in the plan's order" in str(told.value)


def test_points_may_be_worth_more_than_the_cap_for_they_are_no_money(
    qian: User, feng: User
) -> None:
    publish(plan=begun(qian, rule(6_000, 500, asset=Asset.POINTS)), by=feng, at=NOON)


@pytest.mark.parametrize(
    ("rules", "terms", "what"),
    [
        ([rule(layer="joining")], {}, "joining"),
        ([rule()], {"layers": ["store", "recruits"]}, "recruits"),
        ([rule(kind="per_head")], {}, "per_head"),
    ],
)
def test_a_reward_for_joining_is_refused_with_the_laws_reason(
    qian: User, rules: list[Rule], terms: dict[str, Any], what: str
) -> None:
    before = picture()

    with pytest.raises(PlanNotCompliant) as told:
        draft(name="Heads", by=qian, at=NOON, rules=rules, **terms)

    assert f"“{what}”" in str(told.value)
    assert "禁止传销条例" in str(told.value)
    assert picture() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE commissions_rule SET layer = 'joining'",
        "UPDATE commissions_rule SET kind = 'per_head'",
        "UPDATE commissions_rule SET tier1 = 10001",
        "UPDATE commissions_rule SET boost = 20000",
        "UPDATE commissions_plan SET cap = 10001",
        "UPDATE commissions_plan SET combine = 'third'",
        "UPDATE commissions_plan SET layers = '{store,joining}'",
    ],
)
def test_the_database_writes_no_such_draft(qian: User, statement: str) -> None:
    begun(qian)
    before = picture()

    assert refusal(statement) != "nothing refused it"

    assert picture() == before


def test_of_one_target_and_audience_a_priority_stands_once(qian: User, beauty: Category) -> None:
    begun(qian, rule(layer="category", category=beauty))

    assert refusal(
        "INSERT INTO commissions_rule (plan_id, layer, category_id, priority, kind, base, asset)"
        " SELECT plan_id, layer, category_id, priority, kind, base, asset FROM commissions_rule"
    ) == "rule_priority_unique"  # fmt: skip
