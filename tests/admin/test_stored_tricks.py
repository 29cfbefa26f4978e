"""Texts that people stored: no page reads them as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice import office, panels, queues
from members.models import User
from tests.admin.hostile import MARK, is_read_as_html, store_everywhere
from tests.admin.pages import PAGES, buttons, name, row, url, urls

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

TRICK = f"\u202e'\"><b id={MARK}>"
SHORTER = f"'><b id={MARK}>"
LEAST = 40
"""So many fields were changed at least; a test that changes none would find nothing."""


@pytest.fixture
def hostile(shop: None, db: None) -> list[Any]:
    changed = store_everywhere(TRICK, SHORTER)
    assert len(changed) > LEAST
    return changed


def pages_of(page: Any) -> Iterator[str]:
    yield from urls(page)
    for each in getattr(page, "pages", ()):
        if each.form is not None:
            yield url(page, each.name, *([row(page).pk] if each.of_row else []))
    for panel in panels.of_model(name(page)):
        yield url(page, "panel", row(page).pk, panel.name)


def others() -> Iterator[str]:
    for button in buttons():
        yield button.url
    for page in office.pages():
        if "<" not in page.path:
            yield f"/admin/{page.path}/"
    for queue in queues.of(User.objects.get(username="boss")):
        if queue.desk is None:
            continue
        base = office.url(f"queue_{queue.name}")
        yield base
        yield from (f"{base}?row={found.pk}" for found in queue.all_rows()[:3])
    for term in ("b id", "Mei", "W-1"):
        yield f"{reverse('backoffice_find')}?q={term}"


def test_no_page_reads_a_stored_text_as_html(as_boss: Client, hostile: list[Any]) -> None:
    wrong, seen = [], 0
    for address in [*(each for page in PAGES for each in pages_of(page)), *others()]:
        answer = as_boss.get(address, follow=True)
        if answer.streaming or "html" not in answer["Content-Type"]:
            continue
        text = answer.content.decode()
        seen += "&lt;b id=" in text
        if is_read_as_html(text):
            wrong.append(address)

    assert wrong == []
    assert seen > len(PAGES)  # most of them do show it
