"""Colleagues appear by their names; pages are headed by what they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client

from backoffice import office, panels, queues
from members.models import User
from tests.admin.pages import PAGES, buttons, name, row, url, urls
from tests.admin.words import words_of
from tests.cast import LONG_AGO

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

ACCOUNTS = {"members.user", "auth.group", "backoffice.export"}
"""Lists of accounts show the names by which people sign in."""
LINKED = {"zhu"}
"""Accounts whose names are also member numbers, and to be read where they are linked."""
HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)


@pytest.fixture
def looking(db: None, shop: None, no_static_files: None) -> Client:
    """Somebody who may see everything and has done nothing; all others have full names."""
    for number, user in enumerate(User.objects.order_by("pk")):
        User.objects.filter(pk=user.pk).update(first_name=f"同事{number}")
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(User.objects.create_superuser("looking", may_review_from=LONG_AGO))
    return client


def addresses() -> Iterator[str]:
    for page in PAGES:
        if name(page) in ACCOUNTS:
            continue
        yield from urls(page)
        for panel in panels.of_model(name(page)):
            yield url(page, "panel", row(page).pk, panel.name)
    yield from (button.url for button in buttons() if name(button.page) not in ACCOUNTS)
    yield from (f"/admin/{page.path}/" for page in office.pages() if "<" not in page.path)
    for queue in queues.of(User.objects.get(username="boss")):
        base = office.url(f"queue_{queue.name}") if queue.desk else ""
        yield from (f"{base}?row={found.pk}" for found in queue.all_rows()[:3] if base)


def test_no_page_names_a_colleague_by_their_account(looking: Client) -> None:
    others = User.objects.exclude(username__in=["looking", *LINKED])
    names = "|".join(map(re.escape, others.values_list("username", flat=True)))
    accounts = re.compile(rf"(?<![\w@.-])(?:{names})(?![\w@.-])")
    wrong = []
    for address in addresses():
        answer = looking.get(address, follow=True)
        if answer.streaming or "html" not in answer["Content-Type"]:
            continue
        wrong += [
            f"{address}: {text[:80]}" for text in words_of(answer.text) if accounts.search(text)
        ]

    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_page_of_a_row_is_headed_by_it(looking: Client, page: Any) -> None:
    """As it is: ids and codes keep their case, so that they can be copied."""
    found = row(page)
    text = looking.get(url(page, "change", found.pk)).text
    (heading, *more) = HEADING.findall(text)

    assert more == []
    shown = " ".join(unescape(re.sub(r"<[^>]+>", " ", heading)).split())
    assert " ".join(page.heading(found).split()) in shown
