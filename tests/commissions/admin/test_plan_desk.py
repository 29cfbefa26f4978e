"""Plans at their desk: what each changes and pays at worst, then publish or return."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from commissions.models import Plan
from commissions.services import draft, return_to_draft, submit
from common import clock
from events.models import Event
from members.models import User
from tests.backoffice.desks import act, address, counts, listed, opened, said
from tests.cast import NOON, give, staff
from tests.shop import DAY, plan, rule, sku

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
QUEUE = "plans"
NOW = NOON + DAY


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def row(qian: User) -> Plan:
    """Qian hands a plan over that pays more than the one in force."""
    sku()
    plan()
    drafted = draft(name="双十二", by=qian, at=NOON, rules=[rule(2_000, 500)])
    submit(plan=drafted, by=qian, at=NOON, note="周五前")
    return drafted


@pytest.fixture
def desk(feng: User) -> Client:
    return desk_of(give(feng, "publish_plan"))


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def moved() -> Any:
    return list(Plan.objects.order_by("pk").values()), Event.objects.count()


def test_terms_worst_case_and_note_stand_beside_the_list(row: Plan, desk: Client) -> None:
    before = moved()

    page = opened(desk, QUEUE)

    assert listed(page) == ["双十二"]
    for text in ("周五前", "25%", "<del>10%</del> → <ins>20%</ins>", "plans.css"):
        assert text in page, text
    assert moved() == before


def test_finance_publishes_it_at_once(row: Plan, desk: Client, feng: User) -> None:
    response = act(desk, QUEUE, row, "publish", starts_at="")

    assert response.headers["Location"] == address(QUEUE)
    row.refresh_from_db()
    assert (row.status, row.published_by, row.starts_at) == ("published", feng, NOW)
    assert counts(opened(desk, QUEUE)) == ["0", "1"]


def test_the_planned_start_counts_unless_another_one_is_typed(
    qian: User, row: Plan, desk: Client
) -> None:
    return_to_draft(plan=row, by=qian, at=NOON, reason="another start")
    planned = NOW + timedelta(days=3)
    submit(plan=row, by=qian, at=NOON, starts_at=planned)

    act(desk, QUEUE, row, "publish", starts_at="")

    row.refresh_from_db()
    assert row.starts_at == planned


def test_a_start_in_the_past_keeps_what_was_typed(row: Plan, desk: Client) -> None:
    before = moved()

    response = act(desk, QUEUE, row, "publish", starts_at="2020-01-01T00:00")

    assert response.status_code == 200
    assert "2020-01-01T00:00" in response.text
    assert moved() == before


def test_a_returned_plan_tells_its_author_why(row: Plan, desk: Client) -> None:
    act(desk, QUEUE, row, "return", reason="太贵")

    row.refresh_from_db()
    assert (row.status, row.return_reason) == ("draft", "太贵")
    assert "没有等您发布的方案。" in opened(desk, QUEUE)
    assert "双十二" in opened(desk, QUEUE, row)  # by an address of before


def test_terms_that_have_changed_since_are_not_published(
    row: Plan, desk: Client, qian: User
) -> None:
    page = opened(desk, QUEUE, row)
    seal = page.split('name="seal" value="')[1].split('"')[0]
    return_to_draft(plan=row, by=qian, at=NOON, reason="one more thing")
    row.rules.update(tier1=3_000)
    submit(plan=row, by=qian, at=NOON)
    before = moved()

    response = desk.post(address(QUEUE, row), {"action": "publish", "seal": seal, "starts_at": ""})

    assert said(response)[0].startswith("warning: ")
    assert moved() == before


def test_an_editor_does_not_publish(row: Plan, qian: User) -> None:
    own = desk_of(give(qian, "publish_plan"))
    before = moved()

    assert listed(opened(own, QUEUE)) == []
    assert "须由其他人发布" in opened(own, QUEUE, row)
    assert act(own, QUEUE, row, "publish", starts_at="").status_code == 200
    assert moved() == before


def test_a_plan_for_another_reviewer_does_not_wait_here(
    row: Plan, qian: User, desk: Client
) -> None:
    return_to_draft(plan=row, by=qian, at=NOON, reason="for Lan")
    submit(plan=row, by=qian, at=NOON, reviewer=give(staff("Lan"), "publish_plan"))

    assert listed(opened(desk, QUEUE)) == []


def test_others_have_no_such_desk(row: Plan, qian: User) -> None:
    before = moved()

    assert desk_of(qian).get(address(QUEUE)).status_code == 403
    assert desk_of(qian).post(address(QUEUE, row), {"action": "publish"}).status_code == 403
    assert moved() == before
