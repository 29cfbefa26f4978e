"""Two ids of the mall are one person: Lan goes on as Lin, or Bo as Bea."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from closing.controls import findings
from commissions.models import CommissionHold, DueCredit
from commissions.services import release_unfrozen
from common.clock import business_day
from common.errors import PermissionMissing, SelfApprovalForbidden, violated_constraint
from common.status import WrongStatus
from distribution.models import Binding, Distributor, PurchaseTotals
from distribution.services import change_status, refer
from events.models import Event
from integration.merge_preview import preview_lines, preview_merge
from integration.merges import (
    AlreadyMerged,
    DistributorFrozen,
    MergePending,
    MergesOneMember,
    StaffNotMerged,
    WithdrawalOpen,
    merge_members,
    propose_merge,
    refuse_merge,
)
from ledger.chart import Asset, Kind
from ledger.models import Transfer
from ledger.proof import differences
from members.models import Identity, Member, MemberMerge, User
from members.persons import MemberMerged
from members.reviews import ReviewTooEarly
from members.services import join
from members.staff import link_staff
from orders.models import Order
from orders.services import complete
from sharing.exports import visits_of
from sharing.models import Share, Visit
from tests.cast import NOON, give, link, member, staff
from tests.sharing.things import share, visit
from tests.shop import (
    DAY,
    PLACED,
    commissions,
    distributor,
    get_order,
    ingest,
    make_referral,
    open_shop,
    order,
    refund,
    settle_all,
    wallet_balance,
    with_refund,
)
from tests.withdrawals.factories import earned, owe, ready
from withdrawals.models import Withdrawal
from withdrawals.services import quote, request_withdrawal

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

RELEASED = PLACED + 30 * DAY
AT = PLACED + 40 * DAY
LATER = AT + 60 * DAY


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


@pytest.fixture
def mei(bo: Member) -> Member:
    return Member.objects.get(nickname="Mei")


@pytest.fixture
def lin(mei: Member) -> Member:
    """The other id of Lan, an active distributor without an upline."""
    joined = member("Lin")
    distributor(joined)
    return joined


@pytest.fixture
def qian(db: None) -> User:
    return give(staff("Qian"), "propose_merge")


@pytest.fixture
def feng(db: None) -> User:
    return give(staff("Feng"), "decide_merge")


def propose(merged: Member, survivor: Member, by: User | None = None) -> MemberMerge:
    by = by or give(staff("Qian"), "propose_merge")
    return propose_merge(merged=merged, survivor=survivor, reason="same phone", by=by, at=AT)


def merge(merged: Member, survivor: Member) -> None:
    proposal = propose(merged, survivor)
    merge_members(proposal=proposal, by=give(staff("Feng"), "decide_merge"), at=AT)
    merged.refresh_from_db()
    assert (merged.merged_into, merged.merged_at) == (survivor, AT)


def assert_books_agree() -> None:
    assert differences() == []
    assert {name: rows for name, rows in findings(business_day(LATER)).items() if rows} == {}


def upline(who: Member, *, at: datetime = AT) -> str | None:
    row = Binding.objects.all().in_force(at).filter(member=who).first()
    return row.distributor.member.nickname if row else None


def test_balances_move_to_the_fen(bo: Member, lan: Member, lin: Member) -> None:
    ingest(order(bo, received=True))
    settle_all(at=RELEASED)
    earned(lin, 5)
    moved = wallet_balance(lan)

    merge(lan, lin)

    assert (moved, wallet_balance(lan), wallet_balance(lin)) == (1_099, 0, 1_104)
    transfer = Transfer.objects.get(reason="merge")
    assert transfer.key == f"merge:{MemberMerge.objects.get().public_id}:cash:wallet"
    assert differences() == []


def test_controls_stay_green(bo: Member, lan: Member, lin: Member) -> None:
    ingest(order(bo, received=True))
    settle_all(at=RELEASED)
    merge(lan, lin)
    assert_books_agree()


def test_the_preview_says_what_will_happen(bo: Member, lan: Member, lin: Member) -> None:
    ingest(order(bo, received=True))
    settle_all(at=RELEASED)
    ingest(order(bo, number="O-2", placed_at=AT - 4 * DAY, received=True), order(lan, number="O-3"))

    preview = preview_merge(merged=lan, survivor=lin, at=AT)

    assert preview.obstacles == []
    assert preview.identities == [str(lan.identities.get())]
    assert preview.balances == [(Asset.CASH, Kind.WALLET, 1_099)]
    assert (preview.due_credits, preview.due_amounts) == (1, [(Asset.CASH, 1_099)])
    assert preview.orders == 1
    assert preview.exits == lan.distributor
    assert preview.upline == Binding.objects.get(member=lan)
    assert preview.team.moving == [bo]
    assert len(preview_lines(preview)) == 8
    assert not MemberMerge.objects.exists()
    lan.refresh_from_db()
    assert lan.merged_into is None


def test_it_takes_two_people(lan: Member, lin: Member, qian: User, feng: User) -> None:
    both = give(qian, "decide_merge")
    proposal = propose(lan, lin, both)
    for by, error in ((both, SelfApprovalForbidden), (staff("Zhu"), PermissionMissing)):
        with pytest.raises(error):
            merge_members(proposal=proposal, by=by, at=AT)
    with pytest.raises(PermissionMissing):
        propose(lan, lin, feng)
    with pytest.raises(MergePending):
        propose(lan, lin)
    assert Member.objects.filter(merged_into__isnull=False).count() == 0

    merge_members(proposal=MemberMerge.objects.get(), by=feng, at=AT)

    assert Member.objects.get(pk=lan.pk).merged_into == lin
    names = Event.objects.filter(subject_id=lan.public_id, name__startswith="members.merge")
    assert list(names.order_by("pk").values_list("name", "actor_id")) == [
        ("members.merge_proposed", "qian"),
        ("members.merged", "feng"),
    ]
    with pytest.raises(WrongStatus):
        refuse_merge(proposal=proposal, by=feng, at=AT)


def test_the_database_wants_two_people_too(lan: Member, lin: Member, qian: User) -> None:
    propose(lan, lin, qian)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        MemberMerge.objects.update(status="agreed", decider=qian, decider_member=0, decided_at=AT)
    assert violated_constraint(refused.value) == "merge_four_eyes"
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Member.objects.filter(pk=lan.pk).update(merged_into=lin, merged_at=AT)
    assert violated_constraint(refused.value) == "member_merge_agreed"


def test_new_accounts_wait(lan: Member, lin: Member) -> None:
    new = User.objects.create_superuser("new")
    with pytest.raises(ReviewTooEarly):
        propose(lan, lin, new)
    with pytest.raises(ReviewTooEarly):
        merge_members(proposal=propose(lan, lin), by=new, at=AT)


def test_a_proposal_is_withdrawn_or_refused(lan: Member, lin: Member, feng: User) -> None:
    own = propose(lan, lin)
    refuse_merge(proposal=own, by=own.proposer, at=AT)
    refuse_merge(proposal=propose(lan, lin), by=feng, at=AT)
    assert set(MemberMerge.objects.values_list("status", flat=True)) == {"refused"}
    with pytest.raises(WrongStatus):
        merge_members(proposal=own, by=feng, at=AT)


def snapshot_of(*people: Member) -> tuple[object, ...]:
    return (
        [wallet_balance(who) for who in people],
        list(Binding.objects.order_by("pk").values_list("pk", "ended_at")),
        list(Identity.objects.order_by("pk").values_list("pk", "member")),
        list(Distributor.objects.order_by("pk").values_list("pk", "status")),
        Transfer.objects.count(),
        list(Member.objects.filter(merged_into__isnull=False).values_list("pk", flat=True)),
    )


def test_not_the_member_of_a_staff_user(lan: Member, lin: Member, feng: User) -> None:
    proposal = propose(lan, lin)
    earned(lan, 500)
    link(feng, lin)
    before = snapshot_of(lan, lin)
    with pytest.raises(SelfApprovalForbidden):
        merge_members(proposal=proposal, by=feng, at=AT)
    with pytest.raises(StaffNotMerged):
        merge_members(proposal=proposal, by=give(staff("Zhu"), "decide_merge"), at=AT)
    with pytest.raises(SelfApprovalForbidden):
        propose(lin, lan, give(feng, "propose_merge"))
    assert snapshot_of(lan, lin) == before


def test_no_staff_user_becomes_a_merged_member(lan: Member, lin: Member) -> None:
    merge(lan, lin)
    with pytest.raises(MemberMerged):
        link_staff(user=staff("Zhu"), member=lan, at=AT)


def test_refused_with_an_open_withdrawal(lan: Member, lin: Member, feng: User) -> None:
    proposal = propose(lan, lin)
    request_withdrawal(member=ready(lan, 50_000), amount=20_000, key="w", at=AT)
    before = snapshot_of(lan, lin)
    for first, second in ((lan, lin), (lin, lan)):
        with pytest.raises(WithdrawalOpen):
            propose(first, second)
    with pytest.raises(WithdrawalOpen):
        merge_members(proposal=proposal, by=feng, at=AT)
    assert snapshot_of(lan, lin) == before


def test_refused_while_frozen(lan: Member, lin: Member, feng: User) -> None:
    proposal = propose(lan, lin)
    change_status(
        distributor=lan.distributor, to=Distributor.Status.FROZEN, by=feng, at=AT, reason="fraud"
    )
    before = snapshot_of(lan, lin)
    with pytest.raises(DistributorFrozen):
        merge_members(proposal=proposal, by=feng, at=AT)
    assert snapshot_of(lan, lin) == before


def test_neither_twice_nor_in_a_chain_nor_itself(
    lan: Member, lin: Member, mei: Member, feng: User
) -> None:
    merge(lan, lin)
    before = snapshot_of(lan, lin, mei)
    with pytest.raises(MergesOneMember):
        propose(mei, mei)
    for first, second in ((lan, mei), (mei, lan), (lin, mei)):
        with pytest.raises(AlreadyMerged):
            propose(first, second)
    assert snapshot_of(lan, lin, mei) == before
    merge(mei, lin)  # a third id of the same person
    assert set(lin.merged.all()) == {lan, mei}


def test_a_merge_agreed_meanwhile_wins(lan: Member, lin: Member, mei: Member, feng: User) -> None:
    other = propose(lin, mei)
    merge(lan, lin)
    before = snapshot_of(lan, lin, mei)
    with pytest.raises(AlreadyMerged):
        merge_members(proposal=other, by=feng, at=AT)
    assert snapshot_of(lan, lin, mei) == before


def test_the_database_refuses_chains_and_a_way_back(lan: Member, lin: Member, mei: Member) -> None:
    merge(lan, lin)
    for who, into, rule in (
        (mei, lan, "member_merge_no_chain"),
        (lin, mei, "member_merge_no_chain"),
        (lan, mei, "member_merge_agreed"),
        (lan, None, "member_merged_once"),
    ):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            Member.objects.filter(pk=who.pk).update(merged_into=into, merged_at=into and AT)
        assert violated_constraint(refused.value) == rule


def test_the_team_goes_on_under_the_survivor(bo: Member, lan: Member, lin: Member) -> None:
    before = Binding.objects.get(member=bo)
    merge(lan, lin)

    before.refresh_from_db()
    now = Binding.objects.get(member=bo, ended_at=None)
    assert (before.ended_at, before.end_reason) == (AT, "merged")
    assert (now.started_at, now.distributor) == (AT, lin.distributor)
    assert now.expires_at == before.expires_at
    assert Binding.objects.get(member=lan).end_reason == "merged"
    assert Distributor.objects.get(member=lan).status == "exited"


def test_the_survivor_keeps_their_own_upline(
    lan: Member, lin: Member, mei: Member, chen: Member
) -> None:
    distributor(chen)
    make_referral(chen, lin)
    merge(lan, lin)
    assert (upline(lin), upline(lan)) == ("Chen", None)


def test_a_team_ends_under_a_survivor_who_is_no_distributor(bo: Member, lan: Member) -> None:
    other = member("Lia")
    merge(lan, other)
    assert upline(bo) is None
    assert Binding.objects.get(member=bo).end_reason == "merged"


def test_circles_end(bo: Member, lan: Member, lin: Member) -> None:
    # Bo, of Lan's team, has brought Lin.
    distributor(bo)
    make_referral(bo, lin)
    assert preview_merge(merged=lan, survivor=lin, at=AT).team.circles == [bo]

    merge(lan, lin)

    assert (upline(bo), upline(lin)) == (None, "Bo")


def test_a_merge_proves_the_end_of_a_binding(bo: Member) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Binding.objects.filter(member=bo).update(ended_at=AT, end_reason="merged")
    assert violated_constraint(refused.value) == "binding_merge_proven"


def test_purchases_add_up(bo: Member) -> None:
    bea = member("Bea")
    ingest(order(bo, received=True), order(bea, number="O-2", received=True))
    complete(at=RELEASED)
    ingest(order(bo, number="O-3", placed_at=AT - 4 * DAY, received=True))
    merge(bo, bea)
    complete(at=LATER)  # O-3 completes after the merge

    totals = PurchaseTotals.objects.get(member=bea)
    assert (totals.protected_spend, totals.protected_orders) == (3 * 10_990, 3)
    assert PurchaseTotals.objects.get(member=bo).protected_spend == 0


def test_an_order_under_the_old_id_pays_the_uplines_of_the_survivor(
    bo: Member, chen: Member
) -> None:
    bea = member("Bea")
    distributor(chen)
    make_referral(chen, bea)
    old = order(bo)
    merge(bo, bea)

    told = replace(old, number="O-2", placed_at=AT + DAY, paid_at=AT + DAY)
    ingest(told)

    placed = get_order("O-2")
    assert placed.buyer == bea
    assert [row[2] for row in commissions("O-2")] == ["Chen"]
    assert told.buyer == "bo"
    assert set(Order.objects.all().visible_to(bea)) == {placed}


def test_an_old_order_may_be_told_under_either_id(bo: Member) -> None:
    bea = member("Bea")
    told = order(bo)
    ingest(told)
    merge(bo, bea)

    received = told.placed_at + 3 * DAY
    assert not ingest(told)[0].changed
    assert ingest(replace(told, buyer="bea", received_at=received))[0].changed
    assert list(Order.objects.all().visible_to(bea)) == [get_order()]


def test_the_old_id_signs_in_as_the_survivor(bo: Member) -> None:
    bea = member("Bea")
    merge(bo, bea)
    found, created = join(provider=Identity.Provider.MALL, external_id="bo", at=AT)
    assert (found, created) == (bea, False)


def test_links_of_the_old_id_bind_to_the_survivor(lan: Member, lin: Member, chen: Member) -> None:
    merge(lan, lin)
    result = refer(member=chen, referrer=lan, source="share", at=AT + DAY)
    assert result.outcome == "bound"
    assert upline(chen, at=AT + DAY) == "Lin"


def test_shares_of_the_old_id_go_on_under_the_survivor(
    lan: Member, lin: Member, chen: Member
) -> None:
    old = share(lan)
    visit(old.code, by=chen, at=NOON)
    merge(lan, lin)

    assert visit(old.code, by=lin, at=AT + DAY).is_own
    late = visit(old.code, by=member("Yu"), at=AT + DAY)
    assert late.is_bound
    assert late.distributor
    assert late.distributor.member == lin
    assert list(Share.objects.of_person(lin)) == [old]
    assert share(lan, at=AT + DAY).member == lin


def test_visits_of_the_old_id_count_for_the_survivor(bo: Member, lin: Member) -> None:
    bea = member("Bea")
    opened = share(lin, channel="qq")
    visit(opened.code, by=bo, at=PLACED)
    merge(bo, bea)

    told = order(lin, share=opened.code, number="O-9", placed_at=AT + DAY)
    ingest(replace(told, buyer="bea"), at=AT + DAY)

    evidence = Binding.objects.get(member=bea).evidence_id
    assert evidence == Visit.objects.get().public_id
    assert [row["share"] for row in visits_of(bea)] == [opened.code]


def test_a_commission_that_falls_due_later_goes_to_the_survivor(
    bo: Member, lan: Member, lin: Member
) -> None:
    ingest(order(bo, number="O-1", placed_at=AT - 4 * DAY, received=True))
    ingest(order(bo, number="O-2", placed_at=AT - DAY))
    merge(lan, lin)
    assert {row.commission.distributor for row in DueCredit.objects.filter(commission__tier=1)} == {
        lan.distributor
    }
    ingest(order(bo, number="O-2", placed_at=AT - DAY, received=True), at=AT + 3 * DAY)
    settle_all(at=LATER)

    assert (wallet_balance(lan), wallet_balance(lin)) == (0, 2 * 1_099)
    assert not CommissionHold.objects.exists()
    assert_books_agree()


def test_a_frozen_survivor_gets_nothing_of_the_merged_member(
    bo: Member, lan: Member, lin: Member, feng: User
) -> None:
    ingest(order(bo, placed_at=AT - 4 * DAY, received=True))
    merge(lan, lin)
    lin.refresh_from_db()
    freeze = {"distributor": lin.distributor, "by": feng, "reason": "asked"}
    change_status(to=Distributor.Status.FROZEN, at=AT, **freeze)
    settle_all(at=LATER)
    assert wallet_balance(lin) == 0
    assert release_unfrozen() == 0

    change_status(to=Distributor.Status.ACTIVE, at=LATER, **freeze)
    settle_all(at=LATER)
    assert wallet_balance(lin) == 1_099


def test_a_refund_after_it_claws_back_from_the_survivor(
    bo: Member, lan: Member, lin: Member
) -> None:
    told = order(bo, received=True)
    ingest(told)
    settle_all(at=RELEASED)
    merge(lan, lin)

    ingest(with_refund(told, refund(10_990, quantity=1, at=AT + DAY)), at=AT + DAY)

    assert (wallet_balance(lan), wallet_balance(lin)) == (0, 0)
    assert wallet_balance(lin, kind=Kind.OWED) == 0
    assert_books_agree()


def test_a_refund_becomes_a_debt_of_the_survivor(bo: Member, lan: Member, lin: Member) -> None:
    told = order(bo, received=True)
    ingest(told)
    settle_all(at=RELEASED)
    merge(lan, lin)
    earned(ready(lin), 18_901)
    request_withdrawal(member=lan, amount=20_000, key="w", at=AT + DAY)
    assert Withdrawal.objects.get().member == lin

    ingest(with_refund(told, refund(10_990, quantity=1, at=AT + 2 * DAY)), at=AT + 2 * DAY)

    # The debt cancels the request, and what comes back pays it.
    assert Withdrawal.objects.get().status == "cancelled"
    assert wallet_balance(lin) == 18_901
    assert differences() == []


def test_a_debt_goes_along_and_is_paid_off(lan: Member, lin: Member) -> None:
    earned(lan, 300)
    owe(lan, 1_000)
    earned(lin, 5_000)
    merge(lan, lin)
    assert wallet_balance(lan, kind=Kind.OWED) == wallet_balance(lin, kind=Kind.OWED) == 0
    assert wallet_balance(lin) == 4_300
    assert differences() == []


def test_what_comes_along_pays_the_debt_of_the_survivor(lan: Member, lin: Member) -> None:
    earned(lan, 300)
    owe(lin, 1_000)
    merge(lan, lin)
    assert wallet_balance(lin, kind=Kind.OWED) == 700
    assert wallet_balance(lan) == wallet_balance(lin) == 0
    assert differences() == []


def test_credits_of_today_wait_also_after_a_merge(lan: Member, lin: Member) -> None:
    ready(lin)
    earned(lan, 50_000, at=AT)
    merge(lan, lin)
    assert quote(member=lin, amount=20_000, at=AT).withdrawable == 0
    assert quote(member=lan, amount=20_000, at=AT + DAY).withdrawable == 50_000


def test_the_command_previews_and_merges(
    lan: Member, lin: Member, qian: User, feng: User, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("merge_members", "lan", "lin")
    assert "Mei" in capsys.readouterr().out
    assert not MemberMerge.objects.exists()

    people = {"proposer": "qian", "reason": "same phone"}
    with pytest.raises(CommandError):
        call_command("merge_members", "lan", "lin", decider="qian", **people)
    assert not MemberMerge.objects.exists()

    call_command("merge_members", "lan", "lin", decider="feng", **people)
    assert Member.objects.get(pk=lan.pk).merged_into == lin


def test_pages_propose_agree_and_say_where_the_member_went(lan: Member, lin: Member) -> None:
    User.objects.create_superuser("boss", may_review_from=NOON - timedelta(days=99))
    User.objects.create_superuser("other", may_review_from=NOON - timedelta(days=99))
    boss, other = Client(), Client()
    boss.force_login(User.objects.get(username="boss"))
    other.force_login(User.objects.get(username="other"))
    of_lan = reverse("admin:members_member_change", args=[lan.pk])
    page = reverse("admin:members_membermerge_propose")
    assert f"{page}?merged={lan.public_id}" in boss.get(of_lan).content.decode()
    given = {"merged": lan.public_id, "survivor": "lin", "reason": "same phone"}
    preview = boss.post(page, given)
    assert not MemberMerge.objects.exists()
    token = dict(preview.context["hidden"])["previewed"]
    assert boss.post(page, {**given, "previewed": token, "confirm": "1"}).status_code == 302

    agree = reverse("admin:members_membermerge_agree", args=[MemberMerge.objects.get().pk])
    boss.post(agree, {"_form_submitted": "True"})
    assert Member.objects.get(pk=lan.pk).merged_into is None
    other.post(agree, {"_form_submitted": "True"})

    assert Member.objects.get(pk=lan.pk).merged_into == lin
    of_lin = reverse("admin:members_member_change", args=[lin.pk])
    assert of_lin in boss.get(of_lan).content.decode()
    assert of_lan in boss.get(of_lin).content.decode()
