"""The list and the page of incentives: state, figures, a sentence, and the next version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from events.models import Event
from incentives.models import Incentive, Reward, Version
from incentives.services.back_tests import run_back_tests
from incentives.services.drafts import create_draft
from members.models import Member, User
from orders.models import Order
from tests.cast import NOON, give, staff
from tests.commissions.admin.pages import press
from tests.incentives.admin.forms import incentive_url, url
from tests.incentives.offers import draft, published, reward
from tests.promotions.coupons import coupon
from tests.shop import DAY, sku

pytestmark = [
    pytest.mark.django_db, pytest.mark.usefixtures("no_static_files", "now"), pytest.mark.slow,
]  # fmt: skip
LIST = reverse("admin:incentives_incentive_changelist")


@pytest.fixture
def running(bo: Member) -> Version:
    """¥10 for each own order, ¥100 in all."""
    return published(name="每单十元", budget_amount=10_000, rewards=[reward(1_000)])


def rows(client: Client, **query: str) -> list[Any]:
    return list(client.get(LIST, query).context["cl"].result_list)


def test_the_list_says_what_each_costs_and_brings(
    as_boss: Client, running: Version, sprint: Version, sell: Callable[..., Order]
) -> None:
    sell("O-1")
    sell("O-2")

    page = as_boss.get(LIST).text
    by_state = {row.state: row for row in rows(as_boss)}

    figures = by_state["running"].figures
    assert (figures.cost, figures.people, figures.orders, figures.used) == (2_000, 1, 2, 20)
    assert figures.sales == 2 * 10_990
    assert by_state["draft"].main == sprint
    for text in ("每单十元", "月度冲刺", "¥20.00", "20%"):
        assert text in page, text


def test_what_is_no_money_stands_beside_the_cost(
    as_boss: Client, bo: Member, sell: Callable[..., Order]
) -> None:
    version = published(
        budget_awards=50, min_amount=5_000,
        rewards=[
            reward(100), reward(kind="factor", rate=20_000, days=7),
            reward(kind="coupon", coupon=coupon(amount=500, threshold=0, per_member=60)),
            reward(kind="gift", gift=sku("cup", price=700, cost=1)),
        ],
    )  # fmt: skip
    sell("O-1")
    sell("O-2")

    for address in (LIST, incentive_url(version)):
        page = as_boss.get(address).text
        assert "¥2.00" in page
        assert "¥24.00 + 2 份无法估值" in page


def test_the_budget_in_money_says_that_it_is_of_money(as_boss: Client, sprint: Version) -> None:
    assert "券、礼品和积分不占用该预算" in as_boss.get(url(sprint)).text


def test_chips_filter_by_state(as_boss: Client, running: Version, sprint: Version) -> None:
    assert [row.pk for row in rows(as_boss, state="running")] == [running.incentive_id]
    assert [row.pk for row in rows(as_boss, state="draft")] == [sprint.incentive_id]
    assert rows(as_boss, state="stopped") == []
    assert len(rows(as_boss, state="nonsense")) == 2


def test_an_incentive_is_found_by_its_name_or_id(
    as_boss: Client, running: Version, sprint: Version
) -> None:
    assert [row.pk for row in rows(as_boss, q="十元")] == [running.incentive_id]
    assert [row.pk for row in rows(as_boss, q=sprint.public_id.upper())] == [sprint.incentive_id]
    assert rows(as_boss, q="nothing") == []


def test_more_incentives_need_no_more_queries(as_boss: Client, running: Version) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            as_boss.get(LIST)
        return len(captured)

    as_boss.get(LIST)
    few = count()
    for _turn in range(5):
        draft(rewards=[reward(1_000), reward(5, asset="points")])

    assert count() <= few


def test_the_page_is_one_sentence_its_terms_and_its_figures(
    as_boss: Client, running: Version, sell: Callable[..., Order]
) -> None:
    sell()

    page = as_boss.get(incentive_url(running)).text

    assert 'class="ic-sentence"' in page
    for text in ("每单十元", "¥10.00", "¥100.00", "10%", "¥109.90"):
        assert text in page, text


def test_a_next_version_is_drafted_once(as_boss: Client, boss: User, running: Version) -> None:
    page = incentive_url(running, "revise")
    assert as_boss.get(page).status_code == 405

    first = as_boss.post(page).headers["Location"]
    second = as_boss.post(page).headers["Location"]

    drafted = Version.objects.get(status="draft")
    assert first == second == url(drafted)
    assert drafted.incentive == running.incentive
    assert drafted.editors == [boss.pk]
    assert url(drafted) in as_boss.get(incentive_url(running)).text


def test_another_incentive_starts_from_the_same_terms(as_boss: Client, running: Version) -> None:
    as_boss.post(incentive_url(running, "copy"))

    drafted = Version.objects.get(status="draft")
    assert drafted.incentive != running.incentive
    assert drafted.rewards.get().amount == 1_000


@pytest.mark.parametrize("days", [0, 3], ids=["begun", "scheduled"])
def test_a_published_campaign_is_not_revised(as_boss: Client, bo: Member, days: int) -> None:
    start = clock.now() + days * DAY if days else None
    campaign = published(metric="first_sale", rewards=[reward(500)], starts_at=start)
    before = Version.objects.count(), Event.objects.count()

    assert incentive_url(campaign, "revise") not in as_boss.get(incentive_url(campaign)).text
    response = as_boss.post(incentive_url(campaign, "revise"))

    assert response.headers["Location"] == incentive_url(campaign)
    assert (Version.objects.count(), Event.objects.count()) == before


def test_versions_stand_side_by_side(as_boss: Client, running: Version) -> None:
    drafted = create_draft(by=staff("Qian"), at=NOON, based_on=running)
    Version.objects.filter(pk=drafted.pk).update(budget_amount=20_000, channels=["qq", "weibo"])

    page = as_boss.get(url(drafted, "compare")).text

    assert "<del>¥100.00</del>" in page
    assert "<ins>¥200.00</ins>" in page
    assert "<ins>QQ、微博</ins>" in page
    assert "每单十元" in as_boss.get(url(drafted, "compare"), {"all": "1"}).text


def test_a_version_alone_has_nothing_to_compare_with(as_boss: Client, sprint: Version) -> None:
    assert as_boss.get(url(sprint, "compare")).status_code == 200


def test_a_stop_says_what_it_touches_and_needs_a_tick(
    as_boss: Client, boss: User, running: Version, sell: Callable[..., Order], now: datetime
) -> None:
    sell()
    address = incentive_url(running, "stop")
    assert "1 人" in as_boss.get(address).text

    press(as_boss, running.incentive, "stop", reason="预算用完")
    running.incentive.refresh_from_db()
    assert running.incentive.stopped_at is None

    press(as_boss, running.incentive, "stop", reason="预算用完", _confirmed="on")

    running.incentive.refresh_from_db()
    assert (running.incentive.stopped_at, running.incentive.stopped_by) == (now, boss)
    page = as_boss.get(incentive_url(running)).text
    assert "预算用完" in page
    assert address not in page


def test_only_publishers_stop(running: Version) -> None:
    client = Client()
    client.force_login(give(staff("Yan"), "view_incentive", "change_version"))
    before = list(Incentive.objects.values())

    assert incentive_url(running, "stop") not in client.get(incentive_url(running)).text
    assert client.post(incentive_url(running, "stop"), {"reason": "x"}).status_code == 403
    assert list(Incentive.objects.values()) == before


@pytest.mark.parametrize("page", ["revise", "copy"])
def test_only_authors_draft(running: Version, page: str) -> None:
    client = Client()
    client.force_login(give(staff("Yan"), "view_incentive", "publish_version"))

    assert client.post(incentive_url(running, page)).status_code == 403
    assert not Version.objects.filter(status="draft").exists()


def test_a_simulation_is_asked_by_name(as_boss: Client, sprint: Version) -> None:
    page = as_boss.get(url(sprint, "simulate"), {"person": "Lan", "value": "150"})

    assert "¥10.00" in page.text
    assert "¥850.00" in page.text  # missing for the next step
    wrong = as_boss.get(url(sprint, "simulate"), {"person": "Lan", "value": "many"})
    assert "value" in wrong.context["form"].errors
    nobody = as_boss.get(url(sprint, "simulate"), {"person": "Nobody"})
    assert "person" in nobody.context["form"].errors


def test_a_back_test_is_started_once_and_shows_its_result(
    as_boss: Client, sprint: Version, sell: Callable[..., Order]
) -> None:
    sell(units=2)
    page = url(sprint, "back_test")
    assert as_boss.post(page, {"days": "0"}).context["form"].errors
    as_boss.post(page, {"days": "30"})
    assert "progress" in as_boss.get(page).text
    assert as_boss.post(page, {"days": "30"}).context["form"].non_field_errors()

    while run_back_tests(at=clock.now()):
        pass

    shown = as_boss.get(page).text
    for text in ("¥10.00", "Lan", "¥219.80"):
        assert text in shown, text


def test_a_back_test_and_the_publication_show_what_is_no_money(
    as_boss: Client, bo: Member, sell: Callable[..., Order]
) -> None:
    sell("O-1")
    version = draft(
        rewards=[
            reward(100), reward(kind="factor", rate=20_000, days=7),
            reward(kind="coupon", coupon=coupon(amount=500, threshold=0, per_member=60)),
        ]
    )  # fmt: skip
    as_boss.post(url(version, "back_test"), {"days": "30"})
    while run_back_tests(at=clock.now()):
        pass

    result = as_boss.get(url(version, "back_test")).text
    assert "¥1.00" in result
    assert result.count("¥5.00 + 1 份无法估值") == 2  # in all, and of who gains
    assert "金额预算不包含这些" in result
    said = "1 人可获得金额 ¥1.00。 券、礼品等最多价值：¥5.00 + 1 份无法估值。"
    assert said in as_boss.get(url(version, "publish")).text


def test_the_publication_of_a_contest_says_what_its_prizes_come_to(
    as_boss: Client, bo: Member
) -> None:
    kind = coupon(amount=500, threshold=0, per_member=60)
    version = draft(
        metric="own_sales", period="week", reach="rank", ties="split",
        rewards=[
            reward(10_000, first_rank=1, last_rank=1), reward(5_000, first_rank=2, last_rank=3),
            Reward(kind="coupon", coupon=kind, first_rank=1, last_rank=3),
        ],
    )  # fmt: skip

    page = as_boss.get(url(version, "publish")).text

    assert "若无并列，每期奖品金额共 ¥200.00。 券、礼品等最多价值：¥15.00。" in page
