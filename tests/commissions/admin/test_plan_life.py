"""Buttons publish, simulate, copy and delete a plan, for people with the permission."""

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
from tests.shop import editor

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_a_plan_is_published_by_a_button(as_boss: Client, boss: User, draft_plan: Plan) -> None:
    response = press(as_boss, draft_plan, "publish")

    assert response.headers["HX-Redirect"] == url(draft_plan)
    draft_plan.refresh_from_db()
    assert (draft_plan.status, draft_plan.number, draft_plan.published_by) == ("published", 1, boss)
    page = as_boss.get(url(draft_plan)).content.decode()
    assert "_save" not in page
    assert "10 %" in page
    assert "8.25 %" in page
    assert "825" not in page.replace("8.25", "")
    assert reverse("admin:commissions_plan_publish", args=[draft_plan.pk]) not in page
    assert reverse("admin:commissions_plan_new_version", args=[draft_plan.pk]) in page


def test_an_editor_cannot_publish_by_the_button(as_boss: Client, draft_plan: Plan) -> None:
    as_boss.post(url(draft_plan), form(draft_plan, cap="40"))

    response = press(as_boss, draft_plan, "publish")

    assert messages(response)[-1][0] == "error"
    draft_plan.refresh_from_db()
    assert draft_plan.status == "draft"


def test_a_published_plan_cannot_be_changed_or_deleted(as_boss: Client, draft_plan: Plan) -> None:
    publish(plan=draft_plan, by=editor("somebody"), at=NOON)
    before = list(Plan.objects.values()), list(Rule.objects.values())

    assert as_boss.post(url(draft_plan), form(draft_plan, cap="1")).status_code == 403
    assert as_boss.post(url(draft_plan, "delete"), {"post": "yes"}).status_code == 403

    assert (list(Plan.objects.values()), list(Rule.objects.values())) == before


def test_a_draft_can_be_deleted(as_boss: Client, draft_plan: Plan) -> None:
    assert as_boss.post(url(draft_plan, "delete"), {"post": "yes"}).status_code == 302

    assert not Plan.objects.exists()
    event = Event.objects.latest("pk")
    assert (event.name, event.subject_id) == ("commissions.plan_discarded", draft_plan.public_id)


def test_a_new_version_is_drafted_from_an_old_one(
    as_boss: Client, boss: User, draft_plan: Plan
) -> None:
    publish(plan=draft_plan, by=editor("somebody"), at=NOON)

    response = press(as_boss, draft_plan, "new_version")

    assert response.headers["HX-Redirect"] == listed(Plan)
    plan = Plan.objects.latest("pk")
    assert (plan.status, plan.based_on, plan.editors) == ("draft", draft_plan, [boss.pk])
    assert plan.rules.values_list("tier1", "tier2").get() == (1_000, 825)


def test_a_plan_is_simulated_in_its_dialog(as_boss: Client, draft_plan: Plan, bo: Member) -> None:
    before = Event.objects.count()

    page = press(
        as_boss, draft_plan, "simulate", buyer="bo", goods="mask 2 99.50\nsoap"
    ).content.decode()

    assert "19.90" in page  # 10 % of 199.00
    assert "Lan" in page
    assert 'name="goods"' in page  # the dialog stays open
    assert Event.objects.count() == before


def test_the_simulation_dialog_shows_errors(as_boss: Client, draft_plan: Plan, bo: Member) -> None:
    for buyer, goods in (
        ("ghost", "mask"), ("bo", ""), ("bo", "nothing"), ("bo", "mask x"), ("bo", "mask 1 2 3"),
        ("bo", "mask 1 x"), ("bo", "mask 0"),
    ):  # fmt: skip
        response = press(as_boss, draft_plan, "simulate", buyer=buyer, goods=goods)
        assert response.status_code == 200
        assert response.context["form"].errors, goods


def test_an_empty_simulation_shows_a_message(as_boss: Client, draft_plan: Plan) -> None:
    response = press(as_boss, draft_plan, "simulate")

    assert response.headers["HX-Redirect"] == url(draft_plan)
    assert [tag for tag, _ in messages(response)] == ["warning"]


def test_permission_to_change_plans_includes_their_rules(
    draft_plan: Plan, qian: User, client: Client
) -> None:
    qian.user_permissions.set(Permission.objects.filter(codename="change_plan"))
    client.force_login(qian)
    data = form(draft_plan) | row(0, id=draft_plan.rules.get().pk, plan=draft_plan.pk, tier1="11")

    assert client.post(url(draft_plan), data).status_code == 302
    assert draft_plan.rules.get().tier1 == 1_100


def test_permission_to_view_plans_shows_rules_without_buttons(
    draft_plan: Plan, qian: User, client: Client
) -> None:
    qian.user_permissions.set(Permission.objects.filter(codename="view_plan"))
    client.force_login(qian)

    page = client.get(url(draft_plan)).content.decode()

    assert "8.25 %" in page
    assert "_save" not in page
    assert reverse("admin:commissions_plan_publish", args=[draft_plan.pk]) not in page
    assert client.post(url(draft_plan), form(draft_plan, cap="1")).status_code == 403
