"""Masks of personal data in the back office."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Event
from members.models import Member, User
from tests.cast import NOON, staff
from tests.withdrawals.admin.pages import button, page, select, signed_in
from tests.withdrawals.factories import DAY, ID_NUMBER, NOW, YUAN, asked, attempted, may
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Withdrawal
from withdrawals.services import identify, process_due_attempts, set_payee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
NAME, CARD = "欧阳兰芝", "6222021234567890123"


def test_pages_show_no_full_name_account_or_id_number(
    as_boss: Client, lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    identify(member=lan, name=NAME, at=NOON)
    set_payee(member=lan, channel="bank", account=CARD, bank="工商银行", at=NOON)
    row = attempted(lan, 300 * YUAN, qian, feng).withdrawal
    for at in (NOW, NOW + DAY):
        process_due_attempts(at=at)
    asked(lan, 100 * YUAN, key="k-2", at=NOW + 2 * DAY)
    found = ""
    for model in ("withdrawal", "attempt", "evidence", "taxentry", "payee", "person"):
        changelist = as_boss.get(reverse(f"admin:withdrawals_{model}_changelist"))
        found += changelist.text
        for each in changelist.context["cl"].result_list:
            found += as_boss.get(page(each)).text
    found += as_boss.get(button(Withdrawal.objects.latest("pk"), "approve_as_operations")).text
    found += select(as_boss, "review_many", list(Withdrawal.objects.all())).text
    for event in Event.objects.all():
        found += as_boss.get(reverse("admin:events_event_change", args=[event.pk])).text
    assert row.public_id in found
    assert "****0123" in found
    assert "欧***" in found
    for secret in (NAME, CARD, ID_NUMBER, "gAAAA"):
        assert secret not in found


def test_unmasking_needs_a_reason_and_is_recorded(lan: Member) -> None:
    identify(member=lan, name=NAME, at=NOON)
    set_payee(member=lan, channel="bank", account=CARD, bank="工商银行", at=NOON)
    client = signed_in(may(staff("Guest"), "view_person", "unmask_person", "view_payee"))
    url = button(lan.person, "unmask")
    for row in (lan.person, lan.payees.latest("pk")):
        assert url in client.get(page(row)).text
    assert url not in client.get(page(lan.payees.earliest("pk"))).text, "it was replaced"

    for response in (client.get(url, {"reason": "x"}), client.post(url, {"reason": " "})):
        assert NAME not in response.text
        assert not Event.objects.filter(name="withdrawals.unmasked").exists()
    response = client.post(url, {"reason": "银行退票核对"})

    for secret in (NAME, CARD, ID_NUMBER):
        assert secret in response.text
    assert "no-store" in response.headers["Cache-Control"]
    event = Event.objects.get(name="withdrawals.unmasked")
    assert (event.actor_id, event.data["reason"]) == ("guest", "银行退票核对")


def test_unmasking_needs_the_permission(lan: Member, feng: User) -> None:
    client = signed_in(may(feng, "view_person", "view_payee"))
    url = button(lan.person, "unmask")
    assert url not in client.get(page(lan.person)).text
    for method in (client.get, client.post):
        assert method(url, {"reason": "看看"}).status_code == 403
    assert not Event.objects.filter(name="withdrawals.unmasked").exists()
