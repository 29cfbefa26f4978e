"""Sixteen equal requests at once make one poster, which is drawn once."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from common import clock
from members.closing import close_member
from members.models import Member
from members.sessions.services import AccountClosed
from posters.models import Poster
from posters.services import draw_poster, sweep_old
from tests.api.phone import Phone
from tests.cast import NOON
from tests.concurrency import run_concurrently, run_during_transaction
from tests.posters import studio

REQUESTS, LINE = 16, "好用"


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def post(phone: Phone, product: str) -> Any:
    return phone.post("/posters", {"target": {"kind": "product", "id": product}, "line": LINE})


def post_at_once(lan: Member) -> list[Any]:
    studio.template()
    product = studio.mask()
    studio.open_for(lan, product)  # opens the share, whose row would make the others wait
    phones = [Phone(lan) for _ in range(REQUESTS)]
    return run_concurrently(*[partial(post, phone, product.public_id) for phone in phones])


def test_equal_requests_at_once_are_one_poster(lan: Member) -> None:
    answers = post_at_once(lan)

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Poster.objects.filter(line=LINE).count() == 1


def test_workers_at_once_draw_it_once(lan: Member) -> None:
    post_at_once(lan)
    key = Poster.objects.get(line=LINE).pk

    drawn = run_concurrently(*[partial(draw_poster, poster=key, at=clock.now()) for _ in range(8)])

    assert sorted(drawn) == [False] * 7 + [True]
    assert Poster.objects.get(line=LINE).attempts == 1


def open_during_another(lan: Member) -> list[Any]:
    studio.template()
    mask = studio.mask()
    studio.open_for(lan, mask)
    opening = partial(studio.open_for, lan, mask, size="750x1334")
    return [opened.is_new for opened in run_during_transaction(opening, opening)]


def test_of_two_requests_the_second_finds_the_poster_of_the_first(lan: Member) -> None:
    assert open_during_another(lan) == [True, False]


def test_control_without_the_unique_key_both_make_one(lan: Member) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX poster_key_unique")

    open_during_another(lan)

    assert Poster.objects.filter(size="750x1334").count() == 2


def test_a_sweep_waits_for_a_request_that_has_found_the_poster(lan: Member) -> None:
    """The request marks the poster as used before the sweep may take it."""
    studio.template()
    mask = studio.mask()
    studio.open_for(lan, mask)
    studio.work()
    later = NOON + 31 * studio.DAY

    found, swept = run_during_transaction(
        partial(studio.open_for, lan, mask, at=later), partial(sweep_old, at=later)
    )

    assert (found.is_new, swept) == (False, 0)
    assert Poster.objects.get().status == "ready"


def test_no_poster_comes_after_the_account_is_closed(lan: Member) -> None:
    studio.template()
    mask = studio.mask()
    closing = partial(close_member, member=lan, at=NOON + studio.DAY)
    _, opened = run_during_transaction(closing, partial(studio.open_for, lan, mask))
    assert isinstance(opened, AccountClosed)
    assert not Poster.objects.exists()


def test_closing_waits_for_a_request_and_removes_its_poster(lan: Member, tmp_path: Path) -> None:
    studio.template()
    mask = studio.mask()
    closing = partial(close_member, member=lan, at=NOON + studio.DAY)
    opened, _ = run_during_transaction(partial(studio.open_for, lan, mask), closing)
    assert opened.is_new
    assert not Poster.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
