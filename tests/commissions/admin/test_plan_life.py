"""A plan is published, tried, copied and thrown away by buttons, and by who may."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from commissions.models import Plan, Rule
from commissions.services import publish
from events.models import Event
from members.models import Member, User
from tests.cast import NOON
from tests.commissions.admin.forms import form, row
from tests.commissions.admin.pages import listed, messages, press, url
from tests.shop import (
    editor,
)

pytestmark = pytest.mark.django_db


def test_a_plan_is_published_by_a_button(as_boss: Client, boss: User, begun: Plan) -> None:
    answer = press(as_boss, begun, "publish")

    assert answer.headers["HX-Redirect"] == url(begun)
    begun.refresh_from_db()
    assert (begun.status, begun.number, begun.published_by) == ("published", 1, boss)
    page = as_boss.get(url(begun)).content.decode()
    assert "_save" not in page
    assert "10 %" in page
    assert "8.25 %" in page
    assert "825" not in page.replace("8.25", "")
    assert reverse("admin:commissions_plan_publish", args=[begun.pk]) not in page
    assert reverse("admin:commissions_plan_new_version", args=[begun.pk]) in page


def test_ones_own_work_is_not_published_by_the_button(as_boss: Client, begun: Plan) -> None:
    as_boss.post(url(begun), form(begun, cap="40"))

    answer = press(as_boss, begun, "publish")

    assert messages(answer)[-1][0] == "error"
    begun.refresh_from_db()
    assert begun.status == "draft"


def test_a_published_plan_is_neither_changed_nor_deleted(as_boss: Client, begun: Plan) -> None:
    publish(plan=begun, by=editor("somebody"), at=NOON)
    before = list(Plan.objects.values()), list(Rule.objects.values())

    assert as_boss.post(url(begun), form(begun, cap="1")).status_code == 403
    assert as_boss.post(url(begun, "delete"), {"post": "yes"}).status_code == 403

    assert (list(Plan.objects.values()), list(Rule.objects.values())) == before


def test_a_draft_may_be_thrown_away(as_boss: Client, begun: Plan) -> None:
    assert as_boss.post(url(begun, "delete"), {"post": "yes"}).status_code == 302

    assert not Plan.objects.exists()
    fact = Event.objects.latest("pk")
    assert (fact.name, fact.subject_id) == ("commissions.plan_discarded", begun.public_id)


def test_a_new_version_is_begun_from_an_old_one(as_boss: Client, boss: User, begun: Plan) -> None:
    publish(plan=begun, by=editor("somebody"), at=NOON)

    answer = press(as_boss, begun, "new_version")

    assert answer.headers["HX-Redirect"] == listed(Plan)
    made = Plan.objects.latest("pk")
    assert (made.status, made.based_on, made.editors) == ("draft", begun, [boss.pk])
    assert made.rules.values_list("tier1", "tier2").get() == (1_000, 825)


def test_a_plan_is_tried_in_its_dialog(as_boss: Client, begun: Plan, bo: Member) -> None:
    before = Event.objects.count()

    page = press(
        as_boss, begun, "simulate", buyer="bo", goods="mask 2 99.50\nsoap"
    ).content.decode()

    assert "19.90" in page  # 10 % of 199.00
    assert "Lan" in page
    assert 'name="goods"' in page  # and may be tried again
    assert Event.objects.count() == before


def test_what_cannot_be_tried_is_told_in_the_dialog(
    as_boss: Client, begun: Plan, bo: Member
) -> None:
    for buyer, goods in (
        ("ghost", "mask"), ("bo", ""), ("bo", "nothing"), ("bo", "mask x"), ("bo", "mask 1 2 3"),
        ("bo", "mask 1 x"), ("bo", "mask 0"),
    ):  # fmt: skip
        answer = press(as_boss, begun, "simulate", buyer=buyer, goods=goods)
        assert answer.status_code == 200
        assert answer.context["form"].errors, goods


def test_trying_nothing_is_a_message(as_boss: Client, begun: Plan) -> None:
    answer = press(as_boss, begun, "simulate")

    assert answer.headers["HX-Redirect"] == url(begun)
    assert [tag for tag, _ in messages(answer)] == ["warning"]


def test_the_right_to_change_plans_is_the_right_to_change_their_rules(
    begun: Plan, qian: User, client: Client
) -> None:
    qian.user_permissions.set(Permission.objects.filter(codename="change_plan"))
    client.force_login(qian)
    given = form(begun) | row(0, id=begun.rules.get().pk, plan=begun.pk, tier1="11")

    assert client.post(url(begun), given).status_code == 302
    assert begun.rules.get().tier1 == 1_100


def test_the_right_to_view_shows_rules_in_words_and_no_button(
    begun: Plan, qian: User, client: Client
) -> None:
    qian.user_permissions.set(Permission.objects.filter(codename="view_plan"))
    client.force_login(qian)

    page = client.get(url(begun)).content.decode()

    assert "8.25 %" in page
    assert "_save" not in page
    assert reverse("admin:commissions_plan_publish", args=[begun.pk]) not in page
    assert client.post(url(begun), form(begun, cap="1")).status_code == 403
