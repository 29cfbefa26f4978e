"""Of people who write the same message at once, each learns of the other."""

from __future__ import annotations

import threading
from functools import partial

from django.db import IntegrityError

from members.models import User
from notices.models import Wording
from notices.wordings import WordingOutdated, latest_number, put_into_force, save_wording
from tests.cast import NOON, give, staff
from tests.concurrency import run_concurrently


def writers(count: int) -> list[User]:
    return [give(staff(f"writer{number}"), "change_wording") for number in range(count)]


def save(by: User, text: str, *, after: int = 0) -> Wording | None:
    try:
        return save_wording(
            kind="credited", texts={"body_zh": text}, channels="app", based_on=after, by=by, at=NOON
        )
    except WordingOutdated:
        return None


def test_one_of_eight_writers_saves(committed: str) -> None:
    people = writers(8)

    ends = run_concurrently(*[partial(save, by, by.username) for by in people])

    assert sum(row is not None for row in ends) == 1
    assert Wording.objects.get().number == 1


def test_control_without_the_lock_both_pass_the_check(committed: str) -> None:
    people = writers(2)
    both_read = threading.Barrier(2)

    def naive(by: User) -> str:
        number = latest_number("credited")
        both_read.wait(30)
        try:
            Wording.objects.create(
                kind="credited", number=number + 1, channels="app", created_by=by, created_at=NOON
            )
        except IntegrityError:
            return "refused by the database, without a word for the person"
        return "saved"

    ends = run_concurrently(*[partial(naive, by) for by in people])

    assert sorted(ends) == ["refused by the database, without a word for the person", "saved"]


def test_of_two_versions_put_into_force_at_once_one_is(committed: str) -> None:
    one, two = writers(2)
    first = save(one, "一")
    second = save(two, "二", after=1)
    assert first
    assert second

    run_concurrently(
        partial(put_into_force, wording=first, by=one, at=NOON),
        partial(put_into_force, wording=second, by=two, at=NOON),
    )

    assert sorted(Wording.objects.values_list("status", flat=True)) == ["in_force", "replaced"]
