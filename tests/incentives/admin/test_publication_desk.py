"""Incentives at their desk: terms, checks and worst case, then publish or return."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from events.models import Event
from incentives.models import Version
from incentives.services.drafts import edit
from incentives.services.publication import return_to_draft, submit
from members.models import User
from tests.backoffice.desks import act, address, counts, listed, opened, said
from tests.cast import NOON, give, staff
from tests.incentives.admin.forms import url
from tests.incentives.offers import reward

pytestmark = [
    pytest.mark.django_db, pytest.mark.usefixtures("no_static_files", "now"), pytest.mark.slow,
]  # fmt: skip
QUEUE = "incentives"


@pytest.fixture
def handed_over(sprint: Version, qian: User) -> Version:
    submit(version=sprint, by=qian, at=NOON)
    return sprint


@pytest.fixture
def desk(feng: User) -> Client:
    return desk_of(give(feng, "publish_version"))


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def moved() -> Any:
    return list(Version.objects.order_by("pk").values()), Event.objects.count()


def test_terms_and_worst_case_stand_beside_the_list(handed_over: Version, desk: Client) -> None:
    before = moved()

    page = opened(desk, QUEUE)

    assert listed(page) == ["月度冲刺"]
    for text in ("¥100.00", "¥10.00", "incentives.css"):
        assert text in page, text
    assert moved() == before


def test_finance_publishes_it_at_once(
    handed_over: Version, desk: Client, feng: User, now: datetime
) -> None:
    response = act(desk, QUEUE, handed_over, "publish", starts_at="")

    assert response.headers["Location"] == address(QUEUE)
    handed_over.refresh_from_db()
    assert (handed_over.status, handed_over.published_by, handed_over.starts_at) == (
        "published", feng, now,
    )  # fmt: skip
    assert counts(opened(desk, QUEUE)) == ["0", "1"]


def test_a_start_in_the_past_keeps_what_was_typed(handed_over: Version, desk: Client) -> None:
    before = moved()

    response = act(desk, QUEUE, handed_over, "publish", starts_at="2020-01-01T00:00")

    assert response.status_code == 200
    assert "2020-01-01T00:00" in response.text
    assert moved() == before


def test_a_returned_one_tells_its_author_why(handed_over: Version, desk: Client) -> None:
    act(desk, QUEUE, handed_over, "return", reason="太贵")

    handed_over.refresh_from_db()
    assert (handed_over.status, handed_over.return_reason) == ("draft", "太贵")


def test_terms_that_have_changed_since_are_not_published(
    handed_over: Version, desk: Client, qian: User
) -> None:
    page = opened(desk, QUEUE, handed_over)
    seal = page.split('name="seal" value="')[1].split('"')[0]
    return_to_draft(version=handed_over, by=qian, at=NOON, reason="one more thing")
    edit(version=handed_over, by=qian, at=NOON, rewards=[reward(1_500, threshold=10_000)])
    submit(version=handed_over, by=qian, at=NOON)
    before = moved()

    response = desk.post(
        address(QUEUE, handed_over), {"action": "publish", "seal": seal, "starts_at": ""}
    )

    assert said(response)[0].startswith("warning: ")
    assert moved() == before


def test_an_editor_does_not_publish(handed_over: Version, qian: User) -> None:
    own = desk_of(give(qian, "publish_version"))
    before = moved()

    assert listed(opened(own, QUEUE)) == []
    assert act(own, QUEUE, handed_over, "publish", starts_at="").status_code == 200
    assert moved() == before


def test_others_have_no_such_desk(handed_over: Version, qian: User) -> None:
    before = moved()

    assert desk_of(qian).get(address(QUEUE)).status_code == 403
    assert desk_of(qian).post(address(QUEUE, handed_over), {"action": "publish"}).status_code == 403
    assert moved() == before


def test_pages_hand_over_take_back_and_publish(sprint: Version, qian: User, feng: User) -> None:
    author, reviewer = (
        desk_of(give(qian, "change_version")), desk_of(give(feng, "publish_version"))
    )  # fmt: skip
    assert "¥10.00" in author.get(url(sprint, "submit")).text
    author.post(url(sprint, "submit"))
    author.post(url(sprint, "return"), {"reason": "再看看"})
    sprint.refresh_from_db()
    assert (sprint.status, sprint.return_reason) == ("draft", "再看看")
    author.post(url(sprint, "submit"))
    sprint.refresh_from_db()
    assert sprint.status == "submitted"

    page = reviewer.get(url(sprint, "publish"))
    seal = page.context["form"].initial["seal"]
    reviewer.post(url(sprint, "publish"), {"seal": seal, "starts_at": ""})

    sprint.refresh_from_db()
    assert (sprint.status, sprint.number) == ("published", 1)


def test_a_refused_hand_over_says_why(sprint: Version, qian: User) -> None:
    edit(version=sprint, by=qian, at=NOON, rewards=[])
    author = desk_of(give(qian, "change_version"))
    before = moved()

    response = author.post(url(sprint, "submit"))

    assert response.status_code == 200
    assert response.context["form"].non_field_errors()
    assert moved() == before


def test_a_page_of_another_status_leads_back(handed_over: Version, qian: User) -> None:
    author = desk_of(give(qian, "change_version"))

    assert author.get(url(handed_over, "submit")).headers["Location"] == url(handed_over)


@pytest.mark.parametrize("page", ["submit", "publish", "return", "simulate", "back_test"])
def test_pages_need_their_rights(handed_over: Version, page: str) -> None:
    client = desk_of(give(staff("Yan"), "view_version"))
    before = moved()

    assert client.get(url(handed_over, page)).status_code == 403
    assert client.post(url(handed_over, page), {"reason": "x"}).status_code == 403
    assert moved() == before
