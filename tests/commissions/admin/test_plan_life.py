"""Pages hand a plan over, publish, return, copy and delete it, for people with the right."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from commissions.models import Plan, Rule
from commissions.services import publish, submit
from commissions.services.plans import plan_seal
from events.models import Event
from members.models import User
from tests.cast import NOON, give, staff
from tests.commissions.admin.forms import form, row
from tests.commissions.admin.pages import listed, messages, press, url
from tests.shop import editor

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_publisher(feng: User, no_static_files: None) -> Client:
    return signed_in(give(feng, "publish_plan", "view_plan"))


def rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Plan, Rule, Event)]


def test_a_draft_is_handed_over_and_published_by_finance(
    as_boss: Client, as_publisher: Client, feng: User, draft_plan: Plan
) -> None:
    page = as_boss.get(url(draft_plan, "submit")).content.decode()
    assert "feng" in page
    answer = as_boss.post(
        url(draft_plan, "submit"),
        {"reviewer": feng.pk, "starts_at": "2099-01-01T00:00", "note": "请看"},
    )
    assert "不超过一年" in answer.content.decode()
    assert "请看" in answer.content.decode()  # what was typed stays

    answer = as_boss.post(url(draft_plan, "submit"), {"reviewer": feng.pk, "note": "请看"})
    assert answer.headers["Location"] == url(draft_plan)
    draft_plan.refresh_from_db()
    assert (draft_plan.status, draft_plan.reviewer) == ("submitted", feng)

    page = as_publisher.get(url(draft_plan, "publish"))
    assert "请看" in page.content.decode()
    seal = page.context["form"].initial["seal"]
    answer = as_publisher.post(url(draft_plan, "publish"), {"seal": seal})
    assert answer.headers["Location"] == url(draft_plan)
    draft_plan.refresh_from_db()
    assert (draft_plan.status, draft_plan.number, draft_plan.published_by) == ("published", 1, feng)
    page = as_publisher.get(url(draft_plan)).content.decode()
    assert "_save" not in page
    assert "8.25%" in page
    assert "825" not in page.replace("8.25", "")


def test_an_editor_sees_why_they_cannot_publish(as_boss: Client, draft_plan: Plan) -> None:
    as_boss.post(url(draft_plan), form(draft_plan, cap="40"))
    before = rows()

    page = as_boss.get(url(draft_plan, "publish"))
    answer = as_boss.post(url(draft_plan, "publish"), {"seal": plan_seal(draft_plan)})

    assert page.context["form"] is None
    assert "您修改过这份方案" in page.content.decode()
    assert answer.status_code == 200
    assert rows() == before


def test_what_changed_meanwhile_is_not_published(as_publisher: Client, draft_plan: Plan) -> None:
    seal = as_publisher.get(url(draft_plan, "publish")).context["form"].initial["seal"]
    draft_plan.rules.update(tier1=1)
    before = rows()

    answer = as_publisher.post(url(draft_plan, "publish"), {"seal": seal})

    assert answer.context["form"].non_field_errors()
    assert rows() == before


def test_a_reviewer_returns_a_plan(as_publisher: Client, feng: User, draft_plan: Plan) -> None:
    submit(plan=draft_plan, by=editor(), at=NOON, reviewer=feng)
    assert as_publisher.post(url(draft_plan, "return"), {"reason": ""}).status_code == 200

    answer = as_publisher.post(url(draft_plan, "return"), {"reason": "二级太高"})

    assert answer.headers["Location"] == url(draft_plan)
    draft_plan.refresh_from_db()
    assert (draft_plan.status, draft_plan.return_reason) == ("draft", "二级太高")
    assert "二级太高" in as_publisher.get(url(draft_plan)).content.decode()


def test_what_cannot_be_done_now_leads_back(as_boss: Client, draft_plan: Plan) -> None:
    answer = as_boss.post(url(draft_plan, "return"), {"reason": "x"})
    assert answer.headers["Location"] == url(draft_plan)
    publish(plan=draft_plan, by=editor("somebody"), at=NOON)
    before = rows()

    for page in ("submit", "publish", "return"):
        answer = as_boss.post(url(draft_plan, page), {"reason": "x"})
        assert answer.headers["Location"] == url(draft_plan)
        assert messages(answer)[-1][0] == "warning"

    assert rows() == before


def test_saving_leads_on_to_the_hand_over(as_boss: Client, draft_plan: Plan) -> None:
    answer = as_boss.post(url(draft_plan), form(draft_plan, cap="40", _hand_over="1"))
    assert answer.headers["Location"] == url(draft_plan, "submit")

    data = form(**{"rules-TOTAL_FORMS": 1}) | row(0) | {"_hand_over": "1"}
    answer = as_boss.post(reverse("admin:commissions_plan_add"), data)
    assert answer.headers["Location"] == url(Plan.objects.latest("pk"), "submit")


def test_a_new_draft_opens_with_a_row_and_stays_open(as_boss: Client, draft_plan: Plan) -> None:
    page = as_boss.get(reverse("admin:commissions_plan_add")).content.decode()
    assert 'name="rules-0-tier1"' in page

    data = form(**{"rules-TOTAL_FORMS": 1}) | row(0) | {"_save": "1"}
    answer = as_boss.post(reverse("admin:commissions_plan_add"), data)

    assert answer.headers["Location"] == url(Plan.objects.latest("pk"))


def test_the_list_shows_what_waits_first(as_boss: Client, feng: User, draft_plan: Plan) -> None:
    give(feng, "publish_plan")
    submit(plan=draft_plan, by=editor(), at=NOON, reviewer=feng)
    as_boss.post(reverse("admin:commissions_plan_add"), form(**{"rules-TOTAL_FORMS": 1}) | row(0))

    listed_plans = as_boss.get(listed(Plan)).context["cl"].result_list

    assert listed_plans[0] == draft_plan


def test_a_published_plan_cannot_be_changed_or_deleted(as_boss: Client, draft_plan: Plan) -> None:
    publish(plan=draft_plan, by=editor("somebody"), at=NOON)
    before = rows()

    assert as_boss.post(url(draft_plan), form(draft_plan, cap="1")).status_code == 403
    assert as_boss.post(url(draft_plan, "delete"), {"post": "yes"}).status_code == 403

    assert rows() == before


def test_a_plan_that_waits_cannot_be_changed_or_deleted(as_boss: Client, draft_plan: Plan) -> None:
    submit(plan=draft_plan, by=editor(), at=NOON)
    before = rows()

    assert as_boss.post(url(draft_plan), form(draft_plan, cap="1")).status_code == 403
    assert as_boss.post(url(draft_plan, "delete"), {"post": "yes"}).status_code == 403
    only = draft_plan.rules.get()
    assert as_boss.post(url(only, "delete"), {"post": "yes"}).status_code == 403

    assert rows() == before
    assert "8.25%" in as_boss.get(url(draft_plan)).content.decode()


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

    assert "8.25%" in page
    assert "_save" not in page
    assert url(draft_plan, "publish") not in page
    assert client.post(url(draft_plan), form(draft_plan, cap="1")).status_code == 403


RIGHTS = ("view_plan", "change_plan", "publish_plan")
ACCESS = {
    "simulate": "change_plan publish_plan",
    "back_test": "change_plan publish_plan",
    "compare": "view_plan change_plan publish_plan",
    "submit": "change_plan",
    "publish": "publish_plan",
    "return": "change_plan publish_plan",
}


@pytest.mark.parametrize("right", [None, *RIGHTS])
@pytest.mark.parametrize("page", ACCESS)
def test_each_page_opens_with_its_right_and_changes_nothing_by_get(
    draft_plan: Plan, no_static_files: None, page: str, right: str | None
) -> None:
    person = staff("Wei")
    if right:
        person = give(person, right)
    before = rows()

    answer = signed_in(person).get(url(draft_plan, page))

    allowed = right is not None and right in ACCESS[page].split()
    assert answer.status_code == ((302 if page == "return" else 200) if allowed else 403)
    if not allowed:
        assert signed_in(person).post(url(draft_plan, page), {"reason": "x"}).status_code == 403
    assert rows() == before


@pytest.mark.parametrize("page", ACCESS)
def test_a_plan_that_is_gone_leads_to_the_list(as_boss: Client, page: str) -> None:
    answer = as_boss.get(reverse(f"admin:commissions_plan_{page}", args=[99]))

    assert answer.headers["Location"] == listed(Plan)
