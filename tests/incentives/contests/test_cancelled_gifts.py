"""A gift that the shop cancels is not given: who earned it reads why, and no figure counts it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from incentives.explanations import explain
from incentives.figures import Figures, figures_of
from incentives.member_awards import awards_of
from incentives.models import Award, Budget, GiftTask, Version
from incentives.services.gifts import cancel_gift
from incentives.worth import Worth
from orders.models import Order
from tests.api.phone import Phone
from tests.cast import member
from tests.incentives.contests.gifts_stage import gift_for_each_order, gift_task, sender
from tests.incentives.contests.stage import RELEASED, follow
from tests.shop import DAY, ingest, line, order, refund, with_refund

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
LATER = RELEASED + DAY
REASON = "sold out"


@pytest.fixture
def version(db: None) -> Version:
    return gift_for_each_order()


@pytest.fixture
def task(version: Version) -> GiftTask:
    return gift_task()


def cancel(task: GiftTask) -> None:
    cancel_gift(task=task, reason=REASON, by=sender(), at=LATER)


def award_of(task: GiftTask) -> Award:
    return Award.objects.get(pk=task.award_id)


def last_sentence(task: GiftTask) -> str:
    with translation.override("en"):
        return explain(award_of(task))[-1]


def figures(version: Version) -> Figures:
    return figures_of([version.incentive_id])[version.incentive_id]


def test_the_explanation_gives_the_reason(task: GiftTask) -> None:
    assert last_sentence(task) == "Given: gift."

    cancel(task)

    assert last_sentence(task) == f"Cancelled by the shop: {REASON}"


def test_the_member_reads_that_nothing_was_given(task: GiftTask) -> None:
    cancel(task)

    (row,) = Phone(member("Lan")).get("/me/awards").json()["results"]

    assert (row["due"], row["given"], row["status_text"]) == (1, 0, "cancelled by the shop")
    assert (row["gift"]["status"], row["gift"]["note"]) == ("cancelled", REASON)
    (exported,) = awards_of(member("Lan"))
    assert (exported["due"], exported["given"]) == (1, 0)


def test_the_list_of_a_member_takes_the_same_number_of_queries(task: GiftTask) -> None:
    def queries() -> int:
        phone = Phone(member("Lan"))
        with CaptureQueriesContext(connection) as captured:
            phone.get("/me/awards")
        return len(captured)

    before = queries()
    cancel(task)
    gift_task()

    assert queries() == before


def test_figures_leave_it_out(version: Version, task: GiftTask) -> None:
    other = gift_task("Chen")
    assert (figures(version).things, figures(version).people) == (Worth(1_000), 2)

    cancel(task)

    assert (figures(version).things, figures(version).people) == (Worth(500), 1)
    cancel(other)
    assert (figures(version).things, figures(version).people) == (Worth(), 0)


def test_who_has_got_another_gift_stays_reached(version: Version, task: GiftTask) -> None:
    gift_task()

    cancel(task)

    assert (figures(version).things, figures(version).people) == (Worth(500), 1)


def count_again(at: Any) -> None:
    follow(Order.objects.all(), at=at)


def test_a_recount_gives_nothing_twice(task: GiftTask) -> None:
    cancel(task)

    count_again(LATER + DAY)

    task.refresh_from_db()
    award = award_of(task)
    assert (task.status, task.note, GiftTask.objects.count()) == ("cancelled", REASON, 1)
    assert (award.status, award.target, award.posted, award.moves) == ("granted", 1, 1, 1)
    assert Budget.objects.get().awards == 1


def test_a_refund_takes_the_award_back_and_the_budget_has_it_again(task: GiftTask) -> None:
    cancel(task)
    facts = order(member("Lan's buyer"), line(price=100_000), number="Lan-1", received=True)

    ingest(with_refund(facts, refund(100_000, quantity=1, at=LATER)), at=LATER)
    count_again(LATER)

    assert (award_of(task).status, award_of(task).posted) == ("taken_back", 0)
    assert Budget.objects.get().awards == 0
    assert last_sentence(task) == "Taken back: too little counts any more."
