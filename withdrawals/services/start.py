"""An attempt is stored, with all that is ever sent under its number, before anything is sent."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from django.conf import settings
from django.db import transaction

from common import encryption, status
from events.services import record
from members.models import User
from withdrawals.events import WITHDRAWALS_PAYING
from withdrawals.gateways import gateway
from withdrawals.gateways.base import Gateway, PayoutInstruction
from withdrawals.gateways.manual import MANUAL
from withdrawals.models import Attempt, Person, Withdrawal
from withdrawals.services import channels, eligibility, withholding
from withdrawals.services.cash_accounts import lock_cash_accounts
from withdrawals.services.fingerprints import account_fingerprint
from withdrawals.services.quote import current_price
from withdrawals.services.restart_review import restart_review

Status = Withdrawal.Status


@transaction.atomic
def start_payout(*, withdrawal: Withdrawal, at: datetime, by: User | None = None) -> Attempt | None:
    """Store the attempt to pay an approved withdrawal, and reserve its tax. Nothing is sent yet.

    :param by: who begins it; of a payment by hand, who pays it

    :returns: ``None`` if payee, name, amounts or tax have changed since it was approved: it is
        reviewed anew
    :raises Blocked: the member owes money, is frozen …
    :raises ChannelPaused: nothing may be sent now
    :raises WrongStatus: it is not approved, or being paid already
    """
    lock_cash_accounts(withdrawal.member)
    withdrawal.refresh_from_db()
    eligibility.require_unblocked(withdrawal)
    way = gateway()
    channels.check_open(way.name)
    withholding.lock_year(withdrawal.member, at)
    now = current_price(withdrawal, at=at)
    if now.content_hash != withdrawal.content_hash:
        restart_review(withdrawal, at=at, reason="changed")
        return None
    before = status.move(withdrawal, to=Status.PAYING)
    attempt = _attempt(withdrawal, way, by, at)
    assert now.income, "a withdrawal is of more than nothing"
    withholding.reserve(attempt, now.income, now.tax, at=at)
    record(
        WITHDRAWALS_PAYING, withdrawal, at=at, by=by,
        before={"status": before}, after={"status": withdrawal.status},
        number=attempt.out_bill_no, gateway=way.name,
    )  # fmt: skip
    return attempt


def load_instruction(attempt: Attempt) -> PayoutInstruction:
    """The bill as it was frozen; the same each time."""
    text = encryption.decrypt(attempt.instruction_encrypted)
    if hashlib.sha256(text.encode()).hexdigest() != attempt.instruction_sha256:
        raise RuntimeError(f"the bill {attempt.out_bill_no} is not what was frozen")
    return PayoutInstruction(**json.loads(text))


def _attempt(withdrawal: Withdrawal, way: Gateway, by: User | None, at: datetime) -> Attempt:
    person = Person.objects.get(member=withdrawal.member)
    number = withdrawal.attempts.count() + 1
    payee = withdrawal.payee
    account, name = (
        encryption.decrypt(payee.account_encrypted),
        encryption.decrypt(person.name_encrypted),
    )
    if (account_fingerprint(payee.channel, account), encryption.fingerprint(name)) != (
        payee.account_fingerprint, person.name_fingerprint,
    ):  # fmt: skip
        raise RuntimeError(f"what is sealed for {withdrawal} is not what was approved")
    instruction = PayoutInstruction(
        out_bill_no=f"{withdrawal.public_id}x{number}",
        amount=withdrawal.net,
        account=account,
        name=name,
        remark=settings.PAYOUT_REMARK,
        authorization=(
            ""
            if way.confirmed_by_member
            else encryption.decrypt_or_blank(payee.authorization_encrypted)
        ),
        **way.instruction_fields(),
    )
    text = json.dumps(instruction.as_dict(), ensure_ascii=False, sort_keys=True)
    return Attempt.objects.create(
        withdrawal=withdrawal,
        out_bill_no=instruction.out_bill_no,
        gateway=way.name,
        claimed_by=by if way.name == MANUAL else None,
        amount=instruction.amount,
        instruction_encrypted=encryption.encrypt(text),
        instruction_sha256=hashlib.sha256(text.encode()).hexdigest(),
        created_at=at,
        next_run_at=at,
    )
