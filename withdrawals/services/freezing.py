"""An attempt is stored, with all that is ever sent under its number, before anything is sent."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from django.conf import settings
from django.db import transaction

from common import sealing, status
from events.services import happened
from members.models import User
from withdrawals.gateways import gateway
from withdrawals.gateways.base import Bill, Gateway
from withdrawals.gateways.manual import BY_HAND
from withdrawals.models import Attempt, Person, Withdrawal
from withdrawals.services import channels, standing, taxing
from withdrawals.services.locking import lock_cash
from withdrawals.services.prints import account_print
from withdrawals.services.quoting import price_of
from withdrawals.services.sending_back import send_back

Status = Withdrawal.Status


@transaction.atomic
def begin(*, withdrawal: Withdrawal, at: datetime, by: User | None = None) -> Attempt | None:
    """Store the attempt to pay an approved withdrawal, and reserve its tax. Nothing is sent yet.

    :param by: who begins it; of a payment by hand, who pays it

    :returns: ``None`` if payee, name, amounts or tax have changed since it was approved: it is
        reviewed anew
    :raises Blocked: the member owes money, is frozen …
    :raises ChannelPaused: nothing may be sent now
    :raises WrongStatus: it is not approved, or being paid already
    """
    lock_cash(withdrawal.member)
    withdrawal.refresh_from_db()
    standing.check(withdrawal)
    way = gateway()
    channels.check_open(way.name)
    taxing.lock_year(withdrawal.member, at)
    now = price_of(withdrawal, at=at)
    if now.content != withdrawal.content:
        send_back(withdrawal, at=at, why="changed")
        return None
    before = status.move(withdrawal, to=Status.PAYING)
    attempt = _attempt(withdrawal, way, by, at)
    assert now.income, "a withdrawal is of more than nothing"
    taxing.reserve(attempt, now.income, now.tax, at=at)
    happened(
        "withdrawals.paying", withdrawal, at=at, by=by,
        before={"status": before}, after={"status": withdrawal.status},
        number=attempt.out_bill_no, gateway=way.name,
    )  # fmt: skip
    return attempt


def bill_of(attempt: Attempt) -> Bill:
    """The bill as it was frozen; the same each time."""
    text = sealing.unseal(attempt.bill_sealed)
    if hashlib.sha256(text.encode()).hexdigest() != attempt.bill_sha256:
        raise RuntimeError(f"the bill {attempt.out_bill_no} is not what was frozen")
    return Bill(**json.loads(text))


def _attempt(withdrawal: Withdrawal, way: Gateway, by: User | None, at: datetime) -> Attempt:
    person = Person.objects.get(member=withdrawal.member)
    number = withdrawal.attempts.count() + 1
    payee = withdrawal.payee
    account, name = sealing.unseal(payee.account_sealed), sealing.unseal(person.name_sealed)
    if (account_print(payee.channel, account), sealing.fingerprint(name)) != (
        payee.account_print, person.name_print,
    ):  # fmt: skip
        raise RuntimeError(f"what is sealed for {withdrawal} is not what was approved")
    bill = Bill(
        out_bill_no=f"{withdrawal.public_id}x{number}",
        amount=withdrawal.net,
        account=account,
        name=name,
        remark=settings.PAYOUT_REMARK,
        authorization=(
            "" if way.confirmed_by_member else sealing.unseal_if_any(payee.authorization_sealed)
        ),
        **way.terms(),
    )
    text = json.dumps(bill.content(), ensure_ascii=False, sort_keys=True)
    return Attempt.objects.create(
        withdrawal=withdrawal,
        out_bill_no=bill.out_bill_no,
        gateway=way.name,
        taken_by=by if way.name == BY_HAND else None,
        amount=bill.amount,
        bill_sealed=sealing.seal(text),
        bill_sha256=hashlib.sha256(text.encode()).hexdigest(),
        created_at=at,
        next_at=at,
    )
