"""Open pages of the back office, press buttons and read messages."""

from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

PRESS = {"_form_submitted": "True"}


def url(row: Any, page: str = "change") -> str:
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_{page}", args=[row.pk])


def listed(model: type[Any]) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")


def press(client: Client, row: Any, button: str, **data: Any) -> Any:
    address = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_{button}", args=[row.pk])
    assert client.get(address).status_code == 200
    return client.post(address, PRESS | data)


def messages(response: Any) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in get_messages(response.wsgi_request)]


def count_rows(client: Client, model: type[Any], **query: str) -> int:
    return len(client.get(listed(model), query).context["cl"].result_list)
