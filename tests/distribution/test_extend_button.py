"""The button that extends a binding: on the page of the binding and of the person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from common.clock import SHANGHAI
from distribution.models import Binding, BindingExtension
from members.models import Member, User
from tests.cast import NOON, give
from tests.distribution.people import REASON, rows, set_policy
from tests.shop import DAY, PLACED, ingest, open_shop, order, settle_all

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = PLACED + 2 * DAY
ENGLISH = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def bound(db: None) -> Binding:
    """Bo, bound to Lan for 90 days, has paid one order."""
    set_policy(binding_days=90)
    bo = open_shop()
    ingest(order(bo))
    settle_all(at=NOW)
    return Binding.objects.get(member=bo)


@pytest.fixture
def ops(as_qian: Client, qian: User) -> Client:
    give(qian, "change_binding", "view_binding", "view_member")
    return as_qian


def url(row: Binding, page: str = "extend") -> str:
    return reverse(f"admin:distribution_binding_{page}", args=[row.pk])


def typed(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def press(client: Client, row: Binding, until: str, **values: Any) -> Any:
    data = {"_form_submitted": "True", "until": until, "reason": REASON, **values}
    return client.post(url(row), data)


def everything() -> Any:
    return rows(), BindingExtension.objects.count()


def test_the_dialog_says_what_goes_on_and_proposes_thirty_days(ops: Client, bound: Binding) -> None:
    before = everything()

    dialog = ops.get(url(bound), headers=ENGLISH).text

    assert bound.expires_at
    assert (
        f"left until the present expiry, {bound.expires_at.astimezone(SHANGHAI):%Y-%m-%d}" in dialog
    )
    assert "1 order" in dialog
    assert "¥10.99" in dialog
    assert f'value="{typed(bound.expires_at + 30 * DAY)}"' in dialog
    assert everything() == before


def test_pressing_extends_and_the_pages_say_by_whom_and_why(
    ops: Client, bound: Binding, qian: User
) -> None:
    assert bound.expires_at
    later = bound.expires_at + 30 * DAY

    response = press(ops, bound, typed(later))

    assert response.headers["HX-Redirect"] == url(bound, "change")
    bound.refresh_from_db()
    assert bound.expires_at == later.replace(second=0, microsecond=0)
    person = reverse("admin:members_member_change", args=[bound.member_id])
    for page in (url(bound, "change"), person):
        shown = ops.get(page).text
        assert REASON in shown
        assert "qian" in shown


@pytest.mark.parametrize(
    ("until", "reason", "said"),
    [
        ("2026-11-05T00:00", REASON, "须晚于现在的到期时间"),
        ("2099-01-01T00:00", REASON, "十年以内"),
        ("", REASON, "errors"),
        ("next year", REASON, "2026-11-26 12:15"),
        ("2027-06-01T00:00", "", "errors"),
    ],
)
def test_a_refusal_keeps_what_was_typed(
    ops: Client, bound: Binding, until: str, reason: str, said: str
) -> None:
    before = everything()

    response = press(ops, bound, until, reason=reason)

    assert "HX-Redirect" not in response.headers
    assert said in response.text
    assert until in response.text
    assert everything() == before


def test_it_is_offered_only_for_bindings_that_expire(
    ops: Client, bound: Binding, mei: Member
) -> None:
    without = Binding.objects.exclude(pk=bound.pk).get()
    Binding.objects.filter(pk=without.pk).update(expires_at=None)
    person = reverse("admin:members_member_change", args=[bound.member_id])

    assert url(bound) in ops.get(url(bound, "change")).text
    assert url(bound) in ops.get(person).text
    assert url(without) not in ops.get(url(without, "change")).text


def test_after_thirty_days_it_is_the_only_button_of_the_person(
    ops: Client, bound: Binding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON + 60 * DAY)

    page = ops.get(reverse("admin:members_member_change", args=[bound.member_id])).text

    assert url(bound) in page
    assert url(bound, "move") not in page


def test_it_needs_the_right_to_change_bindings(as_qian: Client, qian: User, bound: Binding) -> None:
    give(qian, "view_binding", "view_member")
    before = everything()

    assert as_qian.get(url(bound)).status_code == 403
    assert press(as_qian, bound, "2027-06-01T00:00").status_code == 403
    assert everything() == before


def test_many_are_previewed_and_then_extended(ops: Client, bound: Binding) -> None:
    page = reverse("admin:distribution_binding_changelist")
    others = Binding.objects.exclude(pk=bound.pk)
    others.update(expires_at=None)
    until = typed(NOON + 200 * DAY)
    chosen = {
        "action": "extend_many", "_selected_action": [row.pk for row in Binding.objects.all()],
    }  # fmt: skip
    typed_values = {**chosen, "until": until, "reason": REASON}
    before = everything()

    assert "新的到期时间" in ops.post(page, chosen).text
    preview = ops.post(page, typed_values).text
    assert "延长 1 条" in preview
    assert "长期有效" in preview
    assert everything() == before
    token = preview.split('name="previewed" value="')[1].split('"')[0]
    ops.post(page, {**typed_values, "previewed": token, "confirm": "yes"})

    bound.refresh_from_db()
    assert bound.expires_at == NOON + 200 * DAY
    assert BindingExtension.objects.count() == 1
