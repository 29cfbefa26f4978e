"""Addresses, buttons and messages of the back office."""

from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

PRESS = {"_form_submitted": "True"}


def url(row: Any, what: str = "change") -> str:
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_{what}", args=[row.pk])


def listed(model: type[Any]) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")


def press(client: Client, row: Any, button: str, **given: Any) -> Any:
    to = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_{button}", args=[row.pk])
    assert client.get(to).status_code == 200
    return client.post(to, PRESS | given)


def messages(answer: Any) -> list[tuple[str, str]]:
    return [(one.level_tag, str(one)) for one in get_messages(answer.wsgi_request)]


def found(client: Client, model: type[Any], **asked: str) -> int:
    return len(client.get(listed(model), asked).context["cl"].result_list)
