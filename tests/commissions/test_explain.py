"""Each line answers who is paid, how much and why, also when the answer is nobody."""

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


def becomes(name: str, **now: Any) -> None:
    """What a distributor is from before the order on."""
    who = Distributor.objects.get(member__nickname=name)
    DistributorPeriod.objects.filter(distributor=who).update(ended_at=PLACED)
    DistributorPeriod.objects.create(
        **{"distributor": who, "status": "active", "started_at": PLACED, **now}
    )


def tiers(number: str = "O-1") -> tuple[TierExplanation, TierExplanation]:
    [one] = explain(get_order(number))
    assert one.matches_stored
    return one.tiers


def words(tier: TierExplanation) -> str:
    return " ".join(tier.sentences)


def test_who_is_paid_how_much_and_why(bo: Member) -> None:
    plan()
    ingest(order(bo, received=True))

    [one] = explain(get_order())

    assert (one.number, one.sku, one.paid, one.remaining_paid) == (1, "mask", 10_990, 10_990)
    first, second = one.tiers
    assert (str(first.distributor), first.original, first.state) == ("Lan", 1_099, "protected")
    assert first.sentences == (
        "Lan is tier 1: the buyer's upline when the order was placed.",
        (
            f"The rule #{Rule.objects.get().pk} (whole store, 10 % of what was paid) of plan #1"
            " Plan gives 10.99."
        ),
        "10.99 is protected until 2026-11-12 12:00.",
    )
    assert (str(second.distributor), second.original, second.asset) == ("Mei", 549, "cash")
    assert "gives 5.495. The fraction is dropped: 5.49." in words(second)


def test_nobody_is_tier_1() -> None:
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
    assert second.sentences == ("Nobody is tier 2, because nobody is tier 1.",)


def test_nobody_is_tier_2() -> None:
    sku()
    plan()
    ingest(order(referral_chain("Lan", "Bo")[-1]))

    first, second = tiers()

    assert first.original == 1_099
    assert second.sentences == (
        "Nobody is tier 2: tier 1 had no upline when the order was placed.",
    )


def test_a_distributor_who_was_not_active(bo: Member) -> None:
    plan()
    becomes("Lan", status="suspended")
    ingest(order(bo))

    first, second = tiers()

    assert (first.reason, first.original, str(first.distributor)) == ("not_active", 0, "Lan")
    assert "“suspended”: nobody is paid, and nobody moves up." in words(first)
    assert (second.reason, second.original) == ("paid", 549)


def test_the_buyers_own_distribution(bo: Member) -> None:
    plan()
    Policy.objects.update(self_purchase="self")
    ingest(order(Member.objects.get(nickname="Lan")))

    first, second = tiers()

    assert first.sentences[0] == (
        "Lan is tier 1: the buyer, whom the shop pays for their own orders."
    )
    assert second.sentences[0] == ("Mei is tier 2: the upline of tier 1 when the order was placed.")


def test_no_plan_was_in_force(bo: Member) -> None:
    ingest(order(bo))

    first, _ = tiers()

    assert (first.reason, first.original) == ("no_plan", 0)
    assert "No commission plan was in force" in words(first)
    assert explain(get_order())[0].plan is None


def only(**fields: Any) -> Callable[[], Any]:
    return lambda: plan(rule(**fields))


@pytest.mark.parametrize(
    ("make", "lines", "reason", "said"),
    [
        (
            lambda: plan(rule(layer="product", product=sku("soap").product)),
            {}, "no_rule", "No rule of plan #1 Plan is for these goods and this person.",
        ),
        (only(tier1=0), {}, "blank", "blank or at 0"),
        (only(tier1=None), {}, "blank", "blank or at 0"),
        (only(base="profit"), {"price": 4_000}, "no_profit", "no profit to share"),
        (only(tier1=10, asset="points"), {"price": 99}, "below_one", "smallest unit"),
        (only(), {"price": 9}, "below_one", "gives 0.009. That is less than the smallest unit"),
        (only(), {"discount": 10_990}, "nothing_left", "Nothing was paid for these goods"),
    ],
)  # fmt: skip
def test_why_a_line_pays_nothing(
    bo: Member, make: Any, lines: dict[str, int], reason: str, said: str
) -> None:
    make()
    ingest(order(bo, line(**lines)))

    first, _ = tiers()

    assert (first.reason, first.original, first.current, first.state) == (reason, 0, 0, "")
    assert said in words(first)
    assert str(first.distributor) == "Lan"


def test_a_cost_that_is_not_known(bo: Member) -> None:
    sku("soap", cost=None)
    plan(rule(base="profit"))
    ingest(order(bo, line("soap")))

    assert "The cost of the goods is not known" in words(tiers()[0])


def test_the_cap(bo: Member) -> None:
    plan(rule(4_000, 4_000))
    ingest(order(bo))

    _, second = tiers()

    assert (second.reason, second.original) == ("capped", 1_099)
    assert second.sentences[-2] == (
        "Capped: of 50 % of the 109.90 paid, for both tiers together, 10.99 is left for this one."
    )


@pytest.mark.parametrize(
    ("rules", "terms", "said"),
    [
        (
            [rule(300, 100, kind="per_unit")], {},
            "whole store, 3.00 for each unit) of plan #1 Plan gives 3.00.",
        ),
        (
            [rule(300, 100, kind="per_order")], {},
            "3.00 as this line's share of an amount for the order",
        ),
        (
            [rule(asset="points")], {},
            ("a point for each whole yuan of 10 % of what was paid) of plan #1 Plan gives"
            " 10.99 points. The fraction is dropped: 10 points."),
        ),
        ([rule(base="profit")], {}, "10 % of the profit) of plan #1 Plan gives 6.79."),
        ([rule(asset=Asset.STORE_CREDIT)], {}, "gives 10.99 store credit."),
        (
            [rule(boost=20_000, boost_from=NOON, boost_until=PLACED + DAY)], {},
            "10 % of what was paid, boosted to 200 %) of plan #1 Plan gives 21.98.",
        ),
        ([rule()], {"combine": "best"}, "Of the layers of plan #1 Plan, the rule"),
    ],
)  # fmt: skip
def test_the_rule_is_told_in_words(
    bo: Member, rules: Any, terms: dict[str, Any], said: str
) -> None:
    for one in rules:
        one.pk = None
    plan(*rules, **terms)
    ingest(order(bo))

    assert said in words(tiers()[0])


def test_rules_for_a_level_a_segment_and_a_category_are_named(bo: Member) -> None:
    gold = Level.objects.create(rank=1, name="Gold")
    koc = Segment.objects.create(code="koc", name="KOC")
    becomes("Lan", level=gold)
    becomes("Mei", segment=koc)
    shelf = sku("soap", category="美妆").product.category
    plan(
        rule(1_000, 1, layer="category", category=shelf, level=gold),
        rule(1, 500, layer="category", category=shelf, segment=koc),
        combine="sum",
    )
    ingest(order(bo, line("soap")))

    first, second = tiers()

    assert "(category 美妆, level Gold, 10 % of what was paid)" in words(first)
    assert "(category 美妆, segment KOC, 5 % of what was paid)" in words(second)


def test_several_rules_that_are_added_up(bo: Member) -> None:
    plan(rule(), rule(300, None, layer="product", product=sku("soap").product), combine="sum")
    ingest(order(bo, line("soap")))

    first, _ = tiers()

    assert "(product soap, 3 % of what was paid); #" in words(first)
    assert "together give 14.287." in words(first)


def test_an_order_that_is_not_paid_yet_tells_what_to_expect(bo: Member) -> None:
    plan()
    ingest(order(bo, paid=False))

    first, second = tiers()

    assert [(one.state, one.original) for one in (first, second)] == [
        ("expected", 1_099), ("expected", 549),
    ]  # fmt: skip
    assert "not paid yet: once it is, this comes to 10.99." in words(first)


def test_what_waits_what_is_credited_and_what_refunds_took(bo: Member) -> None:
    plan()
    ingest(order(bo))
    assert tiers()[0].sentences[-1] == "10.99 waits until the order is received."

    ingest(with_refund(order(bo, received=True), refund(3_663)))
    assert tiers()[0].sentences[-2:] == (
        "Refunded before it was credited (R-1): less 3.67.",
        "7.32 is protected until 2026-11-12 12:00.",
    )

    settle_all(at=RELEASED)
    assert tiers()[0].sentences[-1] == "It was credited on 2026-11-12 12:00."

    late = refund(3_663, number="R-2", at=RELEASED + DAY)
    ingest(with_refund(order(bo, received=True), refund(3_663), late), at=RELEASED + DAY)
    first, _ = tiers()
    assert (first.original, first.current, first.state) == (1_099, 366, "credited")
    assert first.sentences[-3:] == (
        "Refunded before it was credited (R-1): less 3.67.",
        "Refund R-2 took 3.66 back on 2026-11-13 12:00, after it had been credited.",
        "It was credited on 2026-11-12 12:00.",
    )


def test_what_was_taken_back_does_not_come_again(bo: Member) -> None:
    """Money back first and the goods later: their profit rises again, the commission does not."""
    plan(rule(1_000, None, base="profit"))
    facts = order(bo, line(quantity=2, price=5_000), received=True)
    ingest(facts)
    settle_all(at=RELEASED)
    money = refund(1_000, number="R-1", at=RELEASED)
    ingest(with_refund(facts, money), at=RELEASED)
    assert tiers()[0].current == 60

    ingest(with_refund(facts, money, refund(1, quantity=1, number="R-2", at=RELEASED)), at=RELEASED)

    assert tiers()[0].current == 60


def test_what_was_voided_before_the_credit_does_not_come_back_after_it(bo: Member) -> None:
    """The profit rises when the goods follow, and no clawback says that it was credited."""
    plan(rule(1_000, None, base="profit"))
    facts = order(bo, line(quantity=2, price=5_000), received=True)
    money = refund(1_000, number="R-1")
    ingest(with_refund(facts, money))
    settle_all(at=RELEASED)
    goods = refund(1, quantity=1, number="R-2", at=RELEASED + DAY)
    ingest(with_refund(facts, money, goods), at=RELEASED + DAY)

    first, _ = tiers()

    assert (first.original, first.current) == (160, 60)
    assert first.sentences[-2:] == (
        "Refunded before it was credited (R-1): less 1.00.",
        "It was credited on 2026-11-12 12:00.",
    )
    call_command("explain", "O-1", stdout=StringIO())  # would refuse if anything disagreed


def test_a_commission_of_which_nothing_is_left(bo: Member) -> None:
    plan()
    ingest(with_refund(order(bo, received=True), refund(10_990, quantity=1)))

    first, _ = tiers()

    assert (first.state, first.original, first.current) == ("void", 1_099, 0)
    assert first.sentences[-1] == "Nothing of it is left."


def test_what_is_held_says_why(bo: Member) -> None:
    plan()
    ingest(with_refund(order(bo, received=True), refund(3_663, done=False)))

    assert tiers()[0].sentences[-1] == "Held since 2026-11-02 12:00: an after-sale is open."

    DueCredit.objects.all().delete()
    CommissionHold.objects.all().delete()
    for one in Commission.objects.all():
        CommissionHold.objects.create(
            commission=one,
            reason=CommissionHold.Reason.FAULT,
            detail="AccountClosed",
            since=RELEASED,
        )
    assert tiers()[0].sentences[-1] == (
        "Held since 2026-11-12 12:00: it could not be credited. AccountClosed"
    )


def test_what_is_stored_is_compared_with_what_the_facts_give(bo: Member) -> None:
    plan()
    ingest(order(bo))
    Commission.objects.filter(tier=1).update(current=1_000)

    [one] = explain(get_order())

    assert [tier.matches_stored for tier in one.tiers] == [False, True]
    assert one.tiers[0].sentences[-1] == (
        "Attention: 10.00 is stored, but computed again it is 10.99."
    )
    with pytest.raises(CommandError, match="not what the frozen facts give"):
        call_command("explain", "O-1", stdout=StringIO())


def queries(number: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        lines: tuple[LineExplanation, ...] = explain(get_order(number))
        assert all(one.matches_stored for one in lines)
    return len(seen)


def test_no_order_takes_more_queries_than_another(bo: Member) -> None:
    plan(rule(), rule(100, None, priority=1, layer="product", product=sku("soap").product))
    many = [line("mask" if n % 2 else "soap", number=n, price=n * 100) for n in range(1, 30)]
    ingest(order(bo, number="O-1", received=True))
    ingest(with_refund(order(bo, *many, number="O-2", received=True),
                    *(refund(10, number=f"R-{n}", line=n) for n in range(1, 30))))  # fmt: skip
    queries("O-1")

    assert queries("O-2") <= queries("O-1") + 2  # what is empty for one line is not asked for
    assert queries("O-2") <= 14


def test_the_command_prints_it(bo: Member) -> None:
    plan()
    ingest(with_refund(order(bo, line(quantity=3), received=True), refund(10_990, quantity=1)))
    told = StringIO()

    call_command("explain", "O-1", stdout=told)

    text = told.getvalue()
    assert text.startswith("Order O-1 of Bo: received\n")
    assert (
        "Line 1: 3 × mask (mask), paid 329.70, of which 219.80 and 2 units remain\n"
        "  Tier 1: Lan, 21.98 (protected)\n"
        "    Lan is tier 1: the buyer's upline when the order was placed.\n"
    ) in text
    assert "  Tier 2: Mei, 10.99 (protected)\n" in text


def test_the_command_knows_no_such_order(db: None) -> None:
    with pytest.raises(CommandError, match="There is no order “O-9”") as told:
        call_command("explain", "O-9", stdout=StringIO())
    assert told.value.returncode == 1
