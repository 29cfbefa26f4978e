"""Batches of manual payouts: claimed as a whole, in one file, ended by the bank's result."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection, transaction

from common.errors import PermissionMissing, ReasonRequired, violated_constraint
from events.models import Event
from ledger.chart import Kind
from ledger.queries import balance
from ledger.services import platform_account
from members.models import Member, User
from tests.cast import NOON, link, staff
from tests.withdrawals.factories import (
    DAY,
    NOW,
    YUAN,
    approved,
    cash,
    finance,
    may,
    picture,
    ready,
)
from withdrawals.errors import (
    InvalidVoucher,
    NoPaymentInProgress,
    SelfApprovalForbidden,
    VoucherAlreadyUsed,
)
from withdrawals.models import Attempt, PayoutBatch, Withdrawal
from withdrawals.payouts.bank_results import InvalidBankResult
from withdrawals.payouts.batches import (
    BatchAlreadyExported,
    BatchFinished,
    BatchOfAnother,
    BatchRefused,
    BatchTotalMismatch,
    InvalidBatch,
)
from withdrawals.services import (
    apply_result,
    change_policy,
    claim_manual_payouts,
    create_batch,
    export_batch,
    mark_batch_paid,
    mark_unpaid,
    pause_channel,
    preview_result,
    set_payee,
)

pytestmark = pytest.mark.django_db
VOUCHER = b"%PDF-1.7 one for all"
HEAD = "付款编号,收款账号,收款户名,金额,结果,失败原因"
NET = 30_000


@pytest.fixture
def members(lan: Member, mei: Member, bo: Member) -> list[Member]:
    """Lan, Mei and Bo with 1,000 yuan each."""
    return [lan, *(ready(who, 1_000 * YUAN) for who in (mei, bo))]


@pytest.fixture
def three(
    members: list[Member], qian: User, feng: User, settings: LazySettings
) -> list[Withdrawal]:
    """Approved withdrawals of Lan, Mei and Bo, 300 yuan each."""
    settings.PAYOUT_GATEWAY = "manual"
    may(feng, "unmask_person")
    return [approved(who, 300 * YUAN, qian, feng) for who in members]


@pytest.fixture
def payer(three: list[Withdrawal], feng: User) -> User:
    return User.objects.get(pk=feng.pk)


@pytest.fixture
def batch(three: list[Withdrawal], payer: User) -> PayoutBatch:
    return create_batch(withdrawals=three, total=3 * NET, by=payer, at=NOW)


def result(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode("gb18030")


def row(name: str, outcome: str = "成功", *, amount: str = "300.00", reason: str = "") -> str:
    """Return the line of a member's payment as the bank writes it."""
    attempt = Attempt.objects.filter(withdrawal__member__nickname=name).latest("pk")
    return f"{attempt.out_bill_no},openid-of-{name.lower()},{name},{amount},{outcome},{reason}"


def states() -> list[str]:
    return list(Withdrawal.objects.order_by("pk").values_list("status", flat=True))


def test_a_batch_claims_all_its_payouts(batch: PayoutBatch, payer: User) -> None:
    assert (batch.number, batch.count, batch.total) == ("P20261111-001", 3, 90_000)
    assert states() == ["paying"] * 3
    assert {attempt.claimed_by for attempt in Attempt.objects.all()} == {payer}
    assert [line.position for line in batch.lines.order_by("position")] == [1, 2, 3]
    assert Event.objects.get(name="withdrawals.batch_created").data["total"] == 90_000


@pytest.mark.parametrize("total", [0, 1, 3 * NET - 1, 3 * NET + 1, 10**18])
def test_a_wrong_control_total_claims_nothing(
    three: list[Withdrawal], payer: User, total: int
) -> None:
    before = picture()

    with pytest.raises(BatchTotalMismatch):
        create_batch(withdrawals=three, total=total, by=payer, at=NOW)
    assert picture() == before
    assert not PayoutBatch.objects.exists()


def test_one_blocked_payout_stops_the_whole_batch(
    three: list[Withdrawal], payer: User, qian: User
) -> None:
    [attempt] = claim_manual_payouts(withdrawals=[three[1]], by=payer, at=NOW)
    before = picture()

    with pytest.raises(BatchRefused, match=three[1].public_id):
        create_batch(withdrawals=three, total=3 * NET, by=payer, at=NOW)
    assert picture() == before
    assert attempt.pk


def test_nobody_batches_while_payouts_are_paused(three: list[Withdrawal], payer: User) -> None:
    pause_channel(channel="all", pause_reason="盘点", at=NOW)
    before = picture()

    with pytest.raises(BatchRefused):
        create_batch(withdrawals=three, total=3 * NET, by=payer, at=NOW)
    assert picture() == before


def test_a_payout_whose_tax_changed_returns_to_review_and_nothing_is_claimed(
    lan: Member, mei: Member, qian: User, feng: User, settings: LazySettings
) -> None:
    settings.PAYOUT_GATEWAY = "manual"
    ready(mei, 1_000 * YUAN)
    taxed = approved(lan, 1_000 * YUAN, qian, feng)
    free = approved(mei, 300 * YUAN, qian, feng)
    change_policy(by=feng, at=NOW, regime="labor_per_payment")

    with pytest.raises(BatchRefused, match=taxed.public_id):
        create_batch(withdrawals=[taxed, free], total=1_300 * YUAN, by=feng, at=NOW)
    assert states() == ["requested"] * 2
    assert not Attempt.objects.exists()
    assert not PayoutBatch.objects.exists()


def test_a_batch_has_one_channel(three: list[Withdrawal], payer: User, mei: Member) -> None:
    with pytest.raises(InvalidBatch):
        create_batch(withdrawals=[], total=0, by=payer, at=NOW)
    three[1].payee.channel = "bank"
    before = picture()
    with pytest.raises(InvalidBatch):
        create_batch(withdrawals=three, total=3 * NET, by=payer, at=NOW)
    assert picture() == before


def test_only_finance_batches_and_never_their_own(
    three: list[Withdrawal], payer: User, qian: User, lan: Member
) -> None:
    before = picture()
    with pytest.raises(PermissionMissing):
        create_batch(withdrawals=three, total=3 * NET, by=qian, at=NOW)
    link(payer, lan)
    with pytest.raises(SelfApprovalForbidden):
        create_batch(withdrawals=three, total=3 * NET, by=payer, at=NOW)
    assert picture() == before


def test_the_file_is_given_out_once_and_recorded(batch: PayoutBatch, payer: User) -> None:
    lines = export_batch(batch=batch, reason="周五付款", by=payer, at=NOW)

    assert [instruction.account for _line, instruction in lines] == [
        "openid-of-lan", "openid-of-mei", "openid-of-bo",
    ]  # fmt: skip
    assert Event.objects.filter(name="withdrawals.unmasked").count() == 3
    with pytest.raises(BatchAlreadyExported):
        export_batch(batch=batch, reason="再来", by=payer, at=NOW)
    assert len(export_batch(batch=batch, reason="再来", by=payer, at=NOW, again=True)) == 3
    batch.refresh_from_db()
    assert batch.export_count == 2


def test_only_the_claimer_gets_the_file_and_only_with_a_reason(
    batch: PayoutBatch, payer: User, qian: User
) -> None:
    wei = may(finance(staff("Wei")), "unmask_person")
    for who, refusal in ((wei, BatchOfAnother), (qian, PermissionMissing)):
        with pytest.raises(refusal):
            export_batch(batch=batch, reason="看看", by=who, at=NOW)
    with pytest.raises(ReasonRequired):
        export_batch(batch=batch, reason=" ", by=payer, at=NOW)
    assert not Event.objects.filter(name="withdrawals.unmasked").exists()


def test_paid_lines_are_not_in_a_second_file(batch: PayoutBatch, payer: User) -> None:
    apply_result(batch=batch, content=result(row("Lan")), total=NET, by=payer, at=NOW)

    lines = export_batch(batch=batch, reason="余下", by=payer, at=NOW)
    assert [instruction.name for _line, instruction in lines] == ["Mei", "Bo"]

    rest = result(row("Mei"), row("Bo"))
    apply_result(batch=batch, content=rest, total=2 * NET, by=payer, at=NOW)
    with pytest.raises(BatchFinished):
        export_batch(batch=batch, reason="没有了", by=payer, at=NOW, again=True)


def test_a_result_file_ends_the_payments(
    batch: PayoutBatch, payer: User, lan: Member, mei: Member, bo: Member
) -> None:
    content = result(row("Lan"), row("Mei", "失败", reason="账号不存在"), row("Bo", "处理中"))
    plan = preview_result(batch=batch, content=content, by=payer)
    assert (plan.total, len(plan.paid), len(plan.unpaid), len(plan.waiting)) == (NET, 1, 1, 1)
    assert states() == ["paying"] * 3

    apply_result(batch=batch, content=content, total=NET, by=payer, at=NOW + DAY)

    assert states() == ["paid", "ready_to_collect", "paying"]
    assert cash(lan) == (70_000, 0, 0)
    assert cash(mei) == cash(bo) == (70_000, 30_000, 0)
    assert balance(platform_account(Kind.PAYOUT_CLEARING)) == NET
    paid = Attempt.objects.get(state="success")
    assert (paid.marked_paid_by, paid.evidence and paid.evidence.is_file) == (payer, True)
    assert Attempt.objects.get(state="cancelled").fail_reason == "账号不存在"


def test_the_same_result_twice_changes_nothing_more(batch: PayoutBatch, payer: User) -> None:
    content = result(row("Lan"), row("Mei"))
    apply_result(batch=batch, content=content, total=2 * NET, by=payer, at=NOW)
    before = picture()

    again = apply_result(batch=batch, content=content, total=0, by=payer, at=NOW + DAY)

    assert (again.is_empty, again.known) == (True, 2)
    assert picture() == before


@pytest.mark.parametrize("total", [0, NET, 2 * NET + 1, 10**18])
def test_a_result_needs_its_control_total(batch: PayoutBatch, payer: User, total: int) -> None:
    before = picture()

    with pytest.raises(BatchTotalMismatch):
        apply_result(
            batch=batch, content=result(row("Lan"), row("Mei")), total=total, by=payer, at=NOW
        )
    assert picture() == before


def refused_files() -> dict[str, tuple[list[str], str]]:
    """Return rows that refuse a file, with what the refusal names."""
    return {
        "stranger": (["x999x1,openid-of-lan,Lan,300.00,成功,"], "x999x1"),
        "amount": (["{lan},openid-of-lan,Lan,300.01,成功,"], "300.01"),
        "account": (["{lan},openid-of-mei,Lan,300.00,成功,"], "{lan}"),
        "name": (["{lan},openid-of-lan,Mei,300.00,成功,"], "{lan}"),
        "twice": (["{lan},openid-of-lan,Lan,300.00,成功,"] * 2, "{lan}"),
        "result": (["{lan},openid-of-lan,Lan,300.00,也许,"], "也许"),
        "total": (["{lan},openid-of-lan,Lan,300.00,成功,", "合计,,,301.00,,"], "301.00"),
        "negative": (["{lan},openid-of-lan,Lan,-300.00,成功,"], "-300.00"),
        "formula": (['{lan},openid-of-lan,Lan,"=300",成功,'], "=300"),
        "huge": (["{lan},openid-of-lan,Lan,1000000000000000000,成功,"], "1000000000000000000"),
        "exponent": (["{lan},openid-of-lan,Lan,3E+2,成功,"], "3E+2"),
        "empty": ([], ""),
    }


@pytest.mark.parametrize("case", refused_files())
def test_a_file_with_one_wrong_line_moves_nothing(
    batch: PayoutBatch, payer: User, case: str
) -> None:
    lines, named = refused_files()[case]
    lan = Attempt.objects.get(withdrawal__member__nickname="Lan").out_bill_no
    content = result(*([row("Mei")] if lines else []), *(line.format(lan=lan) for line in lines))
    before = picture()

    for read in (
        lambda: preview_result(batch=batch, content=content, by=payer),
        lambda: apply_result(batch=batch, content=content, total=NET, by=payer, at=NOW),
    ):
        with pytest.raises(InvalidBankResult) as refusal:
            read()
        assert named.format(lan=lan) in str(refusal.value)
    assert picture() == before


def test_a_line_of_another_batch_moves_nothing(
    three: list[Withdrawal], payer: User, qian: User, chen: Member
) -> None:
    first = create_batch(withdrawals=three[:1], total=NET, by=payer, at=NOW)
    second = create_batch(withdrawals=three[1:], total=2 * NET, by=payer, at=NOW)
    assert (first.number, second.number) == ("P20261111-001", "P20261111-002")
    before = picture()

    with pytest.raises(InvalidBankResult):
        apply_result(
            batch=first, content=result(row("Lan"), row("Mei")), total=2 * NET, by=payer, at=NOW
        )
    assert picture() == before


def test_a_payment_recorded_as_unpaid_that_the_bank_made_blocks_its_withdrawal(
    batch: PayoutBatch, payer: User
) -> None:
    paid = result(row("Lan"))
    lan = Attempt.objects.get(withdrawal__member__nickname="Lan")
    mark_unpaid(attempt=lan, by=payer, at=NOW, reason="银行退回")
    before = picture()[:3]

    with pytest.raises(InvalidBankResult, match=lan.out_bill_no):
        apply_result(batch=batch, content=paid, total=NET, by=payer, at=NOW)

    lan.refresh_from_db()
    assert lan.outcome_mismatch_at == NOW
    assert picture()[:3] == before
    with pytest.raises(BatchRefused):
        create_batch(withdrawals=[lan.withdrawal], total=NET, by=payer, at=NOW)


def test_a_paid_payment_is_not_made_unpaid_by_a_file(batch: PayoutBatch, payer: User) -> None:
    apply_result(batch=batch, content=result(row("Lan")), total=NET, by=payer, at=NOW)
    before = picture()

    with pytest.raises(InvalidBankResult):
        apply_result(batch=batch, content=result(row("Lan", "退票")), total=0, by=payer, at=NOW)
    assert picture() == before


def test_one_voucher_proves_many_payments(batch: PayoutBatch, payer: User, lan: Member) -> None:
    keys = [line.attempt_id for line in batch.lines.all()]

    mark_batch_paid(
        batch=batch, attempts=keys, voucher=VOUCHER, total=3 * NET, by=payer, at=NOW + DAY
    )

    assert states() == ["paid"] * 3
    assert cash(lan) == (70_000, 0, 0)
    assert len(set(Attempt.objects.values_list("evidence", flat=True))) == 1
    before = picture()
    with pytest.raises(NoPaymentInProgress):
        mark_batch_paid(
            batch=batch, attempts=keys, voucher=VOUCHER + b"2", total=3 * NET, by=payer, at=NOW
        )
    assert picture() == before


def test_a_voucher_is_refused_without_moving_anything(
    three: list[Withdrawal], payer: User, qian: User
) -> None:
    batch = create_batch(withdrawals=three[:2], total=2 * NET, by=payer, at=NOW)
    other = create_batch(withdrawals=three[2:], total=NET, by=payer, at=NOW)
    keys = [line.attempt_id for line in batch.lines.all()]
    theirs = [line.attempt_id for line in other.lines.all()]
    mark_batch_paid(batch=other, attempts=theirs, voucher=VOUCHER, total=NET, by=payer, at=NOW)
    before = picture()

    for attempts, voucher, total, by, refusal in (
        (keys, VOUCHER, 2 * NET, payer, VoucherAlreadyUsed),
        (keys, b"MZ", 2 * NET, payer, InvalidVoucher),
        (keys, VOUCHER + b"2", NET, payer, BatchTotalMismatch),
        (keys[:1], VOUCHER + b"2", 2 * NET, payer, BatchTotalMismatch),
        ([*keys, *theirs], VOUCHER + b"2", 3 * NET, payer, NoPaymentInProgress),
        ([], VOUCHER + b"2", 0, payer, NoPaymentInProgress),
        (keys, VOUCHER + b"2", 2 * NET, qian, PermissionMissing),
    ):
        with pytest.raises(refusal):
            mark_batch_paid(
                batch=batch, attempts=attempts, voucher=voucher, total=total, by=by, at=NOW
            )
    assert picture() == before


def test_nobody_records_results_of_their_own_payout(
    batch: PayoutBatch, lan: Member, chen: Member
) -> None:
    wei = finance(staff("Wei"))
    link(wei, lan)
    before = picture()

    with pytest.raises(SelfApprovalForbidden):
        apply_result(batch=batch, content=result(row("Mei")), total=NET, by=wei, at=NOW)
    assert picture() == before


def test_the_payee_of_the_instruction_is_paid_even_after_a_change(
    batch: PayoutBatch, payer: User, lan: Member
) -> None:
    set_payee(member=lan, channel="wechat", account="openid-of-new", at=NOON + 20 * DAY)

    [first, *_rest] = export_batch(batch=batch, reason="付款", by=payer, at=NOW)

    assert first[1].account == "openid-of-lan"


def constraint_against(*statements: str) -> str:
    """Run statements, check the deferred guards, and return what refused them."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        run(*statements, "SET CONSTRAINTS ALL IMMEDIATE")
    return violated_constraint(refusal.value) or str(refusal.value)


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_the_database_refuses_a_batch_that_is_not_its_lines(
    batch: PayoutBatch, payer: User
) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED")

    empty = constraint_against(
        "INSERT INTO withdrawals_payoutbatch (number, channel, count, total, by_id, at,"
        f" export_count) VALUES ('P2', 'wechat', 1, 5, {payer.pk}, now(), 0)"
    )
    line = batch.lines.latest("position")
    twice = constraint_against(
        "INSERT INTO withdrawals_payoutbatchline (batch_id, position, attempt_id)"
        f" VALUES ({batch.pk}, 4, {line.attempt_id})"
    )

    assert empty == "payout_batch_equals_lines"
    assert twice == "withdrawals_payoutbatchline_attempt_id_key"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE withdrawals_payoutbatch SET total = 1",
        "DELETE FROM withdrawals_payoutbatch",
        "DELETE FROM withdrawals_payoutbatchline",
        "UPDATE withdrawals_payoutbatchline SET position = 9",
    ],
)
def test_a_batch_and_its_lines_never_change(batch: PayoutBatch, sql: str) -> None:
    assert constraint_against(sql)
