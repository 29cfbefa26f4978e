"""What waits for a person: cards, badges and links, for their queues only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice import todo
from backoffice.ages import format_age
from distribution.services import apply
from members.models import Member, User
from tests.cast import NOON, give

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def qian(qian: User) -> User:
    """Qian decides on applications."""
    return give(qian, "view_application", "change_application")


@pytest.fixture
def waiting(chen: Member) -> None:
    apply(member=chen, at=NOON)


def card(user: User, name: str, at: Any = NOON + 3 * DAY) -> dict[str, Any]:
    (found,) = [row for row in todo.cards(user, at=at) if row["name"] == name]
    return found


def test_a_card_says_how_many_and_how_long(qian: User, waiting: None) -> None:
    found = card(qian, "applications")

    assert (found["count"], found["label"], found["age"]) == (1, "1", "3 天")


def test_a_queue_that_is_empty_has_a_card_too(qian: User) -> None:
    found = card(qian, "applications")

    assert (found["count"], found["age"], found["late"]) == (0, "", 0)


def test_only_queues_that_one_may_decide_are_shown(feng: User, waiting: None) -> None:
    assert todo.cards(feng, at=NOON) == []


def test_all_cards_are_one_query(boss: User, waiting: None) -> None:
    with CaptureQueriesContext(connection) as seen:
        todo.cards(boss, at=NOON)

    counting = [query["sql"] for query in seen if "count(*)" in query["sql"]]
    assert len(counting) == 1
    assert len(seen) <= 5  # the others read limits from settings


def test_badges_are_counts_by_queue(as_qian: Client, qian: User, waiting: None) -> None:
    answer = as_qian.get("/admin/badges/")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'id="fr-badge-todo"' in page
    assert 'id="fr-badge-queue-applications"' in page
    assert "no-store" in answer["Cache-Control"]


def test_badges_are_hidden_while_nothing_waits(as_qian: Client, qian: User) -> None:
    assert " hidden" in as_qian.get("/admin/badges/").content.decode()


def test_the_page_links_to_each_queue(as_qian: Client, qian: User, waiting: None) -> None:
    page = as_qian.get("/admin/todo/").content.decode()

    assert 'data-queue="applications"' in page
    assert "fr-badge-queue-applications" in page  # its link in the menu


def test_somebody_without_a_role_learns_what_to_do(client: Client, feng: User) -> None:
    client.force_login(feng)
    home = client.get("/admin/", headers={"accept-language": "zh-hans"}).content.decode()

    assert "请联系管理员分配角色" in home


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=-5), "0 分钟"), (timedelta(minutes=59), "59 分钟"),
        (timedelta(hours=1), "1 小时"), (timedelta(hours=47, minutes=59), "47 小时"),
        (timedelta(days=2), "2 天"), (timedelta(days=1200), "1,200 天"),
    ],
)  # fmt: skip
def test_ages_are_rounded_down_to_the_unit_that_matters(age: timedelta, text: str) -> None:
    assert format_age(age) == text
