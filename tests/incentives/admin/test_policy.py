"""The settings of incentives are saved with their preview, and recorded."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Event
from incentives.admin.policy_effects import count_incentives
from incentives.models import Policy
from incentives.services.policy import InvalidIncentivePolicy, change_policy
from members.models import Member, User
from tests.cast import NOON, give, staff
from tests.incentives.offers import published, reward
from tests.setting_forms import save_settings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
PAGE = reverse("admin:incentives_policy_change", args=[1])


def form(**changes: str) -> dict[str, str]:
    return {"most_of_an_order": "60", "confirm_above": "1000", **changes}


def state() -> Any:
    return list(Policy.objects.values()), Event.objects.count()


def test_a_change_is_previewed_and_recorded(as_boss: Client, bo: Member) -> None:
    published()
    preview = as_boss.post(PAGE, form(most_of_an_order="10", confirm_above="50")).text
    assert "10%" in preview
    assert Policy.current().most_of_an_order == 6_000

    save_settings(as_boss, PAGE, form(most_of_an_order="10", confirm_above="50"))

    policy = Policy.current()
    assert (policy.most_of_an_order, policy.confirm_above) == (1_000, 5_000)
    event = Event.objects.get(name="incentives.policy_changed")
    assert event.before == {"most_of_an_order": 6_000, "confirm_above": 100_000}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"most_of_an_order": "0"}, "most_of_an_order"),
        ({"most_of_an_order": "100.01"}, "most_of_an_order"),
        ({"most_of_an_order": "x"}, "most_of_an_order"),
        ({"confirm_above": "-1"}, "confirm_above"),
        ({"confirm_above": "999999999999"}, "confirm_above"),
    ],
)
def test_a_wrong_value_is_refused_beside_its_field(
    as_boss: Client, changes: dict[str, str], field: str
) -> None:
    before = state()

    response = as_boss.post(PAGE, form(**changes))

    assert field in response.context["adminform"].form.errors
    assert state() == before


def test_the_service_refuses_what_the_database_does(boss: User) -> None:
    before = state()

    with pytest.raises(InvalidIncentivePolicy):
        change_policy(by=boss, at=NOON, most_of_an_order=0)

    assert state() == before


def test_others_change_nothing() -> None:
    client = Client()
    client.force_login(give(staff("Yan"), "view_policy"))
    before = state()

    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, form(most_of_an_order="10")).status_code == 403
    assert state() == before


def test_cash_for_members_says_what_it_needs_and_what_it_touches(
    as_boss: Client, bo: Member
) -> None:
    published(metric="referred_buyers", rewards=[reward(800)])
    published(rewards=[reward(100)])
    page = as_boss.get(PAGE)
    field = page.context["adminform"].form.fields["pays_members_cash"]
    preview = as_boss.post(PAGE, form(pays_members_cash="on")).text

    assert "支付渠道的营销场景及此类奖金的所得项目安排妥当之前，请勿开启" in str(field.help_text)
    assert "此后非分销员也得现金" in preview
    assert count_incentives(1) in preview
