"""A member without a code brings accounts that look like one person: what they give is held.

Chen brings Dan and Eve. The referrer is no distributor, so no commission has the order screened.
"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.models import Event
from incentives.explanations import explain
from incentives.models import Award, Metric, PeriodKind, Reward, Version
from incentives.services.awards import review_held
from incentives.services.catching_up import catch_up, recount
from ledger.chart import Asset
from ledger.proof import differences
from members.models import Member
from notices.models import Notice
from orders.models import Order
from orders.services import complete
from risk.models import Case, Hold, RuleName, Stage
from risk.services import clear_case, release
from tests import shop
from tests.api.phone import Phone
from tests.backoffice.desks import act, listed, opened
from tests.cast import give, member, staff
from tests.incentives.engine.story import (
    RELEASED,
    awards,
    buy,
    complete_by,
    events,
    everything,
    give_back,
    merge,
    work,
)
from tests.incentives.offers import published, reward
from tests.risk.shop import rule
from tests.shop import DAY, PLACED, make_referral, wallet_balance

pytestmark = pytest.mark.django_db

CREDIT = Asset.STORE_CREDIT
ONE_PHONE = {"phone_hash": "p1"}
HELD = [("friend:store_credit", 800, 0, "held")]
GIVEN = [("friend:store_credit", 800, 800, "granted")]
WELCOME_HELD = [("friend:points", 50, 0, "held")]
WELCOME = [("friend:points", 50, 50, "granted")]


def offer() -> Version:
    """Publish ¥8.00 for who brings a friend, and 50 points for the friend."""
    return published(
        metric=Metric.REFERRED_BUYERS,
        rewards=[
            reward(800, asset=CREDIT),
            reward(50, asset=Asset.POINTS, side=Reward.Side.FRIEND),
        ],
    )


def brought(referrer: Member, name: str) -> Member:
    friend = member(name)
    make_referral(referrer, friend)
    return friend


@pytest.fixture
def dan(chen: Member, bo: Member) -> Member:
    return brought(chen, "Dan")


@pytest.fixture
def eve(chen: Member, dan: Member) -> Member:
    return brought(chen, "Eve")


def order_both(
    dan: Member, eve: Member, of_dan: dict[str, str], of_eve: dict[str, str] | None = None
) -> None:
    buy(dan, "O-1", contact=of_dan)
    buy(eve, "O-2", contact=of_dan if of_eve is None else of_eve)
    complete_by(RELEASED)


def clear(referrer: Member, *, day: int = 1) -> None:
    """Find nothing wrong at the desk of risk cases."""
    clear_case(
        case=Case.objects.get(member=referrer, status="open"), by=staff("Feng"),
        at=RELEASED + day * DAY, reason="two sisters in one flat",
    )  # fmt: skip
    work()


def test_friends_on_one_phone_are_held_for_both_sides_until_a_person_releases_them(
    chen: Member, dan: Member, eve: Member
) -> None:
    offer()
    order_both(dan, eve, ONE_PHONE)

    assert awards(chen) == HELD * 2
    assert awards(dan) == awards(eve) == WELCOME_HELD
    assert [wallet_balance(who, CREDIT) for who in (chen, dan, eve)] == [0, 0, 0]
    assert {row["reason"] for row in events("incentives.award_held")} == {"risk"}
    case = Case.objects.get()
    assert (case.member, case.status) == (chen, "open")
    assert [(row.rule, row.subject_kind) for row in case.holds.order_by("pk")] == [
        ("shared_phone", "orders.order")
    ] * 2

    clear(chen)

    assert awards(chen) == GIVEN * 2
    assert awards(dan) == awards(eve) == WELCOME
    before = everything()
    work()
    recount(orders=Order.objects.values_list("pk", flat=True), at=RELEASED + 2 * DAY)
    work()
    assert everything() == before, "it is given once, and held no more"
    assert not Case.objects.filter(status="open").exists()
    assert differences() == []


@pytest.mark.parametrize(
    "of_eve", [{}, {"phone_hash": "p2", "device": "d2", "address_hash": "a2"}, {"ip": "10.0.0.1"}]
)
@pytest.mark.slow
def test_ordinary_friends_are_not_held(
    chen: Member, dan: Member, eve: Member, of_eve: dict[str, str]
) -> None:
    """They have contacts of their own, or none; one IP address is no evidence."""
    offer()
    mine = {"phone_hash": "p0", "device": "d0", "address_hash": "a0", "ip": "10.0.0.1"}
    buy(chen, "O-0", contact=mine)
    ones = {"phone_hash": "p1", "device": "d1", "address_hash": "a1", "ip": "10.0.0.1"}
    order_both(dan, eve, ones, of_eve)

    assert awards(chen) == GIVEN * 2
    assert awards(dan) == awards(eve) == WELCOME
    assert not Hold.objects.exists()


@pytest.mark.slow
@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("part", "said"), [("phone_hash", "phone"), ("device", "device"), ("address_hash", "address")]
)
def test_each_contact_holds_and_the_explanation_names_it_without_its_value(
    chen: Member, dan: Member, eve: Member, part: str, said: str
) -> None:
    offer()
    order_both(dan, eve, {part: "hash7"})

    assert awards(chen) == HELD * 2
    assert set(Hold.objects.values_list("rule", flat=True)) == {f"shared_{said}"}
    held = explain(Award.objects.filter(member=chen).order_by("pk")[0])
    assert held[-2:] == [
        f"Order O-1: another friend of the same referrer has ordered with the same {said}.",
        "Held: the risk rules hold an order that counts. It goes on by itself when this ends.",
    ]
    assert "hash7" not in " ".join(held)
    assert "Eve" not in " ".join(held)


@pytest.mark.slow
@pytest.mark.usefixtures("in_english")
def test_a_friend_at_the_bringers_own_address_is_held(chen: Member, dan: Member) -> None:
    """The referrer's order may be older, and need not count."""
    offer()
    buy(chen, "O-0", contact={"address_hash": "a1"})
    buy(dan, "O-1", contact={"address_hash": "a1", "phone_hash": "p1"})
    complete_by(RELEASED)

    assert awards(chen) == HELD
    assert awards(dan) == WELCOME_HELD
    for award in Award.objects.all():
        assert explain(award)[-2] == (
            "Order O-1: who brought the friend has ordered with the same address."
        )


@pytest.mark.slow
def test_strangers_and_friends_of_others_are_not_compared(
    chen: Member, lan: Member, dan: Member
) -> None:
    """A dormitory: Bo and Kim, whom Chen did not bring, live at Dan's address."""
    offer()
    kim = brought(lan, "Kim")
    buy(member("Bo"), "O-0", contact={"address_hash": "a1"})
    order_both(dan, kim, {"address_hash": "a1"})

    assert awards(chen) == GIVEN
    assert awards(dan) == WELCOME


@pytest.mark.slow
def test_a_second_friend_is_held_and_what_the_first_gave_stays(
    chen: Member, dan: Member, eve: Member
) -> None:
    offer()
    buy(dan, "O-1", contact=ONE_PHONE)
    complete_by(RELEASED)
    assert awards(chen) == GIVEN

    buy(eve, "O-2", contact=ONE_PHONE, day=5)
    complete_by(RELEASED + 5 * DAY)

    assert sorted(awards(chen)) == sorted(GIVEN + HELD)
    assert awards(dan) == WELCOME
    assert wallet_balance(chen, CREDIT) == 800


@pytest.mark.slow
def test_what_is_held_ends_with_a_refund_and_what_was_released_is_taken_back(
    chen: Member, dan: Member, eve: Member
) -> None:
    offer()
    told = [buy(dan, "O-1", contact=ONE_PHONE), buy(eve, "O-2", contact=ONE_PHONE)]
    complete_by(RELEASED)
    give_back(told[0], 10_990, quantity=1, at=RELEASED + DAY)
    assert sorted(awards(chen)) == [("friend:store_credit", 0, 0, "taken_back"), *HELD]

    clear(chen, day=2)
    assert wallet_balance(chen, CREDIT) == 800

    give_back(told[1], 10_990, quantity=1, at=RELEASED + 3 * DAY, number="R-2")
    assert awards(chen) == [("friend:store_credit", 0, 0, "taken_back")] * 2
    assert awards(dan)[0][2] == awards(eve)[0][2] == wallet_balance(chen, CREDIT) == 0
    assert differences() == []


@pytest.mark.slow
def test_while_nobody_releases_it_it_stays_held(chen: Member, dan: Member, eve: Member) -> None:
    offer()
    order_both(dan, eve, ONE_PHONE)
    before = everything()

    assert review_held(at=RELEASED + 90 * DAY) == 0
    recount(orders=Order.objects.values_list("pk", flat=True), at=RELEASED + 90 * DAY)
    work()

    assert everything() == before
    assert Hold.objects.count() == 2
    assert Event.objects.filter(name="risk.held").count() == 2


@pytest.mark.slow
def test_one_release_gives_only_what_that_order_gives(
    chen: Member, dan: Member, eve: Member
) -> None:
    offer()
    order_both(dan, eve, ONE_PHONE)
    order = Order.objects.get(number="O-1")

    release(
        hold=Hold.objects.get(subject_id=order.public_id), by=staff("Feng"), at=RELEASED + DAY,
        reason="called her",
    )  # fmt: skip
    work()

    assert sorted(awards(chen)) == sorted(GIVEN + HELD)
    assert (awards(dan), awards(eve)) == (WELCOME, WELCOME_HELD)


@pytest.mark.slow
def test_what_a_number_of_friends_gives_waits_for_all_of_them(
    chen: Member, dan: Member, eve: Member
) -> None:
    published(
        metric=Metric.REFERRED_BUYERS, period=PeriodKind.MONTH, reach=Version.Reach.STEPS,
        rewards=[reward(900, asset=CREDIT, threshold=2)],
    )  # fmt: skip
    order_both(dan, eve, ONE_PHONE)
    assert [row[1:] for row in awards(chen)] == [(900, 0, "held")]

    clear(chen)

    assert [row[1:] for row in awards(chen)] == [(900, 900, "granted")]


@pytest.mark.slow
def test_operations_switch_and_shape_the_rules(chen: Member, dan: Member, eve: Member) -> None:
    offer()
    rule(RuleName.SHARED_PHONE, Stage.REFERRAL, threshold=2)
    rule(RuleName.SHARED_DEVICE, Stage.REFERRAL, enabled=False)
    fay = brought(chen, "Fay")
    order_both(dan, eve, {**ONE_PHONE, "device": "d1"})
    assert awards(chen) == GIVEN * 2, "one other account on the phone is below the threshold"

    buy(fay, "O-3", contact=ONE_PHONE, day=1)
    complete_by(RELEASED + DAY)

    assert sorted(awards(chen)) == sorted(GIVEN * 2 + HELD)
    assert Hold.objects.get().assessment.evidence | {"members": []} == {
        "threshold": 2, "min_sample": 0, "own_contacts": 1, "buyers": 2, "shared": 2,
        "friends": 2, "members": [],
    }  # fmt: skip


@pytest.mark.slow
def test_a_rule_that_is_switched_on_later_holds_nothing_that_counts_already(
    chen: Member, dan: Member, eve: Member
) -> None:
    """The control, too: without the rule a ring is paid."""
    offer()
    rule(RuleName.SHARED_PHONE, Stage.REFERRAL, enabled=False)
    order_both(dan, eve, ONE_PHONE)
    assert awards(chen) == GIVEN * 2
    before = everything()

    rule(RuleName.SHARED_PHONE, Stage.REFERRAL, enabled=True)
    recount(orders=Order.objects.values_list("pk", flat=True), at=RELEASED + DAY)
    work()

    assert everything() == before
    assert not Hold.objects.exists()


@pytest.mark.slow
def test_accounts_that_were_merged_are_compared_as_one_person(
    chen: Member, dan: Member, eve: Member
) -> None:
    """Another account of Chen's ordered on the phone; a second account of Dan's is Dan."""
    offer()
    other, second = member("Chen 2"), member("Dan 2")
    buy(other, "O-8", contact={"device": "d1"})
    buy(dan, "O-1", contact=ONE_PHONE)
    buy(second, "O-9", contact=ONE_PHONE, day=1)
    buy(eve, "O-2", contact={"device": "d1"})
    merge(other, chen)
    merge(second, dan)
    complete_by(RELEASED)

    by_order = {
        Order.objects.get(public_id=row.subject_id).number: row.rule for row in Hold.objects.all()
    }
    assert by_order == {"O-2": "shared_device"}


@pytest.mark.slow
@pytest.mark.usefixtures("no_static_files")
def test_the_member_and_operations_read_why(chen: Member, dan: Member, eve: Member) -> None:
    offer()
    order_both(dan, eve, ONE_PHONE)
    award = Award.objects.filter(member=chen).order_by("pk")[0]

    told = Phone(chen).get(f"/me/awards/{award.public_id}").json()
    assert told["explanation"][-2].endswith("has ordered with the same phone.")
    assert "p1" not in str(told)
    notice = Notice.objects.get(kind=Notice.Kind.AWARD_HELD, member=eve)
    assert notice.target == Notice.Target.AWARD

    desk = Client()
    desk.force_login(give(staff("Qian"), "change_case", "view_hold", "view_member"))
    case = Case.objects.get()
    page = opened(desk, "risk_cases", case)
    assert listed(page) == ["Chen"]
    assert "同一邀请人的其他好友" in page
    act(desk, "risk_cases", case, "clear", reason="姐妹同住")
    work()
    assert awards(chen) == GIVEN * 2


@pytest.mark.slow
def test_statements_do_not_grow_with_friends(chen: Member, bo: Member) -> None:
    offer()
    friends = [brought(chen, f"F{number}") for number in range(12)]
    shop.ingest(
        *(
            shop.order(
                friend, number=f"O-{place}", received=True, placed_at=PLACED, contact=ONE_PHONE
            )
            for place, friend in enumerate(friends)
        )
    )
    while complete(at=RELEASED):
        pass
    keys = list(Order.objects.order_by("pk").values_list("pk", flat=True))

    def statements(orders: list[int]) -> int:
        with CaptureQueriesContext(connection) as seen:
            catch_up(orders=orders, at=RELEASED)
        return len(seen)

    statements(keys[:1])
    second = statements(keys[1:2])
    assert statements(keys[2:]) <= second
    assert Hold.objects.count() == 12
    assert {row.status for row in Award.objects.all()} == {"held"}
