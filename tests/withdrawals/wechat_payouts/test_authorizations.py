"""Lan allows payouts without confirmation; WeChat Pay's signed answers alone decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from api.errors import FeatureOff
from common.errors import violated_constraint
from events.models import Event
from ledger.chart import Asset, Kind
from ledger.services import Source, account, platform_account, reclaim
from members.closing import close_member
from members.models import Identity, Member, User
from tests.cast import NOON, member
from tests.wechatpay import (
    BadSignature,
    OverrideFields,
    Refused,
    ReplyLost,
    RequestLost,
    Server,
    Status,
)
from tests.withdrawals.factories import DAY, NOW, YUAN, approved, picture, ready
from tests.withdrawals.wechat_payouts import AMOUNT, agrees, settle_down
from wechatpay.notifications import InvalidNotification
from withdrawals.errors import (
    AuthorizationElsewhere,
    AuthorizationMissing,
    AuthorizationRefused,
    NotCollectable,
    PayeeMissing,
    WrongApp,
)
from withdrawals.gateways.wechat import WeChatGateway
from withdrawals.models import Evidence, Payee, PayoutAuthorization
from withdrawals.services import (
    ask_authorization,
    change_policy,
    check_authorization,
    close_authorization,
    collect,
    handle_notification,
    poll_authorizations,
    process_due_attempts,
    set_own_payee,
    set_payee,
    start_approved_payouts,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _offered(db: None, feng: User, wechat: WeChatGateway) -> None:
    change_policy(by=feng, at=NOON, authorizations=True)


@pytest.fixture
def authorized(lan: Member, server: Server) -> PayoutAuthorization:
    """Return an authorization of Lan that is in effect."""
    row = ask_authorization(member=lan, at=NOW)
    server.grant(row.number)
    return check_authorization(member=lan, at=NOW)


def spent(who: Member) -> None:
    """Take back all that a member has earned: money stands against closing an account."""
    reclaim(
        key=f"clawback:{who.pk}", wallet=account(who, Asset.CASH), amount=1_000 * YUAN,
        credit=platform_account(Kind.COMMISSION_EXPENSE), source=Source("tests.refund", "1"),
        effective_at=NOW,
    )  # fmt: skip


def usable(who: Member) -> bool:
    return bool(Payee.objects.current(who).get().authorization_encrypted)


def test_the_phone_gets_a_package_and_a_query_lets_it_take_effect(
    lan: Member, server: Server
) -> None:
    row = ask_authorization(member=lan, at=NOW)
    assert (row.status, bool(row.package_info), row.expires_at) == (
        "wait_user_confirm", True, NOW + DAY,
    )  # fmt: skip
    assert (row.merchant, row.app) == (server.merchant, server.app)
    assert not usable(lan)

    server.grant(row.number)
    row = check_authorization(member=lan, at=NOW)

    assert (row.status, row.authorized_at, row.package_info, row.expires_at) == (
        "taking_effect", NOW, "", None,
    )  # fmt: skip
    assert usable(lan)
    assert row.evidence
    assert Event.objects.filter(name="withdrawals.authorized").count() == 1
    [known] = server.authorized()
    assert (known.openid, known.content["transfer_scene_id"]) == ("openid-of-lan", "1005")


def test_asking_again_is_the_same_number_with_a_package(lan: Member, server: Server) -> None:
    first = ask_authorization(member=lan, at=NOW)

    again = ask_authorization(member=lan, at=NOW + MINUTE)

    assert (again.number, bool(again.package_info)) == (first.number, True)
    assert len(server.authorized()) == 1
    assert [call for call, _ in server.calls] == ["authorize", "query_authorization"]


@pytest.mark.parametrize("fault", [ReplyLost(), RequestLost(), Status(500), BadSignature()])
def test_a_lost_answer_is_repeated_under_the_same_number(
    lan: Member, server: Server, fault: Any
) -> None:
    server.script(on="authorize", faults=[fault])

    first = ask_authorization(member=lan, at=NOW)
    assert (first.status, first.is_pending) == ("asked", True)
    again = ask_authorization(member=lan, at=NOW + MINUTE)

    assert (again.number, again.status, bool(again.package_info)) == (
        first.number, "wait_user_confirm", True,
    )  # fmt: skip
    assert len(server.authorized()) == 1


def test_a_refused_request_is_over_and_the_next_has_another_number(
    lan: Member, server: Server
) -> None:
    server.script(on="authorize", faults=[Refused("NO_AUTH")])

    with pytest.raises(AuthorizationRefused):
        ask_authorization(member=lan, at=NOW)
    refused = PayoutAuthorization.objects.get()
    assert (refused.status, refused.close_reason, refused.authorized_at) == (
        "closed", "NO_AUTH", None,
    )  # fmt: skip
    assert ask_authorization(member=lan, at=NOW).number != refused.number


def test_an_unconfirmed_one_ends_after_a_day(lan: Member, server: Server) -> None:
    first = ask_authorization(member=lan, at=NOW)
    server.pass_time(hours=24)

    assert poll_authorizations(at=server.at) == 1
    first.refresh_from_db()
    assert (first.status, first.close_reason) == ("closed", "USER_OVERDUE_UNCONFIRMED")
    second = ask_authorization(member=lan, at=server.at)
    assert (second.status, second.number == first.number) == ("wait_user_confirm", False)
    assert not usable(lan)


def test_a_late_request_notices_the_end_itself(lan: Member, server: Server) -> None:
    first = ask_authorization(member=lan, at=NOW)
    server.pass_time(hours=24)

    assert ask_authorization(member=lan, at=server.at).number != first.number


@pytest.mark.parametrize(
    "lie", [{"openid": "somebody-else"}, {"appid": "another"}, {"authorization_id": ""}], ids=str
)
def test_an_answer_about_another_authorization_decides_nothing(
    lan: Member, server: Server, lie: dict[str, str]
) -> None:
    row = ask_authorization(member=lan, at=NOW)
    server.grant(row.number)
    server.script(on="query_authorization", faults=[OverrideFields(**lie)])

    row = check_authorization(member=lan, at=NOW)

    assert (row.status, row.last_error) == ("wait_user_confirm", "reply_mismatch")
    assert not usable(lan)


def test_an_unsigned_answer_decides_nothing(lan: Member, server: Server) -> None:
    row = ask_authorization(member=lan, at=NOW)
    server.grant(row.number)
    server.script(on="query_authorization", faults=[BadSignature()])

    row = check_authorization(member=lan, at=NOW)

    assert (row.status, row.last_error) == ("wait_user_confirm", "bad_signature")
    assert not usable(lan)


def test_a_notice_is_saved_once_and_only_asks(lan: Member, server: Server) -> None:
    row = ask_authorization(member=lan, at=NOW)
    server.grant(row.number)

    heard = [
        handle_notification(headers=notice.headers, body=notice.body, at=server.at)
        for notice in server.notify_authorization(row.number, times=5)
    ]

    assert heard == [True] + [False] * 4
    assert not usable(lan), "a notice is a hint"
    assert poll_authorizations(at=server.at) == 1
    assert usable(lan)
    assert Evidence.objects.filter(kind="notification").count() == 1


def test_a_false_notice_changes_nothing(lan: Member, server: Server) -> None:
    row = ask_authorization(member=lan, at=NOW)
    for notice in server.notify_authorization(row.number, state="TAKING_EFFECT"):
        handle_notification(headers=notice.headers, body=notice.body, at=server.at)
    poll_authorizations(at=server.at)
    row.refresh_from_db()
    assert (row.status, usable(lan)) == ("wait_user_confirm", False)

    notice, *_ = server.notify_authorization(row.number, mchid="another")
    with pytest.raises(InvalidNotification):
        handle_notification(headers=notice.headers, body=notice.body, at=server.at)


def test_an_authorized_member_collects_nothing(
    lan: Member, qian: User, feng: User, server: Server, authorized: PayoutAuthorization
) -> None:
    withdrawal = approved(lan, AMOUNT, qian, feng)
    assert withdrawal.status == "finance_approved"
    with pytest.raises(NotCollectable):
        collect(withdrawal=withdrawal, by=lan, at=NOW)

    assert start_approved_payouts(at=NOW) == 1
    process_due_attempts(at=NOW)
    settle_down(server, confirming=False)

    agrees(server, withdrawal, paid=True)
    [bill] = server.bills.values()
    assert (bill.authorized, withdrawal.attempts.count()) == (True, 1)


@pytest.mark.parametrize("fault", [ReplyLost(), RequestLost(), Status(500), BadSignature()])
def test_an_authorized_payout_with_a_lost_answer_is_paid_once(  # noqa: PLR0917 - fixtures
    lan: Member, qian: User, feng: User, server: Server, authorized: PayoutAuthorization, fault: Any
) -> None:
    withdrawal = approved(lan, AMOUNT, qian, feng)
    server.script(on="send", faults=[fault])

    start_approved_payouts(at=NOW)
    process_due_attempts(at=NOW)
    settle_down(server, confirming=False)

    agrees(server, withdrawal, paid=True)


def test_without_authorization_the_member_collects(
    lan: Member, qian: User, feng: User, server: Server
) -> None:
    ask_authorization(member=lan, at=NOW)  # never confirmed
    withdrawal = approved(lan, AMOUNT, qian, feng)

    assert withdrawal.status == "ready_to_collect"
    assert start_approved_payouts(at=NOW) == 0


def test_an_ended_authorization_lets_the_member_collect(
    lan: Member, qian: User, feng: User, server: Server, authorized: PayoutAuthorization
) -> None:
    withdrawal = approved(lan, AMOUNT, qian, feng)
    server.revoke(authorized.number)
    for notice in server.notify_authorization(authorized.number):
        handle_notification(headers=notice.headers, body=notice.body, at=server.at)
    poll_authorizations(at=server.at)

    withdrawal.refresh_from_db()
    assert (withdrawal.status, usable(lan)) == ("ready_to_collect", False)
    assert start_approved_payouts(at=NOW) == 0
    assert collect(withdrawal=withdrawal, by=lan, at=NOW).package_info
    settle_down(server)
    agrees(server, withdrawal, paid=True)


def test_a_refused_payout_of_an_ended_authorization_is_collected(
    lan: Member, qian: User, feng: User, server: Server, authorized: PayoutAuthorization
) -> None:
    withdrawal = approved(lan, AMOUNT, qian, feng)
    server.revoke(authorized.number)  # and the notice is lost

    start_approved_payouts(at=NOW)
    process_due_attempts(at=NOW)
    withdrawal.refresh_from_db()
    assert (withdrawal.status, withdrawal.attempts.get().fail_reason) == ("paying", "NO_AUTH")
    poll_authorizations(at=NOW)

    withdrawal.refresh_from_db()
    assert withdrawal.status == "ready_to_collect"
    assert collect(withdrawal=withdrawal, by=lan, at=NOW).package_info
    settle_down(server)
    agrees(server, withdrawal, paid=True)


def test_a_payout_refused_after_the_known_end_is_collected(
    lan: Member, qian: User, feng: User, server: Server, authorized: PayoutAuthorization
) -> None:
    withdrawal = approved(lan, AMOUNT, qian, feng)
    start_approved_payouts(at=NOW)
    close_authorization(member=lan, at=NOW)

    process_due_attempts(at=NOW)

    withdrawal.refresh_from_db()
    assert (withdrawal.status, withdrawal.attempts.get().state) == ("ready_to_collect", "fail")
    assert collect(withdrawal=withdrawal, by=lan, at=NOW).package_info
    settle_down(server)
    agrees(server, withdrawal, paid=True)


def test_a_refused_payout_of_a_good_authorization_waits_for_a_person(
    lan: Member, qian: User, feng: User, server: Server, authorized: PayoutAuthorization
) -> None:
    withdrawal = approved(lan, AMOUNT, qian, feng)
    server.script(on="send", faults=[Refused("NO_AUTH")])

    start_approved_payouts(at=NOW)
    process_due_attempts(at=NOW)
    poll_authorizations(at=NOW)

    withdrawal.refresh_from_db()
    assert (withdrawal.status, usable(lan)) == ("paying", True)
    assert start_approved_payouts(at=NOW + 2 * DAY) == 0


def test_a_payment_under_way_goes_on_after_the_end(
    lan: Member, qian: User, feng: User, server: Server, authorized: PayoutAuthorization
) -> None:
    withdrawal = approved(lan, AMOUNT, qian, feng)
    server.script(on="send", faults=[ReplyLost()])
    start_approved_payouts(at=NOW)
    process_due_attempts(at=NOW)

    close_authorization(member=lan, at=NOW)
    withdrawal.refresh_from_db()
    assert withdrawal.status == "paying"
    settle_down(server, confirming=False)

    agrees(server, withdrawal, paid=True)


def test_the_member_ends_it(lan: Member, server: Server, authorized: PayoutAuthorization) -> None:
    row = close_authorization(member=lan, at=NOW)

    assert (row.status, row.close_reason, usable(lan)) == ("closed", "CLOSE_VIA_MCH_API", False)
    with pytest.raises(AuthorizationMissing):
        close_authorization(member=lan, at=NOW)
    assert ask_authorization(member=lan, at=NOW).number != row.number


def test_an_end_without_proof_ends_nothing(
    lan: Member, server: Server, authorized: PayoutAuthorization
) -> None:
    server.script(on="close_authorization", faults=[RequestLost()])

    row = close_authorization(member=lan, at=NOW)

    assert (row.status, usable(lan)) == ("taking_effect", True)


def test_it_is_asked_about_daily(
    lan: Member, server: Server, authorized: PayoutAuthorization
) -> None:
    assert poll_authorizations(at=NOW + DAY - MINUTE) == 0
    server.revoke(authorized.number, "USER_ACCOUNT_ABNORMAL")

    assert poll_authorizations(at=NOW + DAY) == 1
    authorized.refresh_from_db()
    assert (authorized.status, authorized.close_reason) == ("closed", "USER_ACCOUNT_ABNORMAL")


def test_it_belongs_to_the_account(
    lan: Member, server: Server, authorized: PayoutAuthorization
) -> None:
    set_payee(member=lan, channel="alipay", account="lan@example.com", at=NOW)
    assert not usable(lan)
    set_payee(member=lan, channel="wechat", account="openid-of-lan", at=NOW)
    assert usable(lan)
    set_payee(member=lan, channel="wechat", account="openid-of-somebody", at=NOW)
    assert not usable(lan)


def test_it_can_be_ended_after_the_payee_was_replaced(
    lan: Member, server: Server, authorized: PayoutAuthorization
) -> None:
    set_payee(member=lan, channel="alipay", account="lan@example.com", at=NOW)

    assert close_authorization(member=lan, at=NOW).status == "closed"
    set_payee(member=lan, channel="wechat", account="openid-of-lan", at=NOW)
    assert not usable(lan)


def test_it_ends_with_the_account_and_the_person_may_come_back(
    lan: Member, server: Server, authorized: PayoutAuthorization
) -> None:
    spent(lan)
    close_member(member=lan, at=NOW)
    again = ready(member("Lan again"))
    set_payee(member=again, channel="wechat", account="openid-of-lan", at=NOW)
    assert not usable(again)
    with pytest.raises(AuthorizationElsewhere):
        ask_authorization(member=again, at=NOW)

    server.script(on="close_authorization", faults=[RequestLost()])
    assert poll_authorizations(at=NOW) == 1
    authorized.refresh_from_db()
    assert authorized.status == "taking_effect"
    assert poll_authorizations(at=NOW + 15 * MINUTE) == 1

    authorized.refresh_from_db()
    assert (authorized.status, authorized.close_reason) == ("closed", "CLOSE_VIA_MCH_API")
    row = ask_authorization(member=again, at=NOW)
    assert (row.status, row.member) == ("wait_user_confirm", again)


def test_who_is_not_paid_by_wechat_is_not_asked(lan: Member, server: Server, chen: Member) -> None:
    set_payee(member=lan, channel="alipay", account="lan@example.com", at=NOW)
    before = picture()

    for who in (lan, chen):
        with pytest.raises(PayeeMissing):
            ask_authorization(member=who, at=NOW)
    assert server.calls == []
    assert picture() == before


def test_another_app_is_refused(lan: Member, server: Server) -> None:
    with pytest.raises(WrongApp):
        ask_authorization(member=lan, at=NOW, app="wx-other")
    assert server.calls == []
    assert not PayoutAuthorization.objects.exists()


def test_switched_off_nobody_is_asked(lan: Member, feng: User, server: Server) -> None:
    change_policy(by=feng, at=NOW, authorizations=False)

    with pytest.raises(FeatureOff):
        ask_authorization(member=lan, at=NOW)
    assert server.calls == []


def test_the_official_account_is_paid_with_its_own_app(
    lan: Member, qian: User, feng: User, server: Server, settings: Any
) -> None:
    settings.WECHAT_OFFICIAL_APP = "wx-official"
    server.apps.add("wx-official")
    Identity.objects.create(member=lan, provider="wechat_official", external_id="oOfficial")
    payee = set_own_payee(member=lan, channel="wechat", app="wx-official", at=NOW)
    assert payee.app == "wx-official"
    withdrawal = approved(lan, AMOUNT, qian, feng)

    with pytest.raises(WrongApp):
        collect(withdrawal=withdrawal, by=lan, at=NOW, app=server.app)
    state = collect(withdrawal=withdrawal, by=lan, at=NOW, app="wx-official")

    assert (state.app, bool(state.package_info)) == ("wx-official", True)
    [bill] = server.bills.values()
    assert (bill.openid, bill.content["appid"]) == ("oOfficial", "wx-official")
    server.confirm(bill.out_bill_no)
    process_due_attempts(at=NOW + MINUTE)
    withdrawal.refresh_from_db()
    assert withdrawal.status == "paid"
    assert server.paid_to("oOfficial").times == 1


def test_the_mini_program_is_paid_with_the_merchants_app(lan: Member, settings: Any) -> None:
    settings.WECHAT_OFFICIAL_APP = "wx-official"
    Identity.objects.create(member=lan, provider="wechat_mini", external_id="oMini")
    Identity.objects.create(member=lan, provider="wechat_official", external_id="oOfficial")

    assert set_own_payee(member=lan, channel="wechat", app="wx-mini", at=NOW).app == ""
    other = set_own_payee(member=lan, channel="wechat", app="wx-official", at=NOW)
    assert (other.app, Payee.objects.filter(retired_at=None).count()) == ("wx-official", 1)


def test_the_database_keeps_one_live_authorization_and_its_proof(
    lan: Member, server: Server, authorized: PayoutAuthorization
) -> None:
    fields = {
        "member": lan, "number": "x", "merchant": "m", "app": "a", "account_encrypted": "x",
        "account_fingerprint": authorized.account_fingerprint, "display_name": "x", "asked_at": NOW,
    }  # fmt: skip
    rows = PayoutAuthorization.objects.filter(pk=authorized.pk)

    def refusal(change: Any) -> str:
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            change()
        return violated_constraint(refused.value)

    assert refusal(lambda: PayoutAuthorization.objects.create(**fields)) == (
        "authorization_live_unique"
    )
    assert refusal(lambda: rows.update(evidence=None)) == "authorization_effect_has_evidence"
    assert refusal(lambda: rows.update(status="asked")) == "authorization_status_transitions"
    assert refusal(lambda: rows.update(status="closed")) == "authorization_end_has_evidence"
    close_authorization(member=lan, at=NOW)
    assert refusal(lambda: rows.update(status="taking_effect")) == (
        "authorization_closed_immutable"
    )


def test_the_gateway_takes_no_malformed_number(server: Server, wechat: WeChatGateway) -> None:
    with pytest.raises(ValueError, match="number"):
        wechat.authorizations.query("../x")
