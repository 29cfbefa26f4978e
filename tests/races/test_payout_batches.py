"""Two people at once: one batch a payment, one file a batch, one payment a result."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError
from django.db.models import QuerySet

from closing.models import ControlRun
from closing.services import control_runs, request_controls
from ledger.chart import Kind
from ledger.queries import balance
from ledger.services import platform_account
from members.models import Member, User
from tests.cast import staff
from tests.concurrency import run_concurrently, run_during_transaction
from tests.withdrawals import factories
from tests.withdrawals.factories import NOW, YUAN
from withdrawals.models import Attempt, PayoutBatch, Withdrawal
from withdrawals.payouts import batch_results, batches
from withdrawals.payouts.batch_results import ResultPlan
from withdrawals.payouts.batches import BatchAlreadyExported, BatchRefused
from withdrawals.services import apply_result, create_batch, export_batch

NET = 300 * YUAN


@pytest.fixture
def feng(committed: str) -> User:
    return factories.may(factories.finance(staff("Feng")), "unmask_person", "change_difference")


@pytest.fixture
def fang(committed: str) -> User:
    return factories.may(factories.finance(staff("Fang")), "unmask_person", "change_difference")


@pytest.fixture
def two(lan: Member, mei: Member, feng: User, settings: LazySettings) -> list[Withdrawal]:
    settings.PAYOUT_GATEWAY = "manual"
    qian = factories.operations(staff("Qian"))
    for who in (lan, mei):
        factories.ready(who, 1_000 * YUAN)
    return [factories.approved(who, NET, qian, feng) for who in (lan, mei)]


@pytest.fixture
def batch(two: list[Withdrawal], feng: User) -> PayoutBatch:
    return create_batch(withdrawals=two, total=2 * NET, by=feng, at=NOW)


def claim(by: User, rows: Sequence[Withdrawal]) -> PayoutBatch:
    fresh = list(Withdrawal.objects.filter(pk__in=[row.pk for row in rows]))
    return create_batch(withdrawals=fresh, total=len(rows) * NET, by=by, at=NOW)


def result(batch: PayoutBatch) -> bytes:
    rows = [
        f"{line.attempt.out_bill_no},openid-of-{line.attempt.withdrawal.member.nickname.lower()},"
        "300.00,成功"
        for line in batch.lines.select_related("attempt__withdrawal__member")
    ]
    return "\n".join(["付款编号,收款账号,金额,结果", *rows]).encode()


def test_two_people_claim_the_same_payouts_once(
    two: list[Withdrawal], feng: User, fang: User
) -> None:
    ends = run_concurrently(partial(claim, feng, two), partial(claim, fang, two))

    assert sorted(type(end).__name__ for end in ends) == ["BatchRefused", "PayoutBatch"]
    assert Attempt.objects.count() == 2
    assert PayoutBatch.objects.get().total == 2 * NET


def test_two_batches_that_share_one_payout_never_wait_in_a_circle(
    two: list[Withdrawal], feng: User, fang: User
) -> None:
    ends = run_concurrently(
        partial(claim, feng, two), partial(claim, fang, two[::-1]), partial(claim, fang, two[1:])
    )

    refused = [end for end in ends if isinstance(end, BatchRefused)]
    assert len(refused) == 2
    assert Attempt.objects.count() == sum(batch.count for batch in PayoutBatch.objects.all())


def test_batches_of_one_moment_have_their_own_numbers(
    two: list[Withdrawal], feng: User, fang: User
) -> None:
    first, second = run_during_transaction(
        partial(claim, feng, two[:1]), partial(claim, fang, two[1:])
    )

    assert (first.number[-3:], second.number[-3:]) == ("001", "002")


def test_control_without_the_lock_two_batches_get_one_number(
    two: list[Withdrawal], feng: User, fang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "advisory_lock", lambda *_names: None)

    first, second = run_during_transaction(
        partial(claim, feng, two[:1]), partial(claim, fang, two[1:])
    )

    assert isinstance(first, PayoutBatch)
    assert isinstance(second, IntegrityError)


def export(batch: PayoutBatch, by: User) -> Any:
    return export_batch(batch=batch, reason="付款", by=by, at=NOW)


def test_the_file_goes_out_once(batch: PayoutBatch, feng: User) -> None:
    first, second = run_during_transaction(
        partial(export, batch, feng), partial(export, batch, feng)
    )

    assert len(first) == 2
    assert isinstance(second, BatchAlreadyExported)


def test_control_without_the_lock_the_file_goes_out_twice(
    batch: PayoutBatch, feng: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(rows: QuerySet[Any], **_options: object) -> QuerySet[Any]:
        return rows

    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)

    first, second = run_during_transaction(
        partial(export, batch, feng), partial(export, batch, feng)
    )

    assert (len(first), len(second)) == (2, 2)


def apply(batch: PayoutBatch, by: User, content: bytes, total: int) -> ResultPlan:
    return apply_result(batch=batch, content=content, total=total, by=by, at=NOW)


def test_a_result_that_two_people_import_pays_once(
    batch: PayoutBatch, feng: User, fang: User
) -> None:
    content = result(batch)

    first, second = run_during_transaction(
        partial(apply, batch, feng, content, 2 * NET), partial(apply, batch, fang, content, 0)
    )

    assert (len(first.paid), second.is_empty, second.known) == (2, True, 2)
    assert set(Withdrawal.objects.values_list("status", flat=True)) == {"paid"}
    assert balance(platform_account(Kind.PAYOUT_CLEARING)) == 2 * NET


def test_control_without_the_locks_the_second_import_does_not_see_the_first(
    batch: PayoutBatch, feng: User, fang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = result(batch)
    monkeypatch.setattr(batch_results, "_lock_cash", lambda _batch: {})
    monkeypatch.setattr(batch_results, "_lock", lambda same: list(batch_results.lines_of(same)))
    monkeypatch.setattr(batch_results, "_finish", lambda *_args, **_options: None)

    first, second = run_during_transaction(
        partial(apply, batch, feng, content, 2 * NET),
        partial(apply, batch, fang, content + b"\n", 2 * NET),
    )

    assert (len(first.paid), len(second.paid)) == (2, 2)


def test_two_people_who_ask_for_the_controls_get_one_run(feng: User, fang: User) -> None:
    ends = run_concurrently(*(partial(request_controls, by=by, at=NOW) for by in (feng, fang)))

    assert ends[0] == ends[1]
    assert ControlRun.objects.count() == 1


def test_control_without_the_lock_the_index_refuses_a_second_run(
    feng: User, fang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_runs, "advisory_lock", lambda *_names: None)

    first, second = run_during_transaction(
        partial(request_controls, by=feng, at=NOW), partial(request_controls, by=fang, at=NOW)
    )

    assert isinstance(first, ControlRun)
    assert isinstance(second, IntegrityError)
