"""Explanations of orders: who is paid, how much and why, also when nobody is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from commissions.explanations import LineExplanation, TierExplanation, explain
from commissions.models import Commission, CommissionHold, DueCredit, Rule
from distribution.models import Distributor, DistributorPeriod, Level, Segment
from ledger.chart import Asset
from members.models import Member
from orders.models import Policy
from tests.cast import NOON, member
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    get_order,
    ingest,
    line,
    order,
    plan,
    referral_chain,
    refund,
    rule,
    settle_all,
    sku,
    with_refund,
)

RELEASED = PLACED + 3 * DAY + WEEK

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def bo(db: None) -> Member:
    sku()
    return referral_chain("Mei", "Lan", "Bo")[-1]


def change_distributor(name: str, **now: Any) -> None:
    """Change a distributor from the time of the order on."""
    distributor = Distributor.objects.get(member__nickname=name)
    DistributorPeriod.objects.filter(distributor=distributor).update(ended_at=PLACED)
    DistributorPeriod.objects.create(
        **{"distributor": distributor, "status": "active", "started_at": PLACED, **now}
    )


def tiers(number: str = "O-1") -> tuple[TierExplanation, TierExplanation]:
    [line_explanation] = explain(get_order(number))
    assert line_explanation.matches_stored
    return line_explanation.tiers


def text_of(tier: TierExplanation) -> str:
    return " ".join(tier.sentences)


def test_an_explanation_names_the_distributor_the_amount_and_the_rule(bo: Member) -> None:
    plan()
    ingest(order(bo, received=True))

    [line_explanation] = explain(get_order())

    assert (
        line_explanation.number,
        line_explanation.sku,
        line_explanation.paid,
        line_explanation.remaining_paid,
    ) == (1, "mask", 10_990, 10_990)
    first, second = line_explanation.tiers
    assert (str(first.distributor), first.original, first.state) == ("Lan", 1_099, "protected")
    assert first.sentences == (
        "Lan is tier 1: the buyer's upline when the order was placed.",
        (
            f"The rule #{Rule.objects.get().pk} (whole store, 10% of the amount paid) of plan #1"
            " Plan gives 10.99."
        ),
        "10.99 is protected until 2026-11-12 12:00.",
    )
    assert (str(second.distributor), second.original, second.asset) == ("Mei", 549, "cash")
    assert "gives 5.495. Rounded down to 5.49." in text_of(second)


def test_a_buyer_without_an_upline_has_no_tier_1() -> None:
    sku()
    plan()
    ingest(order(member("Chen")))

    first, second = tiers()

    assert (first.reason, first.distributor, first.state, first.original) == (
        "no_upline",
        None,
        "",
        0,
    )
    assert first.sentences == (
        "Nobody is tier 1: the buyer had no upline when the order was placed.",
    )
    assert second.sentences == ("Nobody is tier 2, because there is no tier 1.",)


def test_a_tier_1_without_an_upline_leaves_tier_2_empty() -> None:
    sku()
    plan()
    ingest(order(referral_chain("Lan", "Bo")[-1]))

    first, second = tiers()

    assert first.original == 1_099
    assert second.sentences == (
        "Nobody is tier 2: tier 1 had no upline when the order was placed.",
    )


def test_an_inactive_distributor_is_not_paid(bo: Member) -> None:
    plan()
    change_distributor("Lan", status="suspended")
    ingest(order(bo))

    first, second = tiers()

    assert (first.reason, first.original, str(first.distributor)) == ("not_active", 0, "Lan")
    assert "“suspended”: the tier is not paid, and nobody moves up." in text_of(first)
    assert (second.reason, second.original) == ("paid", 549)


def test_a_distributor_is_tier_1_of_their_own_order(bo: Member) -> None:
    plan()
    Policy.objects.update(self_purchase="self")
    ingest(order(Member.objects.get(nickname="Lan")))

    first, second = tiers()

    assert first.sentences[0] == (
        "Lan is tier 1: the buyer, whom the shop pays for their own orders."
    )
    assert second.sentences[0] == ("Mei is tier 2: the upline of tier 1 when the order was placed.")


def test_an_order_without_a_plan_pays_nobody(bo: Member) -> None:
    ingest(order(bo))

    first, _ = tiers()

    assert (first.reason, first.original) == ("no_plan", 0)
    assert "No commission plan was in force" in text_of(first)
    assert explain(get_order())[0].plan is None


def plan_with(**fields: Any) -> Callable[[], Any]:
    return lambda: plan(rule(**fields))


@pytest.mark.parametrize(
    ("publish", "lines", "reason", "message"),
    [
        (
            lambda: plan(rule(layer="product", product=sku("soap").product)),
            {}, "no_rule", "No rule of plan #1 Plan matches the product and distributor.",
        ),
        (plan_with(tier1=0), {}, "blank", "is blank or 0"),
        (plan_with(tier1=None), {}, "blank", "is blank or 0"),
        (plan_with(base="profit"), {"price": 4_000}, "no_profit", "no profit to share"),
        (plan_with(tier1=10, asset="points"), {"price": 99}, "below_one", "the smallest unit"),
        (plan_with(), {"price": 9}, "below_one", "gives 0.009. This is below the smallest unit"),
        (plan_with(), {"discount": 10_990}, "nothing_left", "The amount paid for the line is 0"),
    ],
)  # fmt: skip
def test_a_line_that_pays_nothing_gives_the_reason(
    bo: Member, publish: Any, lines: dict[str, int], reason: str, message: str
) -> None:
    publish()
    ingest(order(bo, line(**lines)))

    first, _ = tiers()

    assert (first.reason, first.original, first.current, first.state) == (reason, 0, 0, "")
    assert message in text_of(first)
    assert str(first.distributor) == "Lan"


def test_an_unknown_cost_is_named(bo: Member) -> None:
    sku("soap", cost=None)
    plan(rule(base="profit"))
    ingest(order(bo, line("soap")))

    assert "The cost of the product is unknown" in text_of(tiers()[0])


def test_a_capped_tier_names_the_cap(bo: Member) -> None:
    plan(rule(4_000, 4_000))
    ingest(order(bo))

    _, second = tiers()

    assert (second.reason, second.original) == ("capped", 1_099)
    assert second.sentences[-2] == (
        "Capped: both tiers together get at most 50% of the 109.90 paid, which leaves"
        " 10.99 for this tier."
    )


@pytest.mark.parametrize(
    ("rules", "terms", "message"),
    [
        (
            [rule(300, 100, kind="per_unit")], {},
            "whole store, 3.00 per unit) of plan #1 Plan gives 3.00.",
        ),
        (
            [rule(300, 100, kind="per_order")], {},
            "3.00 as this line's share of a fixed amount per order",
        ),
        (
            [rule(asset="points")], {},
            ("one point per yuan of 10% of the amount paid) of plan #1 Plan gives"
            " 10.99 points. Rounded down to 10 points."),
        ),
        ([rule(base="profit")], {}, "10% of the profit) of plan #1 Plan gives 6.79."),
        ([rule(asset=Asset.STORE_CREDIT)], {}, "gives 10.99 store credit."),
        (
            [rule(boost=20_000, boost_from=NOON, boost_until=PLACED + DAY)], {},
            "10% of the amount paid, boosted to 200%) of plan #1 Plan gives 21.98.",
        ),
        ([rule()], {"combine": "best"}, "Of the layers of plan #1 Plan, the rule"),
    ],
)  # fmt: skip
def test_the_rule_is_described(bo: Member, rules: Any, terms: dict[str, Any], message: str) -> None:
    for row in rules:
        row.pk = None
    plan(*rules, **terms)
    ingest(order(bo))

    assert message in text_of(tiers()[0])


def test_rules_for_a_level_a_segment_and_a_category_are_named(bo: Member) -> None:
    gold = Level.objects.create(rank=1, name="Gold")
    koc = Segment.objects.create(code="koc", name="KOC")
    change_distributor("Lan", level=gold)
    change_distributor("Mei", segment=koc)
    shelf = sku("soap", category="美妆").product.category
    plan(
        rule(1_000, 1, layer="category", category=shelf, level=gold),
        rule(1, 500, layer="category", category=shelf, segment=koc),
        combine="sum",
    )
    ingest(order(bo, line("soap")))

    first, second = tiers()

    assert "(category 美妆, level Gold, 10% of the amount paid)" in text_of(first)
    assert "(category 美妆, segment KOC, 5% of the amount paid)" in text_of(second)


def test_rules_that_are_added_up_are_all_named(bo: Member) -> None:
    plan(rule(), rule(300, None, layer="product", product=sku("soap").product), combine="sum")
    ingest(order(bo, line("soap")))

    first, _ = tiers()

    assert "(product soap, 3% of the amount paid); #" in text_of(first)
    assert "together give 14.287." in text_of(first)


def test_an_unpaid_order_shows_the_expected_amounts(bo: Member) -> None:
    plan()
    ingest(order(bo, paid=False))

    first, second = tiers()

    assert [(tier.state, tier.original) for tier in (first, second)] == [
        ("expected", 1_099), ("expected", 549),
    ]  # fmt: skip
    assert "not paid yet: its payment will earn 10.99." in text_of(first)


def test_the_status_and_the_effect_of_refunds_are_explained(bo: Member) -> None:
    plan()
    ingest(order(bo))
    assert tiers()[0].sentences[-1] == "10.99 is pending until the order is received."

    ingest(with_refund(order(bo, received=True), refund(3_663)))
    assert tiers()[0].sentences[-2:] == (
        "Reduced by 3.67 by refunds before it was credited (R-1).",
        "7.32 is protected until 2026-11-12 12:00.",
    )

    settle_all(at=RELEASED)
    assert tiers()[0].sentences[-1] == "It was credited on 2026-11-12 12:00."

    late = refund(3_663, number="R-2", at=RELEASED + DAY)
    ingest(with_refund(order(bo, received=True), refund(3_663), late), at=RELEASED + DAY)
    first, _ = tiers()
    assert (first.original, first.current, first.state) == (1_099, 366, "credited")
    assert first.sentences[-3:] == (
        "Reduced by 3.67 by refunds before it was credited (R-1).",
        "Refund R-2 clawed back 3.66 on 2026-11-13 12:00, after it was credited.",
        "It was credited on 2026-11-12 12:00.",
    )


def test_a_clawed_back_commission_grows_again(bo: Member) -> None:
    """After money and then goods are refunded, the profit rises, and the rest is credited."""
    plan(rule(1_000, None, base="profit"))
    snapshot = order(bo, line(quantity=2, price=5_000), received=True)
    ingest(snapshot)
    settle_all(at=RELEASED)
    money = refund(1_000, number="R-1", at=RELEASED)
    ingest(with_refund(snapshot, money), at=RELEASED)
    assert tiers()[0].current == 60

    ingest(
        with_refund(snapshot, money, refund(1, quantity=1, number="R-2", at=RELEASED)), at=RELEASED
    )

    first, _ = tiers()
    assert first.current == 160
    assert first.sentences[-3:] == (
        "Refund R-1 clawed back 1.00 on 2026-11-12 12:00, after it was credited.",
        "It grew by 1.00 with refund R-2, which is to be credited.",
        "It was credited on 2026-11-12 12:00.",
    )
    settle_all(at=RELEASED + DAY)
    assert tiers()[0].sentences[-2] == (
        "It grew by 1.00 with refund R-2, which was credited on 2026-11-13 12:00."
    )


def test_an_amount_voided_before_the_credit_returns_after_it(bo: Member) -> None:
    """The profit rises with the return of goods."""
    plan(rule(1_000, None, base="profit"))
    snapshot = order(bo, line(quantity=2, price=5_000), received=True)
    money = refund(1_000, number="R-1")
    ingest(with_refund(snapshot, money))
    settle_all(at=RELEASED)
    goods = refund(1, quantity=1, number="R-2", at=RELEASED + DAY)
    ingest(with_refund(snapshot, money, goods), at=RELEASED + DAY)

    first, _ = tiers()

    assert (first.original, first.current) == (160, 160)
    assert first.sentences[-3:] == (
        "Reduced by 1.00 by refunds before it was credited (R-1).",
        "It grew by 1.00 with refund R-2, which is to be credited.",
        "It was credited on 2026-11-12 12:00.",
    )
    call_command("explain", "O-1", stdout=StringIO())  # fails on any mismatch


def test_a_void_commission_is_explained(bo: Member) -> None:
    plan()
    ingest(with_refund(order(bo, received=True), refund(10_990, quantity=1)))

    first, _ = tiers()

    assert (first.state, first.original, first.current) == ("void", 1_099, 0)
    assert first.sentences[-1] == "Nothing is left of it."


def test_a_hold_gives_its_reason(bo: Member) -> None:
    plan()
    ingest(with_refund(order(bo, received=True), refund(3_663, done=False)))

    assert tiers()[0].sentences[-1] == "Held since 2026-11-02 12:00: an after-sale is open."

    DueCredit.objects.all().delete()
    CommissionHold.objects.all().delete()
    for commission in Commission.objects.all():
        CommissionHold.objects.create(
            commission=commission,
            reason=CommissionHold.Reason.FAULT,
            detail="AccountClosed",
            since=RELEASED,
        )
    assert tiers()[0].sentences[-1] == (
        "Held since 2026-11-12 12:00: it could not be credited. AccountClosed"
    )


def test_a_stored_amount_that_differs_is_reported(bo: Member) -> None:
    plan()
    ingest(order(bo))
    Commission.objects.filter(tier=1).update(current=1_000)

    [line_explanation] = explain(get_order())

    assert [tier.matches_stored for tier in line_explanation.tiers] == [False, True]
    assert line_explanation.tiers[0].sentences[-1] == (
        "Mismatch: 10.00 is stored, but 10.99 is computed."
    )
    with pytest.raises(CommandError, match="differ from those computed"):
        call_command("explain", "O-1", stdout=StringIO())


def count_queries(number: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        lines: tuple[LineExplanation, ...] = explain(get_order(number))
        assert all(explained.matches_stored for explained in lines)
    return len(captured)


def test_the_number_of_queries_does_not_depend_on_the_order(bo: Member) -> None:
    plan(rule(), rule(100, None, priority=1, layer="product", product=sku("soap").product))
    many = [line("mask" if n % 2 else "soap", number=n, price=n * 100) for n in range(1, 30)]
    ingest(order(bo, number="O-1", received=True))
    ingest(with_refund(order(bo, *many, number="O-2", received=True),
                    *(refund(10, number=f"R-{n}", line=n) for n in range(1, 30))))  # fmt: skip
    count_queries("O-1")

    assert (
        count_queries("O-2") <= count_queries("O-1") + 2
    )  # count_queries for empty prefetches are skipped
    assert count_queries("O-2") <= 14


def test_the_command_prints_the_explanation(bo: Member) -> None:
    plan()
    ingest(with_refund(order(bo, line(quantity=3), received=True), refund(10_990, quantity=1)))
    output = StringIO()

    call_command("explain", "O-1", stdout=output)

    text = output.getvalue()
    assert text.startswith("Order O-1 of Bo: received\n")
    assert (
        "Line 1: 3 × mask (mask), paid 329.70, after refunds 219.80 and 2 units\n"
        "  Tier 1: Lan, 21.98 (protected)\n"
        "    Lan is tier 1: the buyer's upline when the order was placed.\n"
    ) in text
    assert "  Tier 2: Mei, 10.99 (protected)\n" in text


def test_the_command_refuses_an_unknown_order(db: None) -> None:
    with pytest.raises(CommandError, match="There is no order “O-9”") as error:
        call_command("explain", "O-9", stdout=StringIO())
    assert error.value.returncode == 1
