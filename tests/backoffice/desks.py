"""Steps at a desk: open it, decide, read what it shows."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.utils.html import strip_tags


def address(queue: str, row: Any = None, **values: Any) -> str:
    query = {**({"row": row.pk} if row is not None else {}), **values}
    text = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/admin/queues/{queue}/" + (f"?{text}" if text else "")


def opened(client: Client, queue: str, row: Any = None, **values: Any) -> str:
    """Return the text of a desk with a row, or with the first one."""
    response = client.get(address(queue, row, **values))
    assert response.status_code == 200
    return response.text


def act(client: Client, queue: str, row: Any, action: str, **values: Any) -> Any:
    """Post an action with the seal of the page as it is now, unless another one is given."""
    page = opened(client, queue, row)
    found = re.search(r'name="seal" value="([^"]*)"', page)
    seal = {"seal": found[1]} if found else {}
    return client.post(address(queue, row), {"action": action, **seal, **values})


def said(response: Any) -> list[str]:
    """Return the messages that a response leaves, without tags."""
    return [
        f"{each.level_tag}: {strip_tags(str(each))}" for each in get_messages(response.wsgi_request)
    ]


def listed(page: str) -> list[str]:
    """Return the titles of the list in their order."""
    return re.findall(r'class="desk-item-title"><bdi>([^<]*)</bdi>', page)


def title(page: str) -> str:
    """Return the title of the open row."""
    found = re.search(r'id="desk-title"[^>]*><bdi>([^<]*)</bdi>', page)
    return found[1] if found else ""


def counts(page: str) -> list[str]:
    return re.findall(r'class="desk-count">([^<]*)<', page)
