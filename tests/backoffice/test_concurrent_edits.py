"""Two people edit one row: the second learns what has changed, and keeps what they typed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.concurrency import SEEN
from members.models import MemberGrade, User
from orders.models import Policy
from tests.cast import give
from tests.setting_forms import save_settings

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def grade(db: None) -> MemberGrade:
    return MemberGrade.objects.create(rank=1, name="Gold")


@pytest.fixture
def editors(qian: User, feng: User, no_static_files: None) -> tuple[Client, Client]:
    User.objects.filter(pk=qian.pk).update(first_name="钱")
    rights = ("view_membergrade", "change_membergrade", "view_policy", "change_policy")
    return signed_in(give(qian, *rights)), signed_in(give(feng, *rights))


def page(row: Any) -> str:
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])


def seen_by(client: Client, row: Any) -> str:
    found = re.search(rf'name="{SEEN}" value="([^"]+)"', client.get(page(row)).content.decode())
    assert found
    return found[1]


def save(client: Client, row: Any, seen: str, **values: Any) -> Any:
    return client.post(page(row), {SEEN: seen, **values})


def test_a_form_that_nobody_else_has_touched_is_saved(
    editors: tuple[Client, Client], grade: MemberGrade
) -> None:
    qian, _feng = editors
    answer = save(qian, grade, seen_by(qian, grade), rank=1, name="Silver")

    assert answer.status_code == 302
    grade.refresh_from_db()
    assert grade.name == "Silver"


def test_the_second_editor_is_told_and_keeps_what_they_typed(
    editors: tuple[Client, Client], grade: MemberGrade
) -> None:
    qian, feng = editors
    by_qian, by_feng = seen_by(qian, grade), seen_by(feng, grade)
    save(qian, grade, by_qian, rank=1, name="Silver")
    answer = save(feng, grade, by_feng, rank=2, name="Gold")
    text = answer.content.decode()

    assert answer.status_code == 200
    assert "钱 has changed this since you opened it." in text
    assert "Name: “Gold” is now “Silver”." in text
    assert 'value="2"' in text
    grade.refresh_from_db()
    assert (grade.rank, grade.name) == (1, "Silver")


def test_the_second_editor_may_save_after_looking(
    editors: tuple[Client, Client], grade: MemberGrade
) -> None:
    qian, feng = editors
    by_qian, by_feng = seen_by(qian, grade), seen_by(feng, grade)
    save(qian, grade, by_qian, rank=1, name="Silver")
    refused = save(feng, grade, by_feng, rank=2, name="Gold").content.decode()
    found = re.search(rf'name="{SEEN}" value="([^"]+)"', refused)
    assert found
    assert save(feng, grade, found[1], rank=2, name="Gold").status_code == 302
    grade.refresh_from_db()
    assert (grade.rank, grade.name) == (2, "Gold")


def test_a_change_by_a_service_counts_too(
    editors: tuple[Client, Client], grade: MemberGrade
) -> None:
    qian, _feng = editors
    seen = seen_by(qian, grade)
    MemberGrade.objects.filter(pk=grade.pk).update(rank=7)
    text = save(qian, grade, seen, rank=1, name="Gold").content.decode()

    assert "This has been changed since you opened it." in text
    assert "Rank: “1” is now “7”." in text


def test_another_window_of_ones_own_counts_too(
    editors: tuple[Client, Client], grade: MemberGrade
) -> None:
    qian, _feng = editors
    first, second = seen_by(qian, grade), seen_by(qian, grade)
    save(qian, grade, first, rank=1, name="Silver")
    text = save(qian, grade, second, rank=1, name="Gold").content.decode()

    assert "another window" in text


def test_settings_that_a_service_saves_are_compared_too(editors: tuple[Client, Client]) -> None:
    qian, feng = editors
    policy = Policy.current()
    values = {
        name: getattr(policy, name) or 30
        for name in ("protection_days", "self_purchase", "refund_alarm_days",
                     "receipt_alarm_days", "assumed_receipt_days")
    }  # fmt: skip
    by_qian, by_feng = seen_by(qian, policy), seen_by(feng, policy)
    typed = {SEEN: by_qian, **values, "protection_days": 9}
    assert save_settings(qian, page(policy), typed).status_code == 302
    answer = save(feng, policy, by_feng, **{**values, "refund_alarm_days": 9})

    assert answer.status_code == 200
    policy.refresh_from_db()
    assert policy.protection_days == 9
    assert policy.refund_alarm_days != 9


@pytest.mark.parametrize("seen", ["", "x", "e30:1:abc"])
def test_a_forged_state_is_refused(
    editors: tuple[Client, Client], grade: MemberGrade, seen: str
) -> None:
    qian, _feng = editors
    answer = save(qian, grade, seen, rank=1, name="Silver")

    assert "Reload the page" in answer.content.decode()
    grade.refresh_from_db()
    assert grade.name == "Gold"


def test_the_state_of_another_row_is_refused(
    editors: tuple[Client, Client], grade: MemberGrade
) -> None:
    qian, _feng = editors
    other = MemberGrade.objects.create(rank=2, name="Silver")

    assert save(qian, grade, seen_by(qian, other), rank=1, name="x").status_code == 200
    grade.refresh_from_db()
    assert grade.name == "Gold"
