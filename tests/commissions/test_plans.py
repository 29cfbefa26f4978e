"""Plans: drafted and edited by some, published by another person, immutable afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from catalog.models import Category, Product
from commissions.models import Commission, DueCredit, OrderCommissionTerms, Plan, Rule
from commissions.plan_cache import plans_in_force
from commissions.services import draft, publish, record_edit, roll_back_to
from commissions.services.plans import PlanNotCompliant, RewardNotForGoods, SelfApprovalForbidden
from common.errors import violated_constraint
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


def database_rows() -> list[Any]:
    """Return all plans, rules and events, to prove that a refusal changed nothing."""
    return [list(model.objects.order_by("pk").values()) for model in (Plan, Rule, Event)]


def new_draft(by: User, *rules: Rule, **terms: Any) -> Plan:
    return draft(name="Plan", by=by, at=NOON, rules=rules or [rule()], **terms)


def test_a_draft_is_published_by_another_person(qian: User, feng: User) -> None:
    drafted = new_draft(qian)

    publish(plan=drafted, by=feng, at=NOON)

    drafted.refresh_from_db()
    assert (drafted.status, drafted.number, drafted.starts_at) == ("published", 1, NOON)
    assert (drafted.published_by, drafted.published_at) == (feng, NOON)
    event = Event.objects.latest("id")
    assert (event.name, event.actor_id) == ("commissions.plan_published", "feng")
    assert event.data == {"number": 1, "starts_at": "2026-11-01T04:00:00+00:00"}


def test_an_editor_does_not_publish_the_plan(qian: User, feng: User) -> None:
    drafted = new_draft(qian)
    record_edit(plan=drafted, by=feng, at=NOON)
    before = database_rows()

    for editor in (qian, feng):
        with pytest.raises(SelfApprovalForbidden):
            publish(plan=drafted, by=editor, at=NOON)

    assert database_rows() == before


def test_the_database_enforces_four_eyes(qian: User) -> None:
    drafted = new_draft(qian)

    assert refusal(
        "UPDATE commissions_plan SET status = 'published', number = 1, published_at = now(),"
        " published_by_id = %s WHERE id = %s", qian.pk, drafted.pk,
    ) == "plan_four_eyes"  # fmt: skip


def refusal(statement: str, *values: Any) -> str:
    """Return the constraint by which the database refuses a statement."""
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
def test_the_database_refuses_to_change_a_published_plan(statement: str) -> None:
    plan()
    before = database_rows()

    assert refusal(statement) == "plan_published_immutable"

    assert database_rows() == before


def test_no_rule_is_moved_into_a_published_plan(qian: User) -> None:
    published, draft_plan = plan(), new_draft(qian, rule(priority=7))

    assert refusal(
        "UPDATE commissions_rule SET plan_id = %s WHERE plan_id = %s", published.pk, draft_plan.pk
    ) == "plan_published_immutable"  # fmt: skip


def test_rules_cannot_be_truncated() -> None:
    plan()

    assert refusal("TRUNCATE commissions_rule") != "nothing refused it"
    assert Rule.objects.count() == 1


def test_a_published_plan_is_neither_edited_nor_published_again(qian: User, feng: User) -> None:
    drafted = plan()
    before = database_rows()

    with pytest.raises(WrongStatus):
        record_edit(plan=drafted, by=qian, at=NOON)
    with pytest.raises(WrongStatus):
        publish(plan=drafted, by=feng, at=NOON)

    assert database_rows() == before


def test_an_edit_is_recorded_with_its_changes(qian: User, feng: User) -> None:
    drafted = new_draft(qian)

    record_edit(plan=drafted, by=feng, at=NOON, before={"cap": 5000}, after={"cap": 4000})
    record_edit(plan=drafted, by=feng, at=NOON)

    drafted.refresh_from_db()
    assert drafted.editors == [qian.pk, feng.pk]
    first = Event.objects.filter(name="commissions.plan_edited").earliest("id")
    assert (first.actor_id, first.before, first.after) == ("feng", {"cap": 5000}, {"cap": 4000})


def test_a_rollback_is_a_new_version_with_the_old_terms(qian: User, feng: User) -> None:
    old = plan(rule(1_000, 500), rule(300, None, kind="per_unit", priority=1), cap=4_000)
    newer = plan(rule(2_000, 100))

    rolled_back = roll_back_to(plan=old, by=qian, at=NOON + DAY)
    assert (rolled_back.status, rolled_back.number) == ("draft", None)
    publish(plan=rolled_back, by=feng, at=NOON + DAY)

    terms = "tier1", "tier2", "kind", "priority", "layer", "asset"
    assert list(rolled_back.rules.values(*terms)) == list(old.rules.values(*terms))
    assert [plan.number for plan in (old, newer, rolled_back)] == [1, 2, 3]
    assert (rolled_back.based_on, rolled_back.cap, rolled_back.layers) == (old, 4_000, old.layers)
    assert plans_in_force([NOON + DAY])[NOON + DAY] == rolled_back


def test_the_last_plan_that_had_started_is_in_force(qian: User, feng: User) -> None:
    beginning = new_draft(qian)
    first, second = plan(at=NOON + DAY), plan(at=NOON + 3 * DAY)
    publish(plan=beginning, by=feng, at=NOON + 9 * DAY, from_the_beginning=True)
    new_draft(qian)  # a draft is never in force

    days = [NOON - DAY, NOON + DAY, NOON + 2 * DAY, NOON + 3 * DAY, NOON + 99 * DAY]
    in_force = plans_in_force(days)
    assert [in_force[day] for day in days] == [beginning, first, first, second, second]
    assert list(Plan.objects.by_precedence()) == [second, first, beginning]


def test_no_plan_is_in_force_before_the_first() -> None:
    plan()
    assert plans_in_force([NOON - DAY]) == {NOON - DAY: None}


def test_an_order_follows_the_plan_in_force_at_placement() -> None:
    sku()
    first, second = plan(rule(1_000, 500)), plan(rule(2_000, 500), at=PLACED + DAY)
    bo = referral_chain("Mei", "Lan", "Bo")[-1]

    ingest(order(bo, number="O-2", placed_at=PLACED + 2 * DAY), at=PLACED + 3 * DAY)
    ingest(order(bo, number="O-1", placed_at=PLACED), at=PLACED + 3 * DAY)

    assert [row[3] for row in commissions("O-1")] == [1_099, 549]
    assert [row[3] for row in commissions("O-2")] == [2_198, 549]
    assert [get_order(number).terms.plan for number in ("O-1", "O-2")] == [first, second]


def test_new_rules_and_settings_change_no_existing_commission(qian: User, feng: User) -> None:
    sku()
    plan()
    bo = referral_chain("Mei", "Lan", "Bo")[-1]
    ingest(order(bo, number="O-1", received=True), order(bo, number="O-2"))
    before = [
        list(model.objects.order_by("pk").values())
        for model in (Commission, DueCredit, OrderCommissionTerms, Order)
    ]

    publish(plan=new_draft(qian, rule(4_000, 100)), by=feng, at=NOON)
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
        ([rule(5_001, 500)], {}, "more than the plan's cap of 50%"),
        ([rule(500, 5_001)], {}, "more than the plan's cap of 50%"),
        ([rule(3_000, 500, base="profit")], {"cap": 2_000}, "more than the plan's cap of 20%"),
        ([rule(), rule(priority=1, asset=Asset.POINTS)], {"combine": "best"}, "pay the same asset"),
        ([rule(), rule(priority=1, asset=Asset.BONUS)], {"combine": "sum"}, "pay the same asset"),
        ([], {}, "has no rules"),
        ([rule()], {"layers": ["product"]}, "not among the plan's layers"),
        ([rule()], {"layers": ["store", "store"]}, "each layer only once"),
        ([rule()], {"layers": []}, "each layer only once"),
    ],
)
def test_a_plan_that_is_not_compliant_is_not_published(
    qian: User, feng: User, rules: list[Rule], terms: dict[str, Any], reason: str
) -> None:
    drafted = draft(name="Plan", by=qian, at=NOON, rules=rules, **terms)
    before = database_rows()

    with pytest.raises(PlanNotCompliant) as error:
        publish(plan=drafted, by=feng, at=NOON)

    assert error.value.code == "plan_not_compliant"
    assert database_rows() == before
    assert drafted.status == Plan.Status.DRAFT
    assert reason in str(error.value)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_all_errors_are_reported_at_once(qian: User, feng: User) -> None:
    drafted = new_draft(qian, rule(6_000, 7_000), layers=["product"])

    with pytest.raises(PlanNotCompliant) as error:
        publish(plan=drafted, by=feng, at=NOON)

    assert "more than the plan's cap" in str(error.value)
    assert "not among the plan's layers" in str(error.value)


def test_the_cap_does_not_apply_to_points(qian: User, feng: User) -> None:
    publish(plan=new_draft(qian, rule(6_000, 500, asset=Asset.POINTS)), by=feng, at=NOON)


@pytest.mark.parametrize(
    ("rules", "terms", "what"),
    [
        ([rule(layer="joining")], {}, "joining"),
        ([rule()], {"layers": ["store", "recruits"]}, "recruits"),
        ([rule(kind="per_head")], {}, "per_head"),
    ],
)
def test_a_reward_for_joining_is_refused_with_its_legal_reason(
    qian: User, rules: list[Rule], terms: dict[str, Any], what: str
) -> None:
    before = database_rows()

    with pytest.raises(RewardNotForGoods) as error:
        draft(name="Heads", by=qian, at=NOON, rules=rules, **terms)

    assert error.value.code == "reward_not_for_goods"
    assert f"“{what}”" in str(error.value)
    assert "禁止传销条例" in str(error.value)
    assert database_rows() == before


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
def test_the_database_refuses_such_a_draft(qian: User, statement: str) -> None:
    new_draft(qian)
    before = database_rows()

    assert refusal(statement) != "nothing refused it"

    assert database_rows() == before


def test_a_priority_is_unique_per_target_and_audience(qian: User, beauty: Category) -> None:
    new_draft(qian, rule(layer="category", category=beauty))

    assert refusal(
        "INSERT INTO commissions_rule (plan_id, layer, category_id, priority, kind, base, asset)"
        " SELECT plan_id, layer, category_id, priority, kind, base, asset FROM commissions_rule"
    ) == "rule_priority_unique"  # fmt: skip
