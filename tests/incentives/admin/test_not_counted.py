"""The page of an order says where it does not count because of who bought it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from incentives.models import Contribution, Version
from members.models import Member
from orders.models import Order, Policy
from risk.models import Hold, RuleName
from tests.cast import give, staff
from tests.incentives.admin.conftest import RELEASED
from tests.incentives.offers import published, reward
from tests.incentives.shared_holds import hold_for_sharing
from tests.shop import ingest, order

pytestmark = [
    pytest.mark.django_db, pytest.mark.usefixtures("no_static_files", "now"), pytest.mark.slow,
]  # fmt: skip
SHARED = "不计入：买家与此人共用身份证号或收款账户"
OWN = "不计入：买家就是本人"


@pytest.fixture
def each(bo: Member) -> Version:
    return published(name="每单十元", rewards=[reward(1_000)])


def page(client: Client, row: Order) -> str:
    return client.get(reverse("admin:orders_order_change", args=[row.pk])).text


def address(hold: Hold) -> str:
    return reverse("admin:risk_hold_change", args=[hold.pk])


@pytest.mark.parametrize("rule", [RuleName.SHARED_IDENTITY, RuleName.SHARED_PAYEE])
def test_an_order_of_who_shares_something_links_to_the_hold(
    as_boss: Client, each: Version, bo: Member, sell: Callable[..., Order], rule: str
) -> None:
    hold = hold_for_sharing(Member.objects.get(nickname="Lan"), bo, rule)
    row = sell()

    text = page(as_boss, row)

    assert "panel-incentives" in text
    assert SHARED in text
    assert address(hold) in text
    assert str(hold.get_rule_display()) in text
    assert not Contribution.objects.exists()


def test_who_may_not_see_holds_reads_the_reason_alone(
    each: Version, bo: Member, sell: Callable[..., Order]
) -> None:
    hold = hold_for_sharing(Member.objects.get(nickname="Lan"), bo, RuleName.SHARED_IDENTITY)
    row = sell()
    client = Client()
    client.force_login(give(staff("Yan"), "view_member", "view_order", "view_award"))

    text = page(client, row)

    assert SHARED in text
    assert address(hold) not in text


def test_an_own_purchase_says_so(as_boss: Client, each: Version) -> None:
    Policy.objects.update(self_purchase=Policy.SelfPurchase.SELF)
    ingest(order(Member.objects.get(nickname="Lan"), received=True), at=RELEASED)

    text = page(as_boss, Order.objects.get())

    assert OWN in text
    assert SHARED not in text


def test_an_order_that_counts_says_nothing_of_it(
    as_boss: Client, each: Version, sell: Callable[..., Order]
) -> None:
    text = page(as_boss, sell())

    assert "每单十元" in text
    assert SHARED not in text
    assert OWN not in text
