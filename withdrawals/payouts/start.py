"""Store an attempt with its complete payout instruction before anything is sent."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from django.conf import settings
from django.db import transaction

from common import encryption
from members.models import User
from withdrawals import eligibility, lifecycle
from withdrawals.cash_accounts import lock_for_payout
from withdrawals.gateways import gateway_for
from withdrawals.gateways.base import Gateway, PayoutInstruction
from withdrawals.gateways.ledger import LEDGER
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt, Evidence, Person, Withdrawal
from withdrawals.payouts import channels
from withdrawals.payouts.evidence import save_evidence
from withdrawals.requests.fingerprints import account_fingerprint
from withdrawals.requests.quote import current_price
from withdrawals.requests.review import restart_review
from withdrawals.tax import withholding


@transaction.atomic
def start_payout(*, withdrawal: Withdrawal, at: datetime, by: User | None = None) -> Attempt | None:
    """Store the attempt to pay an approved withdrawal, and reserve its tax. Nothing is sent yet.

    A withdrawal into store credit is paid here, by the ledger.

    :param by: the person who starts it; for a manual payment, the person who pays
    :returns: ``None`` if payee, name, amounts or tax have changed since the approval: the review
        starts again
    :raises Blocked: the member owes money, is frozen …
    :raises ChannelPaused: the channel is paused
    :raises WrongStatus: the withdrawal is not approved, or a payment has started already
    """
    cash = lock_for_payout(withdrawal)
    eligibility.require_unblocked(withdrawal)
    channel = gateway_for(withdrawal.payee.channel)
    channels.require_open(channel.name)
    withholding.lock_year(withdrawal.member, at)
    price = current_price(withdrawal, at=at)
    if price.content_hash != withdrawal.content_hash:
        restart_review(withdrawal, at=at, reason="changed")
        return None
    number = f"{withdrawal.public_id}x{withdrawal.attempts.count() + 1}"
    lifecycle.start_paying(withdrawal, number=number, gateway=channel.name, by=by, at=at)
    attempt = _new_attempt(withdrawal, number, channel, by, at)
    if channel.name == LEDGER:
        _end_at_once(attempt, at=at)
    attempt.save(force_insert=True)
    assert price.income, "the amount of a withdrawal is positive"
    withholding.reserve(attempt, price.income, price.tax, at=at)
    if channel.name == LEDGER:
        lifecycle.mark_converted(withdrawal, cash, at=at)
    return attempt


@transaction.atomic
def restart_if_changed(*, withdrawal: Withdrawal, at: datetime) -> bool:
    """Restart the review of an approved withdrawal whose payee, amounts or tax have changed.

    :returns: whether they have
    """
    lock_for_payout(withdrawal)
    if withdrawal.status not in Withdrawal.BEFORE_PAYING:
        return False
    withholding.lock_year(withdrawal.member, at)
    if current_price(withdrawal, at=at).content_hash == withdrawal.content_hash:
        return False
    restart_review(withdrawal, at=at, reason="changed")
    return True


def load_instruction(attempt: Attempt) -> PayoutInstruction:
    """Decrypt the immutable instruction of an attempt and check its hash."""
    text = encryption.decrypt(attempt.instruction_encrypted)
    if hashlib.sha256(text.encode()).hexdigest() != attempt.instruction_sha256:
        raise RuntimeError(f"the instruction of {attempt.out_bill_no} does not match its hash")
    return PayoutInstruction(**json.loads(text))


def _new_attempt(
    withdrawal: Withdrawal, number: str, channel: Gateway, by: User | None, at: datetime
) -> Attempt:
    person = Person.objects.get(member=withdrawal.member)
    payee = withdrawal.payee
    account = encryption.decrypt(payee.account_encrypted)
    name = encryption.decrypt(person.name_encrypted)
    if (account_fingerprint(payee.channel, account), encryption.fingerprint(name)) != (
        payee.account_fingerprint, person.name_fingerprint,
    ):  # fmt: skip
        raise RuntimeError(f"payee or name of {withdrawal} does not match what was approved")
    fields = {**channel.instruction_fields()} | ({"app": payee.app} if payee.app else {})
    instruction = PayoutInstruction(
        out_bill_no=number,
        amount=withdrawal.net,
        account=account,
        name=name,
        remark=settings.PAYOUT_REMARK,
        authorization=encryption.decrypt_or_blank(payee.authorization_encrypted),
        **fields,
    )
    text = json.dumps(instruction.as_dict(), ensure_ascii=False, sort_keys=True)
    return Attempt(
        withdrawal=withdrawal,
        out_bill_no=instruction.out_bill_no,
        gateway=channel.name,
        claimed_by=by if channel.name == MANUAL else None,
        amount=instruction.amount,
        instruction_encrypted=encryption.encrypt(text),
        instruction_sha256=hashlib.sha256(text.encode()).hexdigest(),
        created_at=at,
        next_run_at=at,
    )


def _end_at_once(attempt: Attempt, *, at: datetime) -> None:
    """End an attempt before it is saved: its proof are the transfers of the same transaction."""
    text = f"paid by the ledger: withdrawal:{attempt.withdrawal.public_id}:issued"
    attempt.evidence = save_evidence(Evidence.Kind.VOUCHER, text, at=at)
    attempt.state, attempt.ended_at, attempt.next_run_at = Attempt.State.SUCCESS, at, None
