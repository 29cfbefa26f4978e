"""Both reviews of withdrawals at their desks: one screen, four eyes, the payee on record."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common import clock
from events.models import Event
from members.models import Member, User
from tests.backoffice.desks import act, address, counts, listed, opened, said
from tests.cast import NOON, link, member
from tests.withdrawals.admin.pages import signed_in
from tests.withdrawals.factories import (
    DAY,
    NOW,
    YUAN,
    approved,
    asked,
    cash,
    finance,
    may,
    operations,
    owe,
    picture,
    ready,
)
from withdrawals.errors import RejectionAfterFinance
from withdrawals.models import RejectionReason, Withdrawal
from withdrawals.services import approve_as_operations, change_policy, reject, set_payee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files")]
OPS, FIN = "operations_reviews", "finance_reviews"
UNMASKED = "withdrawals.unmasked"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + DAY + DAY)


@pytest.fixture
def ops(qian: User) -> Client:
    return signed_in(operations(may(qian, "view_withdrawal")))


@pytest.fixture
def fin(feng: User) -> Client:
    return signed_in(finance(may(feng, "view_withdrawal", "unmask_person")))


@pytest.fixture
def with_finance(requested: Withdrawal, ops: Client, qian: User) -> Withdrawal:
    approve_as_operations(withdrawal=requested, by=qian, at=NOW)
    requested.refresh_from_db()
    return requested


def views() -> list[dict[str, Any]]:
    return list(Event.objects.filter(name=UNMASKED).order_by("pk").values_list("data", flat=True))


def test_one_screen_shows_what_a_reviewer_needs(ops: Client, requested: Withdrawal) -> None:
    page = opened(ops, OPS)

    assert "¥300.00" in page
    assert "✓ 自 2026-11-11 12:00 起，账本已冻结与本单相同的金额。" in page
    assert "钱包余额" in page
    assert "¥700.00" in page
    assert "项通过" in page
    assert "已等待 2 天" in page
    assert "须在 24 小时内处理" in page
    assert "desk-late" in page
    assert "openid-of-lan" not in page


def test_operations_approve_then_finance(
    ops: Client, fin: Client, requested: Withdrawal, feng: User
) -> None:
    assert counts(opened(fin, FIN))[0] == "0"
    act(ops, OPS, requested, "approve")
    requested.refresh_from_db()
    assert requested.status == "ops_approved"
    assert counts(opened(ops, OPS)) == ["0", "1", "0"]
    assert counts(opened(fin, FIN))[0] == "1"

    response = act(fin, FIN, requested, "approve")

    requested.refresh_from_db()
    assert requested.status == "finance_approved"
    assert requested.finance_reviewer == feng
    assert said(response) == ["success: 已通过，可以付款： Lan"]


def test_the_payee_is_shown_with_one_reason_a_session(
    fin: Client, with_finance: Withdrawal, feng: User
) -> None:
    asks = act(fin, FIN, with_finance, "reveal", reveal_reason=" ")
    assert "openid-of-lan" not in asks.text
    assert views() == []

    shown = act(fin, FIN, with_finance, "reveal", reveal_reason="提现审核")
    assert "openid-of-lan" in shown.text
    assert "no-store" in shown.headers["Cache-Control"]
    assert "openid-of-lan" not in opened(fin, FIN)
    again = act(fin, FIN, with_finance, "reveal")
    assert "openid-of-lan" in again.text

    reason = f"提现审核 ({with_finance.public_id})"
    assert views() == [{"reason": reason}, {"reason": reason}]


def test_another_session_gives_a_reason_of_its_own(
    fin: Client, with_finance: Withdrawal, feng: User
) -> None:
    act(fin, FIN, with_finance, "reveal", reveal_reason="提现审核")
    other = signed_in(feng)
    assert "openid-of-lan" not in act(other, FIN, with_finance, "reveal").text
    assert len(views()) == 1


def test_without_the_right_nobody_sees_the_payee(ops: Client, requested: Withdrawal) -> None:
    assert "显示姓名与账号" not in opened(ops, OPS)
    assert act(ops, OPS, requested, "reveal", reveal_reason="x").status_code == 403
    assert views() == []


def test_the_same_person_reads_why_another_must_decide(
    ops: Client, qian: User, requested: Withdrawal
) -> None:
    act(ops, OPS, requested, "approve")
    both = signed_in(finance(qian))
    before = picture()

    assert "运营审核由您通过，财务审核须由另一人进行。" in opened(both, FIN)
    act(both, FIN, requested, "approve")

    assert picture() == before


def test_nobody_approves_their_own(
    ops: Client, qian: User, lan: Member, requested: Withdrawal
) -> None:
    link(qian, lan)
    before = picture()
    assert "这是您本人的提现，须由同事审核。" in opened(ops, OPS)
    for action in ("approve", "reject"):
        act(ops, OPS, requested, action)
    assert picture() == before


def test_a_changed_payee_is_not_approved_unseen(
    fin: Client, lan: Member, with_finance: Withdrawal
) -> None:
    seal = with_finance.content_hash
    set_payee(member=lan, channel="wechat", account="openid-of-another", at=NOW)
    before = picture()

    response = fin.post(address(FIN, with_finance), {"action": "approve", "seal": seal})

    assert picture() == before
    assert response.status_code == 302


def test_without_the_seal_of_the_page_nothing_is_approved(
    ops: Client, requested: Withdrawal
) -> None:
    before = picture()
    for seal in ({}, {"seal": ""}, {"seal": "0" * 64}):
        ops.post(address(OPS, requested), {"action": "approve", **seal})
    assert picture() == before


def test_a_changed_tax_restarts_the_review_with_a_warning(
    ops: Client, feng: User, requested: Withdrawal
) -> None:
    change_policy(by=feng, at=NOW, regime="labor_per_payment")
    [message] = said(act(ops, OPS, requested, "approve"))
    assert message.startswith("warning: 个税")
    requested.refresh_from_db()
    assert requested.status == "requested"


def test_the_first_of_two_finance_reviewers_reads_that_another_decides(
    fin: Client, lan: Member, qian: User, feng: User
) -> None:
    change_policy(by=feng, at=NOON, second_finance_threshold=100)
    row = asked(lan, 200)
    approve_as_operations(withdrawal=row, by=operations(qian), at=NOW)

    [message] = said(act(fin, FIN, row, "approve"))

    assert message.startswith("warning: 已记录")
    assert "第一次财务审核由您通过" in opened(fin, FIN)


def test_what_is_blocked_says_why(ops: Client, bo: Member) -> None:
    row = asked(ready(bo, 100_000), 100 * YUAN)
    owe(bo, 200_000)
    before = picture()
    assert "暂不能通过" in opened(ops, OPS)
    act(ops, OPS, row, "approve")
    assert picture() == before


def test_rejecting_returns_the_money(ops: Client, lan: Member, requested: Withdrawal) -> None:
    odd = RejectionReason.objects.create(code="odd", label="资料有误")
    assert "资料有误" in act(ops, OPS, requested, "reject", rejection="gone", note="N").text

    act(ops, OPS, requested, "reject", rejection="odd", note="请补充")

    requested.refresh_from_db()
    assert (requested.status, requested.rejection_reason, requested.note) == (
        "rejected", odd, "请补充",
    )  # fmt: skip
    assert cash(lan) == (100_000, 0, 0)


def test_after_finance_only_finance_rejects(
    ops: Client, fin: Client, lan: Member, qian: User, feng: User
) -> None:
    odd = RejectionReason.objects.create(code="odd", label="资料有误")
    row = approved(lan, 100 * YUAN, operations(qian), finance(feng))
    before = picture()
    with pytest.raises(RejectionAfterFinance):
        reject(withdrawal=row, by=qian, at=NOW, reason=odd)
    act(ops, OPS, row, "reject", rejection="odd")
    assert picture() == before

    act(fin, FIN, row, "reject", rejection="odd")

    row.refresh_from_db()
    assert row.status == "rejected"


def test_operations_may_still_reject_what_finance_has_not_decided(
    ops: Client, with_finance: Withdrawal
) -> None:
    RejectionReason.objects.create(code="odd", label="资料有误")
    act(ops, OPS, with_finance, "reject", rejection="odd")
    with_finance.refresh_from_db()
    assert with_finance.status == "rejected"


@pytest.mark.parametrize("action", ["approve", "reject", "reveal", "batch", "batch_confirm"])
def test_operations_cannot_act_at_the_desk_of_finance(
    ops: Client, fin: Client, with_finance: Withdrawal, action: str
) -> None:
    before = picture()
    values = {"action": action, "seal": with_finance.content_hash, "rows": with_finance.pk}
    assert ops.post(address(FIN, with_finance), values).status_code == 403
    assert fin.post(address(OPS, with_finance), values).status_code == 403
    assert ops.get(address(FIN)).status_code == 403
    assert picture() == before


def batch(client: Client, queue: str, chosen: list[Withdrawal], **values: Any) -> Any:
    rows = [row.pk for row in chosen]
    return client.post(address(queue), {"action": "batch", "rows": rows, **values})


def seen(response: Any) -> list[str]:
    return [part.split('"')[0] for part in response.text.split('name="seen" value="')[1:]]


@pytest.fixture
def three(lan: Member, chen: Member, bo: Member, ops: Client) -> list[Withdrawal]:
    """Return requests of Lan, Chen and Bo; Bo owes money after a refund."""
    rows = [asked(who, 100 * YUAN) for who in (lan, ready(chen, 100_000), ready(bo, 100_000))]
    owe(bo, 200_000)
    return rows


def test_a_batch_moves_only_with_the_total_of_its_unblocked_rows(
    ops: Client, three: list[Withdrawal]
) -> None:
    before = picture()
    preview = batch(ops, OPS, three)
    assert "¥200.00" in preview.text
    assert "欠款" in preview.text
    assert len(seen(preview)) == 2
    confirm = {"action": "batch_confirm", "seen": seen(preview)}
    for wrong in ("", "300.00", "200.01", "-200", "10" * 20, "两百"):
        refused = batch(ops, OPS, three, **confirm, control_total=wrong)
        assert "已处理" not in refused.text
        assert len(seen(refused)) == 2
    assert picture() == before

    done = batch(ops, OPS, three, **confirm, control_total="200")

    statuses = [Withdrawal.objects.get(pk=row.pk).status for row in three]
    assert statuses == ["ops_approved", "ops_approved", "requested"]
    assert "已处理 2 条" in done.text
    assert "¥200.00" in done.text


def test_a_batch_shows_payees_on_record(
    ops: Client, fin: Client, three: list[Withdrawal], qian: User
) -> None:
    for row in three[:2]:
        approve_as_operations(withdrawal=row, by=qian, at=NOW)
    masked = batch(fin, FIN, three[:2])
    assert "openid-of-lan" not in masked.text

    shown = batch(fin, FIN, three[:2], action="batch_reveal", reveal_reason="提现审核")

    assert "openid-of-lan" in shown.text
    assert "openid-of-chen" in shown.text
    assert len(views()) == 2
    assert batch(ops, OPS, three[2:], action="batch_reveal").status_code == 403


def test_a_batch_keeps_four_eyes(ops: Client, qian: User, three: list[Withdrawal]) -> None:
    both = signed_in(finance(qian))
    approve_as_operations(withdrawal=three[0], by=qian, at=NOW)
    preview = batch(both, FIN, three[:1])
    assert seen(preview) == []
    assert "财务审核须由另一人进行" in preview.text


@pytest.mark.slow
def test_a_longer_queue_needs_no_more_queries(ops: Client, requested: Withdrawal) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            opened(ops, OPS)
        return len(captured)

    queries()
    before = queries()
    for number in range(20):
        asked(ready(member(f"Member {number}"), 100_000), 100 * YUAN)
    assert queries() == before
    assert len(listed(opened(ops, OPS))) == 21


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_part_opens_in_both_languages(
    ops: Client, fin: Client, three: list[Withdrawal], qian: User, language: str
) -> None:
    waiting, *_ = three
    approve_as_operations(withdrawal=three[1], by=qian, at=NOW)

    for client, queue in ((ops, OPS), (fin, FIN)):
        client.cookies["django_language"] = language
        for tab in ("waiting", "finance", "approved", "rejected"):
            opened(client, queue, tab=tab)
        opened(client, queue, waiting)
