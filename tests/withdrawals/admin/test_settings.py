"""Channels, the policy and the reasons for rejections in the back office."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Event
from tests.cast import staff
from tests.setting_forms import save_settings
from tests.withdrawals.admin.pages import button, messages, page, press, signed_in
from tests.withdrawals.factories import may, operations
from withdrawals.models import Channel, Policy, RejectionReason, Withdrawal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]


@pytest.mark.parametrize("name", ["sandbox", Channel.ALL])
def test_a_channel_is_paused_and_resumed(name: str) -> None:
    client = signed_in(may(staff("Guest"), "view_channel", "change_channel"))
    url = reverse("admin:withdrawals_channel_pause_channel")
    assert url in client.get(reverse("admin:withdrawals_channel_changelist")).text
    client.get(url, {"channel": name, "reason": "盘点"})
    client.post(url, {"channel": name, "reason": ""})
    client.post(url, {"channel": "paypal", "reason": "盘点"})
    assert not Channel.objects.exists()

    client.post(url, {"channel": name, "reason": "盘点"})

    row = Channel.objects.get(pk=name)
    assert (row.pause_reason, row.paused_at is None) == ("盘点", False)
    assert button(row, "resume") in client.get(page(row)).text
    press(client, row, "resume")
    row.refresh_from_db()
    assert row.paused_at is None
    press(client, row, "pause", reason="再停")
    row.refresh_from_db()
    assert row.pause_reason == "再停"


def test_a_viewer_cannot_pause_a_channel() -> None:
    client = signed_in(may(staff("Guest"), "view_channel"))
    url = reverse("admin:withdrawals_channel_pause_channel")
    assert url not in client.get(reverse("admin:withdrawals_channel_changelist")).text
    for method in (client.get, client.post):
        assert method(url, {"channel": "all", "reason": "盘点"}).status_code == 403
    assert not Channel.objects.exists()


POLICY = {
    "min_amount": "1.00", "max_amount": "20000", "max_per_day": "20000", "max_per_month": "100000",
    "fee": "0.6", "review_hours": "24", "second_finance_threshold": "5000", "ready_days": "30",
    "regime": "labor_per_payment", "id_number_threshold": "800",
}  # fmt: skip


def test_the_policy_is_changed_in_yuan_and_percent(as_boss: Client) -> None:
    url = page(Policy.current())
    assert 'value="20000.00"' in as_boss.get(url).text

    assert save_settings(as_boss, url, POLICY).status_code == 302

    policy = Policy.current()
    assert (policy.fee, policy.second_finance_threshold, policy.max_amount) == (
        60,
        500_000,
        2_000_000,
    )
    assert Event.objects.get(name="withdrawals.policy_changed").after == {
        "fee": 60, "second_finance_threshold": 500_000, "regime": "labor_per_payment",
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_amount": "0.5"},
        {"min_amount": "0"},
        {"second_finance_threshold": "0"},
        {"fee": "100"},
        {"max_amount": "-1"},
        {"regime": "mine"},
        {"review_hours": "0"},
        {"min_amount": ""},
        {"max_amount": "99999999999999999999"},
    ],
)
def test_an_invalid_policy_is_refused(as_boss: Client, wrong: dict[str, str]) -> None:
    before = Policy.objects.values().get()
    response = save_settings(as_boss, page(Policy.current()), {**POLICY, **wrong})
    errors = response.status_code == 200 and response.context["errors"]
    assert errors or any(each.startswith("error") for each in messages(response))
    assert Policy.objects.values().get() == before


def test_a_reason_in_use_cannot_be_deleted(
    as_boss: Client, as_ops: Client, requested: Withdrawal
) -> None:
    url = reverse("admin:withdrawals_rejectionreason_add")
    as_boss.post(url, {"code": "odd", "label": "资料有误", "is_active": "on"})
    why = RejectionReason.objects.get()
    press(as_ops, requested, "reject", rejection="odd")

    as_boss.post(
        reverse("admin:withdrawals_rejectionreason_delete", args=[why.pk]), {"post": "yes"}
    )

    assert RejectionReason.objects.get() == why
    assert operations(staff("Wei")).has_perm("withdrawals.add_rejectionreason") is False
