"""Two workers close one contest, two people hand in one picture, a gift is sent and cancelled.

The controls show what would happen without the lock.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection

from common import status
from common.status import WrongStatus
from events.models import Event
from incentives.models import Award, GiftTask, Incentive, PeriodClosing, Proof, Version
from incentives.services import awards as awards_module
from incentives.services import closing as closing_module
from incentives.services import moves
from incentives.services import proofs as proofs_module
from incentives.services.awards import release_waiting
from incentives.services.catching_up import catch_up
from incentives.services.closing import close_periods, confirm_closing
from incentives.services.gifts import cancel_gift, send_gift
from incentives.services.proof_periods import decide_before
from incentives.services.proofs import (
    PictureUsed,
    ProofTooLate,
    approve_proof,
    hand_in,
)
from orders.models import Order
from orders.services import complete
from tests.cast import member
from tests.concurrency import run_concurrently, run_during_transaction
from tests.incentives.contests.gifts_stage import (
    decider,
    gift_for_each_order,
    gift_for_proofs,
    gift_task,
    sender,
    stored,
)
from tests.incentives.contests.screenshots import jpeg, screenshot
from tests.incentives.contests.stage import (
    CLOSES,
    RELEASED,
    WEEK_START,
    confirmer,
    contest,
    open_stage,
    release,
    sell,
    winners,
)
from tests.shop import DAY, wallet_balance

LATER = RELEASED + DAY
PODIUM = [("Lan", 1, 10_000), ("Chen", 2, 8_000), ("Mei", 3, 5_000)]


def sold() -> None:
    open_stage()
    contest(confirm_above=1)
    sell("Lan", 100_000, 100_000, 100_000)
    sell("Chen", 100_000, 100_000)
    sell("Mei", 100_000)
    release()


def close() -> int:
    return close_periods(at=CLOSES, limit=10)


def of_the_week() -> PeriodClosing:
    return PeriodClosing.objects.get(period_start=WEEK_START)


def test_workers_that_close_one_contest_come_to_one_result(committed: str) -> None:
    sold()

    ends = run_concurrently(*[close] * 4)

    assert not [end for end in ends if isinstance(end, Exception)]
    assert (of_the_week().status, of_the_week().amount) == ("waiting", 23_000)
    assert [row[:3] for row in winners()] == PODIUM
    assert Event.objects.filter(name="incentives.closing_waits").count() == 1


def close_twice_at_once() -> list[Any]:
    """Let a worker close while another one has closed and has not committed."""
    return run_during_transaction(close, close)


def test_a_worker_waits_for_another_one_that_closes(committed: str) -> None:
    sold()

    assert not [end for end in close_twice_at_once() if isinstance(end, Exception)]
    assert [row[:3] for row in winners()] == PODIUM
    assert Event.objects.filter(name="incentives.closing_waits").count() == 1


def finish_without_the_lock(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let two workers finish one close after both have read that it is still being counted."""
    both_have_read = threading.Barrier(2)
    finish = closing_module._finish

    def read_then_finish(closing: PeriodClosing, *rest: Any, at: datetime) -> None:
        closing.refresh_from_db()
        both_have_read.wait(30)
        finish(closing, *rest, at=at)

    monkeypatch.setattr(closing_module, "_lock", lambda _closing: None)
    monkeypatch.setattr(closing_module, "_finish", read_then_finish)
    return run_concurrently(close, close)


def test_control_without_the_lock_the_second_close_is_a_fault(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold()
    close_periods(at=CLOSES - DAY, limit=10)  # the week before

    ends = finish_without_the_lock(monkeypatch)

    assert Counter(type(end) for end in ends) == {int: 1, WrongStatus: 1}
    assert Event.objects.filter(name="incentives.closing_waits").count() == 1


def test_control_without_any_guard_a_close_has_two_results(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def move(row: PeriodClosing, *, to: str, **changes: Any) -> None:
        PeriodClosing.objects.filter(pk=row.pk).update(status=to, **changes)
        row.status = to

    sold()
    close_periods(at=CLOSES - DAY, limit=10)  # the week before
    monkeypatch.setattr(status, "move", move)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE incentives_periodclosing DISABLE TRIGGER status_transitions")

    ends = finish_without_the_lock(monkeypatch)

    assert ends == [1, 1]
    assert Event.objects.filter(name="incentives.closing_waits").count() == 2


def test_an_order_is_counted_before_the_close_or_not_at_all(committed: str) -> None:
    open_stage()
    contest()
    sell("Lan", 50_000)
    sell("Chen", 100_000)
    while complete(at=RELEASED):
        pass
    chen = Order.objects.get(number="Chen-1").pk
    catch_up(orders=list(Order.objects.exclude(pk=chen).values_list("pk", flat=True)), at=CLOSES)

    first = partial(catch_up, orders=[chen], at=CLOSES)
    _, closed = run_during_transaction(first, partial(close_periods, at=CLOSES + DAY, limit=10))

    assert closed == 2  # with the week before
    assert [row[:2] for row in winners()] == [("Chen", 1), ("Lan", 2)]


def test_control_without_the_lock_the_close_misses_what_is_being_counted(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_stage()
    contest()
    sell("Lan", 50_000)
    sell("Chen", 100_000)
    while complete(at=RELEASED):
        pass
    chen = Order.objects.get(number="Chen-1").pk
    catch_up(orders=list(Order.objects.exclude(pk=chen).values_list("pk", flat=True)), at=CLOSES)
    unlocked = Incentive.objects.all()
    monkeypatch.setattr(Incentive.objects, "select_for_update", lambda: unlocked)

    first = partial(catch_up, orders=[chen], at=CLOSES)
    run_during_transaction(first, partial(close_periods, at=CLOSES + DAY, limit=10))

    assert [row[:2] for row in winners()] == [("Lan", 1)]


def test_of_two_who_confirm_one_is_told(committed: str) -> None:
    sold()
    close()
    people = [confirmer("Wen"), confirmer("Xu")]

    ends = run_concurrently(
        *[partial(confirm_closing, closing=of_the_week(), by=by, at=CLOSES) for by in people]
    )

    assert Counter(type(end) for end in ends) == {type(None): 1, WrongStatus: 1}
    assert of_the_week().status == "final"
    events = Event.objects.filter(name="incentives.closing_final")
    assert events.filter(subject_id=of_the_week().public_id).count() == 1


def test_awards_that_two_workers_release_are_given_once(committed: str) -> None:
    sold()
    close()
    confirm_closing(closing=of_the_week(), by=confirmer(), at=CLOSES)

    ends = run_concurrently(
        *[partial(release_waiting, closing=of_the_week(), at=CLOSES)] * 3
    )  # fmt: skip

    assert ends == [None] * 3
    assert sum(Award.objects.values_list("posted", flat=True)) == 23_000


def release_twice_without_the_lock(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let a worker give awards while another one has given them and has not committed."""
    sold()
    close()
    confirm_closing(closing=of_the_week(), by=confirmer(), at=CLOSES)
    monkeypatch.setattr(awards_module, "lock_people", lambda _members: None)
    release_all = partial(release_waiting, closing=of_the_week(), at=CLOSES)
    return run_during_transaction(release_all, release_all)


def test_control_without_the_lock_the_second_release_is_a_fault(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = release_twice_without_the_lock(monkeypatch)

    assert [type(end) for end in ends] == [type(None), IntegrityError]
    assert wallet_balance(member("Lan")) == 10_000


def test_control_without_any_guard_awards_are_paid_twice(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key_of(award: Award, number: int) -> str:
        return f"award:{award.public_id}:{number}:{threading.get_ident()}"

    monkeypatch.setattr(moves, "key_of", key_of)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE incentives_awardposting DROP CONSTRAINT award_posting_unique,"
            " DISABLE TRIGGER USER"
        )
        cursor.execute("ALTER TABLE incentives_award DISABLE TRIGGER USER")

    ends = release_twice_without_the_lock(monkeypatch)

    assert ends == [None, None]
    assert wallet_balance(member("Lan")) == 20_000


# Proofs


def hand_in_the_same(version: Version) -> list[Any]:
    """Chen hands in the picture of Lan in another quality while Lan hands it in."""
    actions = []
    for name, quality in (("Lan", 95), ("Chen", 60)):
        upload = stored(member(name), jpeg(screenshot(), quality)).public_id
        actions.append(
            partial(hand_in, incentive=version.incentive, member=member(name), upload=upload,
                    at=LATER)
        )  # fmt: skip
    return run_during_transaction(*actions)


def proofs_wanted() -> Version:
    version = gift_for_proofs()
    sell("Chen", 100_000)
    release()
    return version


def test_of_two_who_hand_in_one_picture_one_is_refused(committed: str) -> None:
    ends = hand_in_the_same(proofs_wanted())
    assert [type(end) for end in ends] == [Proof, PictureUsed]
    assert Proof.objects.count() == 1


def test_control_without_the_lock_one_picture_serves_twice(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofs_module, "advisory_lock", lambda *_: None)
    ends = hand_in_the_same(proofs_wanted())
    assert [type(end) for end in ends] == [Proof, Proof]


def weekly_proof() -> Proof:
    """Return a proof of Lan that waits, for a gift that each week gives."""
    version = gift_for_proofs(period="week", close_days=15)
    lan = member("Lan")
    upload = stored(lan, jpeg(screenshot(), 95)).public_id
    return hand_in(incentive=version.incentive, member=lan, upload=upload, at=LATER)


def approval_and_close(proof: Proof, *, close_first: bool) -> list[Any]:
    """Approve a proof while its period is closed, or close the period while it is approved."""
    closes = decide_before(proof)
    assert closes
    approval = partial(approve_proof, proof=proof, by=decider(), at=closes)
    close = partial(close_periods, at=closes + DAY, limit=10)
    return run_during_transaction(*((close, approval) if close_first else (approval, close)))


def test_a_close_waits_for_an_approval(committed: str) -> None:
    approved, _closed = approval_and_close(weekly_proof(), close_first=False)
    assert approved is None
    assert [(row.kind, row.posted) for row in Award.objects.all()] == [("gift", 1)]


def test_an_approval_waits_for_the_close_and_is_refused(committed: str) -> None:
    _closed, approved = approval_and_close(weekly_proof(), close_first=True)
    assert isinstance(approved, ProofTooLate)
    assert (Proof.objects.get().status, Award.objects.count()) == ("open", 0)


def test_control_without_the_lock_a_proof_is_approved_for_nothing(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofs_module, "keep_periods_open", lambda *_: None)
    _closed, approved = approval_and_close(weekly_proof(), close_first=True)
    assert approved is None
    assert (Proof.objects.get().status, Award.objects.count()) == ("approved", 0)


# Gifts


def test_a_gift_is_sent_or_cancelled(committed: str) -> None:
    gift_for_each_order()
    task = gift_task()
    qian, xu = sender("Qian"), sender("Xu")

    ends = run_concurrently(
        partial(send_gift, task=task, note="SF 1", by=qian, at=LATER),
        partial(cancel_gift, task=GiftTask.objects.get(), reason="sold out", by=xu, at=LATER),
    )

    assert Counter(type(end) for end in ends) == {type(None): 1, WrongStatus: 1}
    task.refresh_from_db()
    assert (task.status, task.note) in {("sent", "SF 1"), ("cancelled", "sold out")}
