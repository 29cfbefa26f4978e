"""The simulation pays a basket like an order, and writes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from commissions.models import Commission, OrderCommissionTerms, Plan
from commissions.services import draft
from commissions.simulation import (
    BasketItem,
    BasketPriceInvalid,
    BasketQuantityInvalid,
    BasketSkuUnknown,
    simulate,
)
from common.errors import TwotierError
from distribution.models import Binding, Distributor, DistributorPeriod, Referral
from distribution.models import Policy as DistributionPolicy
from events.models import Event
from members.models import Member
from orders.models import Order, Policy
from tests.cast import NOON, member
from tests.shop import (
    DAY,
    PLACED,
    commissions,
    distributor,
    editor,
    ingest,
    line,
    make_referral,
    order,
    plan,
    referral_chain,
    rule,
    sku,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def bo(db: None) -> Member:
    sku()
    sku("soap", price=3_000, category="bath")
    return referral_chain("Mei", "Lan", "Bo")[-1]


def several_rules() -> Plan:
    soap = sku("brush", category="tools").product
    return plan(
        rule(),
        rule(700, 70, kind="per_order", priority=1, layer="product", product=soap),
        rule(3_000, None, priority=2, layer="category", category=soap.category, base="profit"),
    )


BASKET = [
    BasketItem("mask", 2, 9_999, discount=1), BasketItem("soap"),
    BasketItem("brush", 1, 500), BasketItem("brush", 3, 999),
]  # fmt: skip
LINES = [
    line("mask", number=1, quantity=2, price=9_999, discount=1),
    line("soap", number=2, price=3_000),
    line("brush", number=3, price=500),
    line("brush", number=4, quantity=3, price=999),
]


@pytest.mark.parametrize("name", ["Bo", "Lan", "Mei", "Chen"])
@pytest.mark.parametrize("policy", ["upline", "self"])
def test_a_basket_pays_the_same_as_its_order(bo: Member, name: str, policy: str) -> None:
    Policy.objects.update(self_purchase=policy)
    terms, buyer = several_rules(), member(name)

    simulated = simulate(plan=terms, basket=BASKET, buyer=buyer, at=PLACED)
    ingest(order(buyer, *LINES))

    assert [
        (row.number, tier.tier, str(tier.distributor), tier.original)
        for row in simulated
        for tier in row.tiers
        if tier.original
    ] == [row[:4] for row in commissions()]


def referred_chen(policy: str = "unbound", **at: Any) -> Member:
    """Return Chen, referred by Lan, whom an order will bind."""
    DistributionPolicy.objects.update(binding_trigger="first_order", binding_audience=policy)
    chen = member("Chen")
    assert make_referral(Member.objects.get(nickname="Lan"), chen, **at).outcome == "first_order"
    return chen


def simulated_tiers(
    terms: Plan, buyer: Member, at: datetime = PLACED
) -> list[tuple[int, str, int]]:
    [line_explanation] = simulate(plan=terms, basket=[BasketItem("mask")], buyer=buyer, at=at)
    return [
        (tier.tier, str(tier.distributor), tier.original)
        for tier in line_explanation.tiers
        if tier.original
    ]


def ordered_tiers(buyer: Member, at: datetime = PLACED) -> list[tuple[int, str, int]]:
    ingest(order(buyer, placed_at=at))
    return [row[1:4] for row in commissions()]


def test_a_buyer_bound_by_their_first_order_has_its_upline(bo: Member) -> None:
    terms, chen = plan(), referred_chen()

    [line_explanation] = simulate(plan=terms, basket=[BasketItem("mask")], buyer=chen, at=PLACED)

    assert [str(tier.distributor) for tier in line_explanation.tiers] == ["Lan", "Mei"]
    assert line_explanation.tiers[0].sentences[1] == (
        "The buyer has no upline yet: this order binds them to Lan, who referred them."
    )
    assert not any("binds" in sentence for sentence in line_explanation.tiers[1].sentences)
    assert not Binding.objects.filter(member=chen).exists()
    assert (
        simulated_tiers(terms, chen) == ordered_tiers(chen) == [(1, "Lan", 1_099), (2, "Mei", 549)]
    )

    [line_explanation] = simulate(
        plan=terms, basket=[BasketItem("mask")], buyer=chen, at=PLACED + DAY
    )
    assert not any("binds" in sentence for sentence in line_explanation.tiers[0].sentences)


def suspend() -> None:
    lan = Distributor.objects.get(member__nickname="Lan")
    DistributorPeriod.objects.filter(distributor=lan).update(ended_at=PLACED)
    DistributorPeriod.objects.create(distributor=lan, status="suspended", started_at=PLACED)


@pytest.mark.parametrize(
    ("policy", "brought", "prepare", "count"),
    [
        ("unbound", NOON + DAY, lambda: None, 2),
        ("unbound", NOON + DAY + timedelta(seconds=1), lambda: None, 0),
        ("new", NOON, lambda: None, 2),
        ("new", NOON + timedelta(hours=1), lambda: None, 0),
        ("unbound", NOON, suspend, 0),
        (
            "unbound",
            NOON,
            lambda: DistributionPolicy.objects.update(binding_trigger="first_visit"),
            0,
        ),
    ],
)
def test_a_buyer_whom_an_order_would_not_bind_has_no_upline(
    bo: Member, policy: str, brought: datetime, prepare: Callable[[], Any], count: int
) -> None:
    terms, chen = plan(), referred_chen(policy, at=brought)
    prepare()

    simulated = simulated_tiers(terms, chen)

    assert simulated == ordered_tiers(chen)
    assert len(simulated) == count


def test_a_buyer_referred_by_no_distributor_has_no_upline(bo: Member) -> None:
    DistributionPolicy.objects.update(binding_trigger="first_order")
    terms, chen = plan(), member("Chen")
    make_referral(bo, chen)

    assert simulated_tiers(terms, chen) == ordered_tiers(chen) == []


def test_a_simulated_order_closes_no_circle(bo: Member) -> None:
    """Lan referred Mei, who is above Lan."""
    DistributionPolicy.objects.update(binding_trigger="first_order")
    terms, mei = plan(), member("Mei")
    make_referral(member("Lan"), mei)

    assert simulated_tiers(terms, mei) == ordered_tiers(mei) == []


@pytest.mark.parametrize(
    ("policy", "paid"), [("upline", ["Lan", "Mei"]), ("self", ["Chen", "Lan"])]
)
def test_a_distributor_bound_by_their_first_order_has_its_upline(
    bo: Member, policy: str, paid: list[str]
) -> None:
    Policy.objects.update(self_purchase=policy)
    terms, chen = plan(), referred_chen()
    distributor(chen)

    simulated = simulated_tiers(terms, chen)

    assert simulated == ordered_tiers(chen)
    assert [who for _, who, _ in simulated] == {"upline": ["Lan", "Mei"], "self": ["Chen", "Lan"]}[
        policy
    ]


def test_nothing_is_written_for_a_buyer_to_be_bound(bo: Member) -> None:
    terms, chen = plan(), referred_chen()
    distributor(chen)
    counts = [model.objects.count() for model in (Binding, Referral, Event)]

    with CaptureQueriesContext(connection) as seen:
        simulate(plan=terms, basket=BASKET[:2], buyer=chen, at=PLACED)

    writes = re.compile(r"\b(INSERT|UPDATE|DELETE|pg_advisory\w+)\b")
    assert [q["sql"] for q in seen if writes.search(q["sql"])] == []
    assert counts == [model.objects.count() for model in (Binding, Referral, Event)]


def test_nothing_is_written(bo: Member) -> None:
    terms = plan()
    counts = [model.objects.count() for model in (Order, OrderCommissionTerms, Commission, Event)]

    with CaptureQueriesContext(connection) as seen:
        simulate(plan=terms, basket=BASKET[:2], buyer=bo, at=PLACED)

    assert [q["sql"] for q in seen if not q["sql"].lstrip().startswith("SELECT")] == []
    assert counts == [
        model.objects.count() for model in (Order, OrderCommissionTerms, Commission, Event)
    ]


def test_a_draft_can_be_simulated(bo: Member) -> None:
    plan()
    new = draft(name="Next", by=editor(), at=NOON, rules=[rule(2_000, 100)])

    [line_explanation] = simulate(plan=new, basket=[BasketItem("mask")], buyer=bo, at=PLACED)
    assert [tier.original for tier in line_explanation.tiers] == [2_198, 109]
    assert line_explanation.tiers[0].state == "expected"

    new.rules.update(tier1=1_500)
    [line_explanation] = simulate(plan=new, basket=[BasketItem("mask")], buyer=bo, at=PLACED)
    assert [tier.original for tier in line_explanation.tiers] == [1_648, 109]


def test_a_simulation_is_as_of_the_given_time(bo: Member) -> None:
    terms = plan(rule(boost=20_000, boost_from=NOON, boost_until=PLACED))
    lan = Distributor.objects.get(member__nickname="Lan")
    DistributorPeriod.objects.filter(distributor=lan).update(ended_at=PLACED + DAY)
    DistributorPeriod.objects.create(distributor=lan, status="frozen", started_at=PLACED + DAY)

    simulated = {
        at: simulate(plan=terms, basket=[BasketItem("mask")], buyer=bo, at=at)[0].tiers
        for at in (NOON, PLACED, PLACED + DAY)
    }

    assert [tiers[0].original for tiers in simulated.values()] == [2_198, 1_099, 0]
    assert simulated[PLACED + DAY][0].reason == "not_active"


def test_a_simulation_gives_reasons(bo: Member) -> None:
    [line_explanation] = simulate(
        plan=plan(), basket=[BasketItem("mask")], buyer=member("Chen"), at=PLACED
    )

    assert [tier.reason for tier in line_explanation.tiers] == ["no_upline", "no_upline"]
    assert "Nobody is tier 1" in line_explanation.tiers[0].sentences[0]


@pytest.mark.parametrize(
    ("item", "error", "message"),
    [
        (BasketItem("nothing"), BasketSkuUnknown, "Item 2: there is no SKU “nothing”."),
        (BasketItem("mask", 0), BasketQuantityInvalid, "Item 2: the quantity must be at least 1."),
        (BasketItem("mask", 1, 100, discount=101), BasketPriceInvalid, "Item 2: neither the price"),
        (BasketItem("mask", 1, -1), BasketPriceInvalid, "may be below 0."),
        (BasketItem("mask", 1, 100, discount=-1), BasketPriceInvalid, "may be below 0."),
    ],
)
def test_an_invalid_item_is_refused(
    bo: Member, item: BasketItem, error: type[TwotierError], message: str
) -> None:
    with pytest.raises(error) as refusal:
        simulate(plan=plan(), basket=[BasketItem("soap"), item], buyer=bo, at=PLACED)
    assert message in str(refusal.value)
    assert refusal.value.status == 422


def test_more_items_take_no_more_queries(bo: Member) -> None:
    terms = several_rules()

    def queries(basket: list[BasketItem]) -> int:
        with CaptureQueriesContext(connection) as seen:
            simulate(plan=terms, basket=basket, buyer=bo, at=PLACED)
        return len(seen)

    queries(BASKET)
    assert queries(BASKET * 5) == queries(BASKET)


def run(*words: str) -> str:
    output = StringIO()
    call_command("simulate", *words, stdout=output)
    return output.getvalue()


def test_the_command_simulates_a_version_a_draft_or_the_plan_in_force(bo: Member) -> None:
    plan()
    new = draft(name="Next", by=editor(), at=NOON, rules=[rule(2_000, 100)])
    arguments = "--buyer", "bo", "--item", "mask:1:109.90", "--item", "soap:2", "--at"
    at = PLACED.isoformat()

    for named in ([], ["--plan", "1"], ["--plan", "#1"]):
        text = run(*arguments, at, *named)
        assert text.startswith("With plan #1 Plan:\nLine 1: 1 × mask (mask), paid 109.90\n")
        assert "  Tier 1: Lan, 10.99 (expected)\n" in text
        assert "Line 2: 2 × soap (soap), paid 60.00\n" in text
    assert "  Tier 1: Lan, 21.98 (expected)\n" in run(*arguments, at, "--plan", new.public_id)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--buyer", "ghost", "--item", "mask:1"], "There is no member with the mall id “ghost”"),
        (["--buyer", "bo", "--item", "mask"], "“mask” is not an item"),
        (["--buyer", "bo", "--item", ":1"], "“:1” is not an item"),
        (["--buyer", "bo", "--item", "mask:x"], "“mask:x” is not an item"),
        (["--buyer", "bo", "--item", "mask:1:1.234"], "is not an item"),
        (["--buyer", "bo", "--item", "mask:0"], "the quantity must be at least 1"),
        (["--buyer", "bo", "--item", "gold:1"], "there is no SKU “gold”"),
        (["--buyer", "bo", "--item", "mask:1", "--plan", "9"], "There is no plan “9”"),
        (["--buyer", "bo", "--item", "mask:1", "--plan", "9" * 40], "There is no plan"),
        (["--buyer", "bo", "--item", "mask:1", "--at", "2026-11-01"], "not a time with an offset"),
        (["--buyer", "bo", "--item", "mask:1", "--at", "2020-01-01T00:00+08:00"], "No plan is"),
        (["--item", "mask:1"], "--buyer"),
        (["--buyer", "bo"], "--item"),
    ],
)
def test_the_command_refuses_invalid_arguments_with_a_reason(
    bo: Member, words: list[str], message: str
) -> None:
    plan()
    with pytest.raises(CommandError) as error:
        run(*words)
    assert message in str(error.value)
