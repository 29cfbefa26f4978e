"""Awards are listed, summed and explained; persons and orders show theirs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incentives.models import Award, GiftTask, Version
from incentives.services.gifts import cancel_gift
from members.models import Member
from orders.models import Order
from tests.cast import give, staff
from tests.incentives.admin.conftest import NOW
from tests.incentives.offers import published, reward
from tests.shop import get_order, sku

pytestmark = [
    pytest.mark.django_db, pytest.mark.usefixtures("no_static_files", "now"), pytest.mark.slow,
]  # fmt: skip
LIST = reverse("admin:incentives_award_changelist")
TOTALS = reverse("admin:incentives_award_list_totals")
DAYS = {"reached_at__from": "2026-11-01", "reached_at__to": "2026-12-31"}


@pytest.fixture
def each(bo: Member) -> Version:
    """¥10 for each own order, and by another incentive 30 points."""
    published(name="每单积分", rewards=[reward(30, asset="points")])
    return published(name="每单十元", rewards=[reward(1_000)])


def listed(client: Client, **query: str) -> list[Any]:
    return list(client.get(LIST, query).context["cl"].result_list)


def page_of(award: Award) -> str:
    return reverse("admin:incentives_award_change", args=[award.pk])


def test_awards_are_filtered_and_summed_by_asset(
    as_boss: Client, each: Version, sell: Callable[..., Order]
) -> None:
    sell("O-1")
    sell("O-2")

    assert len(listed(as_boss)) == 4
    assert len(listed(as_boss, incentive=str(each.incentive_id), asset__exact="cash")) == 2
    assert listed(as_boss, incentive="0") == []
    assert listed(as_boss, incentive="x") == []
    assert len(listed(as_boss, q="Lan")) == 4
    assert listed(as_boss, q="Mei") == []
    assert listed(as_boss, status__exact="held") == []
    assert len(listed(as_boss, posted__min="5", **DAYS)) == 2  # no points
    sums = as_boss.get(TOTALS, DAYS).text
    assert "¥20.00" in sums
    assert "60" in sums


def test_awards_are_exported_as_they_are_seen(
    as_boss: Client, each: Version, sell: Callable[..., Order]
) -> None:
    sell()
    address = reverse("admin:incentives_award_list_export")

    content = as_boss.post(address, {"query": "asset__exact=cash", "format": "csv"}).content

    text = content.decode("utf-8-sig")
    assert text.count("\n") == 2
    for part in ("Lan", "每单十元", "10.00"):
        assert part in text, part


def test_more_awards_need_no_more_queries(
    as_boss: Client, each: Version, sell: Callable[..., Order]
) -> None:
    def count(address: str) -> int:
        as_boss.get(address)
        with CaptureQueriesContext(connection) as captured:
            as_boss.get(address)
        return len(captured)

    sell()
    few = count(LIST)
    for number in range(2, 6):
        sell(f"O-{number}")

    assert count(LIST) <= few


def test_an_award_says_how_it_was_reached(
    as_boss: Client, each: Version, sell: Callable[..., Order]
) -> None:
    sell()
    award = Award.objects.get(asset="cash")

    page = as_boss.get(page_of(award)).text

    for text in ("O-1", "Lan", "Bo", "¥10.00", f"award:{award.public_id}:1", "data-copy="):
        assert text in page, text


def test_what_is_no_money_is_given_or_not(
    as_boss: Client, bo: Member, sell: Callable[..., Order]
) -> None:
    published(name="2 倍积分", rewards=[reward(kind="factor", rate=20_000, days=7)])
    sell()

    page = as_boss.get(LIST).text

    assert "¥0.01" not in page
    assert as_boss.get(page_of(Award.objects.get())).status_code == 200
    assert as_boss.get(TOTALS, DAYS).status_code == 200


def test_a_person_and_an_order_show_their_awards(
    as_boss: Client, each: Version, sell: Callable[..., Order]
) -> None:
    sell()
    lan = Member.objects.get(nickname="Lan")
    panels = [
        reverse("admin:members_member_panel", args=[lan.pk, name])
        for name in ("awards", "incentives")
    ]

    for panel in panels:
        assert "每单十元" in as_boss.get(panel).text
    order = as_boss.get(reverse("admin:orders_order_change", args=[get_order().pk])).text
    assert "每单十元" in order
    assert page_of(Award.objects.get(asset="cash")) in order


def test_an_order_that_counts_nowhere_has_no_panel(
    as_boss: Client, sell: Callable[..., Order]
) -> None:
    row = sell()

    page = as_boss.get(reverse("admin:orders_order_change", args=[row.pk])).text

    assert "panel-incentives" not in page


def test_others_see_no_awards(each: Version, sell: Callable[..., Order]) -> None:
    sell()
    client = Client()
    client.force_login(give(staff("Yan"), "view_member", "view_order"))

    assert client.get(LIST).status_code == 403
    assert client.get(page_of(Award.objects.first())).status_code == 403  # type: ignore[arg-type]
    page = client.get(reverse("admin:orders_order_change", args=[get_order().pk])).text
    assert "panel-incentives" not in page


def test_a_gift_that_the_shop_cancelled_is_not_summed(
    as_boss: Client, bo: Member, sell: Callable[..., Order]
) -> None:
    published(rewards=[reward(kind="gift", gift=sku("tea", price=500, cost=300))], min_amount=5_000)
    sell("O-1")
    sell("O-2")

    def rows_due_and_given() -> list[str]:
        return re.findall(r"\d+", re.sub(r"<[^>]+>", " ", as_boss.get(TOTALS, DAYS).text))

    assert rows_due_and_given() == ["2", "2", "2"]
    cancel_gift(
        task=GiftTask.objects.earliest("pk"), reason="sold out",
        by=give(staff("Feng"), "change_gifttask"), at=NOW,
    )  # fmt: skip

    assert rows_due_and_given() == ["2", "2", "1"]
    assert "礼品已取消" in as_boss.get(LIST).text
