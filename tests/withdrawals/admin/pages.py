"""Steps in the back office: sign in, open pages, press buttons."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from members.models import User
from withdrawals.models import Withdrawal

PDF = b"%PDF-1.7 paid"
CHANGELIST = "admin:withdrawals_withdrawal_changelist"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(row: Any) -> str:
    return reverse(f"admin:withdrawals_{row._meta.model_name}_change", args=[row.pk])


def button(row: Any, what: str) -> str:
    return reverse(f"admin:withdrawals_{row._meta.model_name}_{what}", args=[row.pk])


def messages(response: Any) -> list[str]:
    return [f"{each.level_tag}: {each}" for each in get_messages(response.wsgi_request)]


def press(client: Client, row: Any, what: str, **given: str) -> list[str]:
    response = client.post(button(row, what), {"_form_submitted": "True", **given})
    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == page(row)
    return messages(response)[-1:]


def shown_hash(client: Client, row: Withdrawal, what: str) -> str:
    """Return the hash that the dialog posts."""
    found = re.search(r'name="content_hash" value="(\w{64})"', client.get(button(row, what)).text)
    assert found
    return found[1]


def offered(client: Client, row: Withdrawal) -> set[str]:
    text = client.get(page(row)).text
    names = (
        "approve_as_operations", "approve_as_finance", "start_payout", "claim_manual_payouts",
        "poll_now", "cancel_at_provider", "mark_unpaid", "mark_paid", "retry_with_new_number",
        "fail", "reject",
    )  # fmt: skip
    return {name for name in names if button(row, name) in text}


def select(client: Client, action: str, rows: list[Withdrawal], **given: Any) -> Any:
    return client.post(
        reverse(CHANGELIST),
        {"action": action, ACTION_CHECKBOX_NAME: [row.pk for row in rows], **given},
    )


def hidden_inputs(response: Any, name: str) -> list[str]:
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]+)"', response.text)


def voucher(content: bytes = PDF) -> dict[str, SimpleUploadedFile]:
    return {"voucher": SimpleUploadedFile("proof.pdf", content)}
