"""Members' authorizations of payouts without confirmation: ask, query, let take effect, close.

As for payments, a row is committed before each call, no transaction is open during it, and only a
signed answer to a query that matches number, app and account decides anything.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from api.errors import FeatureOff
from common import encryption
from common.base_models import public_id
from common.errors import violated_constraint
from events.services import record
from members.models import Member
from members.persons import survivor_of
from withdrawals import lifecycle
from withdrawals.cash_accounts import CashAccounts, lock_cash_accounts
from withdrawals.errors import (
    AuthorizationElsewhere,
    AuthorizationMissing,
    AuthorizationRefused,
    PayeeMissing,
    WrongApp,
)
from withdrawals.events import WITHDRAWALS_AUTHORIZATION_CLOSED, WITHDRAWALS_AUTHORIZED
from withdrawals.gateways import gateway
from withdrawals.gateways.base import ReplyKind
from withdrawals.gateways.wechat import WeChatGateway
from withdrawals.gateways.wechat_authorizations import (
    AuthorizationCalls,
    AuthorizationReply,
    AuthorizationRequest,
    AuthorizationState,
)
from withdrawals.gateways.wechat_replies import NOT_EXECUTED_CODES
from withdrawals.models import Evidence, Payee, PayoutAuthorization, Policy, Withdrawal
from withdrawals.models.authorization import AuthorizationQuerySet
from withdrawals.models.people import PayeeQuerySet
from withdrawals.payouts.alarms import REPLY_MISMATCH
from withdrawals.payouts.evidence import save_evidence
from withdrawals.payouts.finish import NO_AUTH

POLL_DELAYS = (15, 60, 300, 900, 3600)  # seconds after each poll; the last one repeats
CHECKED_EACH = timedelta(days=1)  # while it is in effect: a notice of its end may be lost
VISIBLE_AFTER = timedelta(hours=25)
Status = PayoutAuthorization.Status


def ask_authorization(
    *, member: Member, at: datetime, app: str | None = None
) -> PayoutAuthorization:
    """Ask WeChat Pay for an authorization of the member's WeChat account; idempotent.

    :param app: the id of the app in which the member asks; ``None``: do not compare
    :returns: with ``package_info`` for the phone, unless it is in effect or WeChat has not answered
    :raises FeatureOff: payouts are not made by WeChat Pay, or authorizations are switched off
    :raises PayeeMissing: the member is not paid to a WeChat account
    :raises WrongApp: the account belongs to another app
    :raises AuthorizationElsewhere: another member has one for this account, until it has ended
    :raises AuthorizationRefused: WeChat Pay refuses to ask the member
    """
    calls = _calls()
    if not Policy.current().authorizations:
        raise FeatureOff
    row = _live_or_new(member, at=at, app=app)
    if row.send_count and row.status != Status.TAKING_EFFECT:
        row = query(row, calls, at=at, with_package=True)
    if row.status == Status.CLOSED:
        row = _live_or_new(member, at=at, app=app)
    if row.status == Status.ASKED:
        row = _send(row, calls, at=at)
    if row.status == Status.CLOSED or row.last_error in NOT_EXECUTED_CODES:
        raise AuthorizationRefused(reason=row.close_reason or row.last_error)
    return row


def check_authorization(*, member: Member, at: datetime) -> PayoutAuthorization:
    """Query the member's live authorization now, and return it.

    :raises FeatureOff: payouts are not made by WeChat Pay
    :raises AuthorizationMissing: there is none
    """
    calls = _calls()
    return query(_require_live(member), calls, at=at)


def close_authorization(*, member: Member, at: datetime) -> PayoutAuthorization:
    """End the member's authorization at WeChat Pay; its next payouts are collected again.

    :raises FeatureOff: payouts are not made by WeChat Pay
    :raises AuthorizationMissing: there is none
    """
    calls, row = _calls(), _require_live(member)
    calls.close(row.number)  # proves nothing: the query does
    return query(row, calls, at=at)


def _calls() -> AuthorizationCalls:
    channel = gateway()
    if not isinstance(channel, WeChatGateway):
        raise FeatureOff
    return channel.authorizations


def _require_live(member: Member) -> PayoutAuthorization:
    """Return the live authorization of the account that the member is paid to, else the latest."""
    payee = Payee.objects.current(survivor_of(member)).first()
    row = _live(member, payee).first() if payee else None
    # Also one of an account that was replaced: it may come into use again.
    row = row or PayoutAuthorization.objects.live().visible_to(survivor_of(member)).first()
    if row is None:
        raise AuthorizationMissing
    return row


def _live(member: Member, payee: Payee) -> AuthorizationQuerySet:
    rows = PayoutAuthorization.objects.live().visible_to(survivor_of(member))
    return rows.filter(account_fingerprint=payee.account_fingerprint)


@transaction.atomic
def _live_or_new(member: Member, *, at: datetime, app: str | None) -> PayoutAuthorization:
    lock_cash_accounts(member)
    member = survivor_of(member)
    payee = Payee.objects.current(member).first()
    if payee is None or payee.channel != Payee.Channel.WECHAT:
        raise PayeeMissing
    fields = gateway().instruction_fields()
    expected = payee.app or fields["app"]
    if app is not None and app != expected:
        raise WrongApp(app_id=expected)
    if row := _live(member, payee).first():
        return row
    try:
        with transaction.atomic():
            return PayoutAuthorization.objects.create(
                member=member, number=public_id(), merchant=fields["merchant"], app=expected,
                account_encrypted=payee.account_encrypted, asked_at=at,
                account_fingerprint=payee.account_fingerprint, display_name=member.public_id,
            )  # fmt: skip
    except IntegrityError as error:
        if violated_constraint(error) != "authorization_live_unique":
            raise
        raise AuthorizationElsewhere from None


def _send(
    row: PayoutAuthorization, calls: AuthorizationCalls, *, at: datetime
) -> PayoutAuthorization:
    # Before the call: after a crash, the count shows that it may have arrived.
    PayoutAuthorization.objects.filter(pk=row.pk).update(
        send_count=F("send_count") + 1, next_poll_at=at + timedelta(seconds=POLL_DELAYS[0])
    )
    request = AuthorizationRequest(
        number=row.number, app=row.app, account=encryption.decrypt(row.account_encrypted),
        display_name=row.display_name,
    )  # fmt: skip
    return _record(row, calls.request(request), at=at, answers_query=False)


def query(
    row: PayoutAuthorization, calls: AuthorizationCalls, *, at: datetime, with_package: bool = False
) -> PayoutAuthorization:
    """Query an authorization now, save what the answer proves, and return its row."""
    reply = calls.query(row.number, with_package=with_package)
    return _record(row, reply, at=at, answers_query=True)


@transaction.atomic
def _record(
    asked: PayoutAuthorization, reply: AuthorizationReply, *, at: datetime, answers_query: bool
) -> PayoutAuthorization:
    """Save what a reply proves; a closed authorization does not change any more."""
    cash = lock_cash_accounts(asked.member)
    rows = PayoutAuthorization.objects.select_for_update(no_key=True, of=("self",))
    row = rows.get(pk=asked.pk)
    if row.status == Status.CLOSED:
        return row
    row.poll_count += answers_query
    row.last_error = reply.code[:64]
    is_refused = reply.kind is ReplyKind.REFUSED and not answers_query and row.send_count == 1
    if is_refused:
        # A signed refusal of the only call under this number: nobody was asked.
        _close(row, cash, reply, reason=reply.code, at=at)
    elif reply.kind is ReplyKind.STATUS and not _matches(row, reply, answers_query):
        row.last_error = REPLY_MISMATCH
    elif answers_query and reply.state is AuthorizationState.CLOSED:
        _close(row, cash, reply, reason=reply.close_reason or "CLOSED", at=at)
    elif answers_query and reply.state is AuthorizationState.TAKING_EFFECT:
        _take_effect(row, reply, at=at)
    elif reply.state is AuthorizationState.WAIT_USER_CONFIRM:
        _await_confirmation(row, reply)
    row.next_poll_at = _next_poll(row, at)
    row.save(update_fields=PayoutAuthorization.MUTABLE_FIELDS)
    return row


def _matches(row: PayoutAuthorization, reply: AuthorizationReply, answers_query: bool) -> bool:
    """Return whether a reply is about this authorization; the answer to a request names less."""
    if not answers_query:
        return reply.number == row.number
    account = encryption.decrypt(row.account_encrypted)
    return (reply.number, reply.app, reply.account) == (row.number, row.app, account)


def _await_confirmation(row: PayoutAuthorization, reply: AuthorizationReply) -> None:
    if row.status == Status.TAKING_EFFECT:
        return  # an answer that was overtaken
    row.status = Status.WAIT_USER_CONFIRM
    row.package_info = reply.package_info or row.package_info


def _take_effect(row: PayoutAuthorization, reply: AuthorizationReply, *, at: datetime) -> None:
    if row.status == Status.TAKING_EFFECT:
        return
    if not (reply.authorization.isalnum() and reply.authorization.isascii()):
        row.last_error = REPLY_MISMATCH
        return
    row.status, row.authorized_at, row.package_info = Status.TAKING_EFFECT, at, ""
    row.authorization_encrypted = encryption.encrypt(reply.authorization)
    row.evidence = _save(reply, at)
    for payee in _payees(row):
        payee.authorization_encrypted = row.authorization_encrypted
        payee.save(update_fields=["authorization_encrypted"])
        record(WITHDRAWALS_AUTHORIZED, row.member, at=at, by=row.member, payee=payee.public_id)


def _close(
    row: PayoutAuthorization, cash: CashAccounts, reply: AuthorizationReply, *, reason: str,
    at: datetime,
) -> None:  # fmt: skip
    """Close it, and let the payouts that relied on it be collected by the member."""
    row.status, row.closed_at, row.close_reason = Status.CLOSED, at, reason[:64]
    row.package_info, row.evidence = "", _save(reply, at)
    if not row.authorized_at:
        return
    for payee in _payees(row):
        payee.authorization_encrypted = ""
        payee.save(update_fields=["authorization_encrypted"])
        record(
            WITHDRAWALS_AUTHORIZATION_CLOSED, row.member, at=at,
            payee=payee.public_id, reason=row.close_reason,
        )  # fmt: skip
        for withdrawal in payee.withdrawals.select_related("member").order_by("pk"):
            if _waits_for_authorization(withdrawal):
                lifecycle.mark_ready_to_collect(withdrawal, at=at)
                lifecycle.cancel_if_in_debt(withdrawal, cash, at=at)


def _waits_for_authorization(withdrawal: Withdrawal) -> bool:
    """Return whether it would have been paid without the member, and is proven unpaid."""
    if withdrawal.status == Withdrawal.Status.FINANCE_APPROVED:
        return gateway().confirmed_by_member
    if withdrawal.status != Withdrawal.Status.PAYING or withdrawal.attempts.live().exists():
        return False
    last = withdrawal.attempts.order_by("-pk").first()
    return last is not None and last.fail_reason == NO_AUTH


def _payees(row: PayoutAuthorization) -> PayeeQuerySet:
    """Return the current payee of the member with this account: at most one."""
    return Payee.objects.current(survivor_of(row.member)).filter(
        account_fingerprint=row.account_fingerprint
    )


def _save(reply: AuthorizationReply, at: datetime) -> Evidence:
    return save_evidence(Evidence.Kind.REPLY, json.dumps(dict(reply.raw), default=str), at=at)


def _next_poll(row: PayoutAuthorization, at: datetime) -> datetime | None:
    if row.status == Status.CLOSED:
        return None
    if row.status == Status.TAKING_EFFECT:
        return at + CHECKED_EACH
    if row.status == Status.ASKED and at >= row.asked_at + VISIBLE_AFTER:
        return None  # WeChat Pay does not know it: the member's next request sends it again
    return at + timedelta(seconds=POLL_DELAYS[min(row.poll_count, len(POLL_DELAYS) - 1)])
