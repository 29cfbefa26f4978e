"""Withdrawals in the back office: who may do what, four eyes through the pages, and masks."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import LazySettings
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.sheets import Sheet, Yuan, workbook
from common import clock
from events.models import Event
from ledger.chart import Asset, Kind
from ledger.services import Source, account, platform_account, reclaim
from members.models import Member, User
from tests.cast import NOON, member, staff
from tests.withdrawals.factories import (
    DAY,
    ID_NUMBER,
    NOW,
    YUAN,
    approved,
    asked,
    attempted,
    cash,
    finance,
    may,
    operations,
    picture,
    ready,
)
from withdrawals.gateways.base import State
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Attempt, Channel, Policy, RejectionReason, Withdrawal
from withdrawals.services import (
    approve_as_operations,
    change_policy,
    claim_manual_payouts,
    identify,
    process_due_attempts,
    set_payee,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files")]
NAME, CARD = "欧阳兰芝", "6222021234567890123"
PDF = b"%PDF-1.7 paid"
CHANGELIST = "admin:withdrawals_withdrawal_changelist"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_ops(qian: User) -> Client:
    return signed_in(may(qian, "view_withdrawal"))


@pytest.fixture
def as_fin(feng: User) -> Client:
    return signed_in(may(feng, "view_withdrawal"))


@pytest.fixture
def asked_for(lan: Member) -> Withdrawal:
    return asked(lan, 300 * YUAN)


@pytest.fixture
def by_hand(settings: LazySettings) -> None:
    settings.PAYOUT_GATEWAY = "manual"


def page(row: Any) -> str:
    return reverse(f"admin:withdrawals_{row._meta.model_name}_change", args=[row.pk])


def button(row: Any, what: str) -> str:
    return reverse(f"admin:withdrawals_{row._meta.model_name}_{what}", args=[row.pk])


def told(answer: Any) -> list[str]:
    return [f"{each.level_tag}: {each}" for each in get_messages(answer.wsgi_request)]


def press(client: Client, row: Any, what: str, **given: str) -> list[str]:
    answer = client.post(button(row, what), {"_form_submitted": "True", **given})
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == page(row)
    return told(answer)[-1:]


def seen(client: Client, row: Withdrawal, what: str) -> str:
    """The hash that the dialog carries."""
    found = re.search(r'name="content_hash" value="(\w{64})"', client.get(button(row, what)).text)
    assert found
    return found[1]


def offered(client: Client, row: Withdrawal) -> set[str]:
    text = client.get(page(row)).text
    names = (
        "approve_as_operations", "approve_as_finance", "start_payout", "claim_manual_payouts",
        "poll_now", "cancel_at_provider", "mark_unpaid", "mark_paid", "retry_with_new_number",
        "fail", "reject",
    )  # fmt: skip
    return {name for name in names if button(row, name) in text}


def select(client: Client, action: str, rows: list[Withdrawal], **given: Any) -> Any:
    return client.post(
        reverse(CHANGELIST),
        {"action": action, ACTION_CHECKBOX_NAME: [row.pk for row in rows], **given},
    )


def hidden(answer: Any, name: str) -> list[str]:
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]+)"', answer.text)


def owe(who: Member) -> None:
    reclaim(
        key=f"clawback:{who.pk}", wallet=account(who, Asset.CASH), amount=200_000,
        credit=platform_account(Kind.COMMISSION_EXPENSE), source=Source("tests.refund", "1"),
        effective_at=NOW,
    )  # fmt: skip


# The list.


def test_the_list_says_what_a_reviewer_needs(as_ops: Client, asked_for: Withdrawal) -> None:
    change_policy(by=staff("Boss"), at=NOON, review_hours=24)
    text = as_ops.get(reverse(CHANGELIST)).text
    for words in (asked_for.public_id, "Lan", "300.00", "待", "小时"):
        assert words in text


@pytest.mark.parametrize(("hours", "late"), [(1, False), (25, True)])
def test_what_has_waited_too_long_is_marked(
    as_ops: Client, lan: Member, hours: int, late: bool
) -> None:
    row = asked(lan, 100, at=clock.now() - timedelta(hours=hours, minutes=1))
    assert ("已超时" in as_ops.get(page(row)).text) is late


def test_a_queue_shows_the_longest_waiting_first(
    as_ops: Client, qian: User, lan: Member, chen: Member
) -> None:
    first, second = asked(lan, 100), asked(ready(chen, 1_000), 100, at=NOW + DAY)
    for queue, rows in (("operations", [first, second]), ("finance", [])):
        answer = as_ops.get(reverse(CHANGELIST), {"queue": queue})
        assert list(answer.context["cl"].result_list) == rows
    approve_as_operations(withdrawal=first, by=qian, at=NOW)
    answer = as_ops.get(reverse(CHANGELIST), {"queue": "finance"})
    assert list(answer.context["cl"].result_list) == [first]


def test_it_is_found_by_whole_id_nickname_and_number(
    as_ops: Client, lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempt = attempted(lan, 100 * YUAN, qian, feng)
    public_id = attempt.withdrawal.public_id
    for words, count in (
        (public_id, 1), ("Lan", 1), (attempt.out_bill_no, 1), (public_id[:-1], 0), ("Chen", 0),
    ):  # fmt: skip
        answer = as_ops.get(reverse(CHANGELIST), {"q": words})
        assert len(answer.context["cl"].result_list) == count, words


def test_the_list_costs_the_same_with_more_rows(as_ops: Client, asked_for: Withdrawal) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_ops.get(reverse(CHANGELIST))
        return len(queries)

    as_ops.get(reverse(CHANGELIST))
    few = cost()
    for number in range(5):
        asked(ready(member(f"Member {number}"), 1_000), 100)
    assert cost() <= few


# Reviews.


def test_operations_approve_what_the_dialog_showed(
    as_ops: Client, qian: User, asked_for: Withdrawal
) -> None:
    content_hash = seen(as_ops, asked_for, "approve_as_operations")

    [message] = press(as_ops, asked_for, "approve_as_operations", content_hash=content_hash)

    assert message.startswith("success")
    asked_for.refresh_from_db()
    assert (asked_for.status, asked_for.ops_reviewer) == ("ops_approved", qian)


def test_what_has_changed_since_the_dialog_is_refused(
    as_ops: Client, lan: Member, asked_for: Withdrawal
) -> None:
    content_hash = seen(as_ops, asked_for, "approve_as_operations")
    set_payee(member=lan, channel="wechat", account="openid-of-another", at=NOW)
    before = picture()

    [message] = press(as_ops, asked_for, "approve_as_operations", content_hash=content_hash)

    assert message.startswith("error: 收款人")
    assert picture() == before


def test_nothing_is_approved_unseen(as_ops: Client, asked_for: Withdrawal) -> None:
    before = picture()
    answer = as_ops.post(button(asked_for, "approve_as_operations"), {"_form_submitted": "True"})
    assert "HX-Redirect" not in answer.headers
    assert picture() == before


def test_nobody_is_both_reviewers(as_ops: Client, qian: User, asked_for: Withdrawal) -> None:
    finance(qian)
    content_hash = seen(as_ops, asked_for, "approve_as_operations")
    press(as_ops, asked_for, "approve_as_operations", content_hash=content_hash)
    before = picture()

    [message] = press(as_ops, asked_for, "approve_as_finance", content_hash=content_hash)

    assert message.startswith("error: 申请人")
    assert picture() == before


def test_nobody_approves_their_own(
    as_ops: Client, qian: User, lan: Member, asked_for: Withdrawal
) -> None:
    qian.member = lan
    qian.save()
    before = picture()

    [message] = press(
        as_ops, asked_for, "approve_as_operations", content_hash=asked_for.content_hash
    )

    assert message.startswith("error: 申请人")
    assert picture() == before


def test_a_first_of_two_finance_reviewers_is_told_so(
    as_fin: Client, lan: Member, qian: User, feng: User
) -> None:
    change_policy(by=feng, at=NOON, second_finance_threshold=100)
    row = asked(lan, 100)
    approve_as_operations(withdrawal=row, by=qian, at=NOW)

    [message] = press(as_fin, row, "approve_as_finance", content_hash=row.content_hash)

    assert message.startswith("warning: 已记录")


def test_a_tax_that_has_changed_is_told(as_ops: Client, feng: User, asked_for: Withdrawal) -> None:
    seen = asked_for.content_hash
    change_policy(by=feng, at=NOW, regime="labor_per_payment")

    [message] = press(as_ops, asked_for, "approve_as_operations", content_hash=seen)

    assert message.startswith("warning: 个税")
    asked_for.refresh_from_db()
    assert asked_for.status == "requested"
    assert asked_for.content_hash != seen


def test_rejected_with_a_managed_reason_and_words(
    as_ops: Client, lan: Member, asked_for: Withdrawal
) -> None:
    why = RejectionReason.objects.create(code="odd", label="资料有误")
    gone = RejectionReason.objects.create(code="old", label="旧原因", is_active=False)
    answer = as_ops.post(
        button(asked_for, "reject"), {"_form_submitted": "True", "rejection": gone.code}
    )
    assert "HX-Redirect" not in answer.headers

    press(as_ops, asked_for, "reject", rejection="odd", note="请补充资料")

    asked_for.refresh_from_db()
    assert (asked_for.status, asked_for.rejection_reason, asked_for.note) == (
        "rejected",
        why,
        "请补充资料",
    )
    assert cash(lan) == (100_000, 0, 0)
    [message] = press(as_ops, asked_for, "reject", rejection="odd")
    assert message.startswith("error: 当前状态")


def test_buttons_are_those_of_the_role_and_the_status(
    as_ops: Client, as_fin: Client, qian: User, asked_for: Withdrawal
) -> None:
    looking = signed_in(may(staff("Guest"), "view_withdrawal"))
    assert offered(as_ops, asked_for) == {"approve_as_operations", "reject"}
    assert offered(as_fin, asked_for) == {"reject"}
    approve_as_operations(withdrawal=asked_for, by=qian, at=NOW)
    assert offered(as_ops, asked_for) == {"reject"}
    assert offered(as_fin, asked_for) == {"approve_as_finance", "reject"}
    assert offered(looking, asked_for) == set()


@pytest.mark.parametrize("what", ["approve_as_finance", "start_payout", "fail", "mark_unpaid"])
def test_operations_press_no_button_of_finance(
    as_ops: Client, asked_for: Withdrawal, what: str
) -> None:
    before = picture()
    assert as_ops.post(button(asked_for, what), {"_form_submitted": "True"}).status_code == 403
    assert picture() == before


# Paying.


def test_finance_begins_and_a_worker_pays(
    as_fin: Client, lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    row = approved(lan, 300 * YUAN, qian, feng)
    assert offered(as_fin, row) == {"start_payout", "reject"}

    press(as_fin, row, "start_payout")

    assert offered(as_fin, row) == {"poll_now", "cancel_at_provider"}
    Attempt.objects.update(next_run_at=NOW + 30 * DAY)
    press(as_fin, row, "poll_now")
    assert Attempt.objects.get().next_run_at < NOW + 29 * DAY
    # Nothing was sent yet: it is called off at once.
    press(as_fin, row, "cancel_at_provider")
    row.refresh_from_db()
    assert row.status == "ready_to_collect"


@pytest.fixture
def undecided(lan: Member, qian: User, feng: User, sandbox: SandboxGateway) -> Withdrawal:
    """It has failed for a reason that nobody knows."""
    row = attempted(lan, 300 * YUAN, qian, feng).withdrawal
    sandbox.set_next_outcome(State.FAIL, "NEVER_HEARD_OF")
    for at in (NOW, NOW + DAY):
        process_due_attempts(at=at)
    return row


@pytest.mark.parametrize(
    ("what", "status", "purse"),
    [
        ("retry_with_new_number", "ready_to_collect", (70_000, 30_000, 0)),
        ("fail", "failed", (100_000, 0, 0)),
    ],
)
def test_what_nobody_knows_is_decided_by_a_person(
    as_fin: Client, undecided: Withdrawal, what: str, status: str, purse: tuple[int, int, int]
) -> None:
    assert offered(as_fin, undecided) == {"retry_with_new_number", "fail"}
    assert "原因不明" in as_fin.get(page(undecided)).text

    press(as_fin, undecided, what)

    assert (Withdrawal.objects.get().status, cash(undecided.member)) == (status, purse)


@pytest.fixture
def taken(by_hand: None, lan: Member, qian: User, feng: User) -> Withdrawal:
    row = approved(lan, 300 * YUAN, qian, feng)
    claim_manual_payouts(withdrawals=[row], by=feng, at=NOW)
    row.refresh_from_db()
    return row


def test_taken_by_a_button_and_paid_with_a_voucher(
    by_hand: None, as_fin: Client, lan: Member, qian: User, feng: User
) -> None:
    row = approved(lan, 300 * YUAN, qian, feng)
    assert offered(as_fin, row) == {"claim_manual_payouts", "reject"}
    press(as_fin, row, "claim_manual_payouts")
    assert offered(as_fin, row) == {"mark_paid", "mark_unpaid"}

    answer = as_fin.post(button(row, "mark_paid"), {"voucher": SimpleUploadedFile("bank.pdf", PDF)})

    assert (answer.status_code, answer.url) == (302, page(row))
    assert (Withdrawal.objects.get().status, cash(lan)) == ("paid", (70_000, 0, 0))
    assert offered(as_fin, row) == set()
    assert as_fin.get(button(row, "mark_paid")).url == page(row)


def test_what_is_no_voucher_is_told_and_nothing_moves(as_fin: Client, taken: Withdrawal) -> None:
    before = picture()
    for given in ({}, {"voucher": SimpleUploadedFile("bank.pdf", b"MZ\x90 no")}):
        answer = as_fin.post(button(taken, "mark_paid"), given)
        assert answer.status_code == 200
    assert told(answer)[0].startswith("error: 凭证")
    assert picture() == before


def test_marked_as_not_paid_it_can_be_paid_again(as_fin: Client, taken: Withdrawal) -> None:
    press(as_fin, taken, "mark_unpaid", reason="退票")

    assert Withdrawal.objects.get().status == "ready_to_collect"
    assert "claim_manual_payouts" in offered(as_fin, taken)


def test_only_finance_shows_vouchers_and_only_by_post(
    as_ops: Client, as_fin: Client, feng: User, taken: Withdrawal
) -> None:
    before = picture()
    there = button(taken, "mark_paid")
    for method in (as_ops.get, as_ops.post):
        assert method(there).status_code == 403
    assert "multipart/form-data" in as_fin.get(there).text
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(feng)
    given = {"voucher": SimpleUploadedFile("bank.pdf", PDF)}
    assert guarded.post(there, given).status_code == 403
    assert picture() == before


def test_nobody_pays_by_hand_what_a_provider_pays(
    as_fin: Client, lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    row = approved(lan, 300 * YUAN, qian, feng)
    before = picture()
    [message] = press(as_fin, row, "claim_manual_payouts")
    assert message.startswith("error")
    assert told(select(as_fin, "claim_many", [row], confirm="yes"))[0].startswith("error")
    assert picture() == before


# Many at once.


@pytest.fixture
def three(lan: Member, chen: Member, bo: Member) -> list[Withdrawal]:
    """Lan's and Chen's can go on; Bo owes."""
    rows = [asked(who, 100 * YUAN) for who in (lan, ready(chen, 100_000), ready(bo, 100_000))]
    owe(bo)
    return rows


def test_a_batch_shows_each_line_and_approves_what_can_be(
    as_ops: Client, three: list[Withdrawal], chen: Member
) -> None:
    before = picture()
    preview = select(as_ops, "review_many", three)
    assert picture() == before
    assert preview.status_code == 200
    assert preview.text.count("100.00") >= 6
    assert "欠款" in preview.text
    looked_at = hidden(preview, "seen")
    assert [int(each.split(":")[0]) for each in looked_at] == [row.pk for row in three[:2]]
    set_payee(member=chen, channel="wechat", account="openid-of-another", at=NOW)

    answer = select(as_ops, "review_many", three, confirm="yes", seen=looked_at)

    statuses = [Withdrawal.objects.get(pk=row.pk).status for row in three]
    assert statuses == ["ops_approved", "requested", "requested"]
    assert "在您打开页面后已变更" in answer.text
    again = select(as_ops, "review_many", three, confirm="yes", seen=looked_at)
    assert again.status_code == 200


def test_a_batch_without_a_look_approves_nothing(as_ops: Client, three: list[Withdrawal]) -> None:
    before = picture()
    for given in ({"confirm": "yes"}, {"confirm": "yes", "seen": ["x", "1", f"{three[0].pk}:"]}):
        assert select(as_ops, "review_many", three, **given).status_code == 200
    assert picture() == before


def test_a_batch_keeps_four_eyes(as_ops: Client, qian: User, three: list[Withdrawal]) -> None:
    finance(qian)
    approve_as_operations(withdrawal=three[0], by=qian, at=NOW)
    preview = select(as_ops, "review_many", three[:1])
    assert hidden(preview, "seen") == []
    assert "须为不同的人" in preview.text


def test_who_has_both_roles_takes_one_part_in_a_batch(
    as_ops: Client, qian: User, three: list[Withdrawal]
) -> None:
    finance(qian)
    approve_as_operations(withdrawal=three[1], by=operations(staff("Wei")), at=NOW)
    preview = select(as_ops, "review_many", three)

    answer = select(as_ops, "review_many", three, confirm="yes", seen=hidden(preview, "seen"))

    statuses = [Withdrawal.objects.get(pk=row.pk).status for row in three]
    assert statuses == ["ops_approved", "finance_approved", "requested"]
    assert "须为不同的人" not in answer.text


def test_who_reviews_nothing_has_no_batch(three: list[Withdrawal]) -> None:
    looking = signed_in(may(staff("Guest"), "view_withdrawal"))
    before = picture()
    assert "review_many" not in looking.get(reverse(CHANGELIST)).text
    select(looking, "review_many", three, confirm="yes", seen=[f"{three[0].pk}:x"])
    assert picture() == before


# Paid by hand, with a file.


def cells(file: bytes) -> str:
    with ZipFile(BytesIO(file)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
        return book.read("xl/sharedStrings.xml").decode()


def test_many_are_taken_and_exported_and_the_unmasking_is_kept(
    by_hand: None, as_fin: Client, lan: Member, qian: User, feng: User
) -> None:
    identify(member=lan, name=NAME, at=NOON)
    set_payee(member=lan, channel="bank", account=CARD, bank="=HYPERLINK(1)", at=NOON)
    row = approved(lan, 300 * YUAN, qian, feng)
    may(feng, "unmask_person")
    assert Attempt.objects.count() == 0
    select(as_fin, "claim_many", [row])
    assert Attempt.objects.count() == 0

    done = select(as_fin, "claim_many", [row], confirm="yes")
    assert hidden(done, "action") == ["export_manual_payouts"]
    asked_why = select(as_fin, "export_manual_payouts", [row])
    assert CARD not in done.text + asked_why.text
    assert not Event.objects.filter(name="withdrawals.unmasked").exists()
    answer = select(as_fin, "export_manual_payouts", [row], confirm="yes", reason="周五付款")

    assert answer.headers["Content-Type"].endswith("sheet")
    assert "no-store" in answer.headers["Cache-Control"]
    found = cells(answer.content)
    for words in (NAME, CARD, "=HYPERLINK(1)", Attempt.objects.get().out_bill_no):
        assert f">{words}<" in found
    fact = Event.objects.get(name="withdrawals.unmasked")
    assert (fact.actor_id, fact.subject_id, fact.data["reason"]) == (
        "feng", lan.public_id, "周五付款",
    )  # fmt: skip


@pytest.mark.parametrize("right", ["review_as_finance", "unmask_person"])
def test_the_export_needs_both_rights(taken: Withdrawal, right: str) -> None:
    one = signed_in(may(staff("Half"), "view_withdrawal", right))
    answer = select(one, "export_manual_payouts", [taken], confirm="yes", reason="看看")
    assert "sheet" not in answer.headers.get("Content-Type", "")
    assert not Event.objects.filter(name="withdrawals.unmasked").exists()


def test_the_export_needs_a_reason(as_fin: Client, feng: User, taken: Withdrawal) -> None:
    may(feng, "unmask_person")
    answer = select(as_fin, "export_manual_payouts", [taken], confirm="yes", reason=" ")
    assert "text/html" in answer.headers["Content-Type"]
    assert not Event.objects.filter(name="withdrawals.unmasked").exists()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "https://x", "0123", "\t=1"])
def test_a_text_in_the_file_stays_a_text(text: str) -> None:
    titles = ["number", "name", "channel", "bank", "account", "amount", "remark"]
    file = workbook(Sheet("payments", titles, [["x1", text, "", text, text, Yuan(1), text]]))
    cells(file)
    with ZipFile(BytesIO(file)) as book:
        row = book.read("xl/worksheets/sheet1.xml").decode().split('<row r="2"')[1]
    assert re.findall(r'r="([A-Z])2"[^>]*t="s"', row) == ["A", "B", "C", "D", "E", "G"]


# Masks.


def test_no_page_shows_a_name_an_account_or_an_id_number(
    as_boss: Client, lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    identify(member=lan, name=NAME, at=NOON)
    set_payee(member=lan, channel="bank", account=CARD, bank="工商银行", at=NOON)
    row = attempted(lan, 300 * YUAN, qian, feng).withdrawal
    for at in (NOW, NOW + DAY):
        process_due_attempts(at=at)
    asked(lan, 100 * YUAN, key="k-2", at=NOW + 2 * DAY)
    found = ""
    for model in ("withdrawal", "attempt", "evidence", "taxentry", "payee", "person"):
        there = as_boss.get(reverse(f"admin:withdrawals_{model}_changelist"))
        found += there.text
        for each in there.context["cl"].result_list:
            found += as_boss.get(page(each)).text
    found += as_boss.get(button(Withdrawal.objects.latest("pk"), "approve_as_operations")).text
    found += select(as_boss, "review_many", list(Withdrawal.objects.all())).text
    for event in Event.objects.all():
        found += as_boss.get(reverse("admin:events_event_change", args=[event.pk])).text
    assert row.public_id in found
    assert "****0123" in found
    assert "欧***" in found
    for secret in (NAME, CARD, ID_NUMBER, "gAAAA"):
        assert secret not in found


def test_unmasking_needs_a_reason_and_is_kept(lan: Member) -> None:
    identify(member=lan, name=NAME, at=NOON)
    set_payee(member=lan, channel="bank", account=CARD, bank="工商银行", at=NOON)
    client = signed_in(may(staff("Guest"), "view_person", "unmask_person", "view_payee"))
    there = button(lan.person, "unmask")
    for row in (lan.person, lan.payees.latest("pk")):
        assert there in client.get(page(row)).text
    assert there not in client.get(page(lan.payees.earliest("pk"))).text, "it was replaced"

    for answer in (client.get(there, {"reason": "x"}), client.post(there, {"reason": " "})):
        assert NAME not in answer.text
        assert not Event.objects.filter(name="withdrawals.unmasked").exists()
    answer = client.post(there, {"reason": "银行退票核对"})

    for secret in (NAME, CARD, ID_NUMBER):
        assert secret in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    fact = Event.objects.get(name="withdrawals.unmasked")
    assert (fact.actor_id, fact.data["reason"]) == ("guest", "银行退票核对")


def test_nobody_else_unmasks(lan: Member, feng: User) -> None:
    client = signed_in(may(feng, "view_person", "view_payee"))
    there = button(lan.person, "unmask")
    assert there not in client.get(page(lan.person)).text
    for method in (client.get, client.post):
        assert method(there, {"reason": "看看"}).status_code == 403
    assert not Event.objects.filter(name="withdrawals.unmasked").exists()


# Channels, policy, reasons.


@pytest.mark.parametrize("name", ["sandbox", Channel.ALL])
def test_a_channel_is_paused_and_goes_on(name: str) -> None:
    client = signed_in(may(staff("Guest"), "view_channel", "change_channel"))
    there = reverse("admin:withdrawals_channel_pause_channel")
    assert there in client.get(reverse("admin:withdrawals_channel_changelist")).text
    client.get(there, {"channel": name, "reason": "盘点"})
    client.post(there, {"channel": name, "reason": ""})
    client.post(there, {"channel": "paypal", "reason": "盘点"})
    assert not Channel.objects.exists()

    client.post(there, {"channel": name, "reason": "盘点"})

    row = Channel.objects.get(pk=name)
    assert (row.pause_reason, row.paused_at is None) == ("盘点", False)
    assert button(row, "resume") in client.get(page(row)).text
    press(client, row, "resume")
    row.refresh_from_db()
    assert row.paused_at is None
    press(client, row, "pause", reason="再停")
    row.refresh_from_db()
    assert row.pause_reason == "再停"


def test_who_only_looks_pauses_nothing() -> None:
    client = signed_in(may(staff("Guest"), "view_channel"))
    there = reverse("admin:withdrawals_channel_pause_channel")
    assert there not in client.get(reverse("admin:withdrawals_channel_changelist")).text
    for method in (client.get, client.post):
        assert method(there, {"channel": "all", "reason": "盘点"}).status_code == 403
    assert not Channel.objects.exists()


POLICY = {
    "min_amount": "1.00", "max_amount": "20000", "max_per_day": "20000", "max_per_month": "100000",
    "fee": "0.6", "review_hours": "24", "second_finance_threshold": "5000", "ready_days": "30",
    "regime": "labor_per_payment", "id_number_threshold": "800",
}  # fmt: skip


def test_the_policy_is_changed_in_yuan_and_percent_and_kept(as_boss: Client) -> None:
    there = page(Policy.current())
    assert 'value="20000.00"' in as_boss.get(there).text

    assert as_boss.post(there, POLICY).status_code == 302

    policy = Policy.current()
    assert (policy.fee, policy.second_finance_threshold, policy.max_amount) == (
        60,
        500_000,
        2_000_000,
    )
    assert Event.objects.get(name="withdrawals.policy_changed").after == {
        "fee": 60, "second_finance_threshold": 500_000, "regime": "labor_per_payment",
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_amount": "0.5"},
        {"min_amount": "0"},
        {"second_finance_threshold": "0"},
        {"fee": "100"},
        {"max_amount": "-1"},
        {"regime": "mine"},
        {"review_hours": "0"},
        {"min_amount": ""},
        {"max_amount": "99999999999999999999"},
    ],
)
def test_a_policy_that_cannot_be_is_told_and_nothing_changes(
    as_boss: Client, wrong: dict[str, str]
) -> None:
    before = Policy.objects.values().get()
    answer = as_boss.post(page(Policy.current()), {**POLICY, **wrong})
    errors = answer.status_code == 200 and answer.context["errors"]
    assert errors or any(each.startswith("error") for each in told(answer))
    assert Policy.objects.values().get() == before


def test_reasons_are_kept_by_staff_and_those_in_use_stay(
    as_boss: Client, as_ops: Client, asked_for: Withdrawal
) -> None:
    there = reverse("admin:withdrawals_rejectionreason_add")
    as_boss.post(there, {"code": "odd", "label": "资料有误", "is_active": "on"})
    why = RejectionReason.objects.get()
    press(as_ops, asked_for, "reject", rejection="odd")

    as_boss.post(
        reverse("admin:withdrawals_rejectionreason_delete", args=[why.pk]), {"post": "yes"}
    )

    assert RejectionReason.objects.get() == why
    assert operations(staff("Wei")).has_perm("withdrawals.add_rejectionreason") is False
