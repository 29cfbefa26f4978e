"""Who is paid, and where to: told by members, kept sealed, opened on record."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from common import sealing
from events.services import happened
from members.models import Member, User
from withdrawals.models import Payee, Person, Withdrawal
from withdrawals.rules import is_id_number
from withdrawals.services.locking import lock_cash
from withdrawals.services.prints import account_print, written_plainly
from withdrawals.services.refusals import NotAllowed, NotAnAccount
from withdrawals.services.sending_back import send_back

LONGEST_NAME = 40
LONGEST_ACCOUNT = 128


@transaction.atomic
def identify(*, member: Member, name: str, id_number: str = "", at: datetime) -> Person:
    """Keep the member's real name and ID number; a changed name is approved anew.

    :param id_number: of a resident's identity card (GB 11643: the last digit checks the others);
        empty keeps the one that is known
    :raises NotAnAccount: the name is empty, or the number cannot be right
    """
    name, id_number = " ".join(name.split()), id_number.strip().upper()
    if not 0 < len(name) <= LONGEST_NAME:
        raise NotAnAccount(what="name")
    if id_number and not is_id_number(id_number):
        raise NotAnAccount(what="id_number")
    lock_cash(member)
    before = Person.objects.filter(member=member).first()
    person = before or Person(member=member)
    renamed = person.name_print != sealing.fingerprint(name)
    if not renamed and (not id_number or person.id_number_print == sealing.fingerprint(id_number)):
        return person
    person.name_sealed, person.name_mask = sealing.seal(name), sealing.masked_name(name)
    person.name_print, person.changed_at = sealing.fingerprint(name), at
    if id_number:
        person.id_number_sealed = sealing.seal(id_number)
        person.id_number_mask = sealing.masked_number(id_number)
        person.id_number_print = sealing.fingerprint(id_number)
    person.save()
    happened(
        "withdrawals.identified", member, at=at, by=member,
        real_name=person.name_mask, id_number=person.id_number_mask,
    )  # fmt: skip
    if renamed:
        _approve_anew(member, at=at)
    return person


@transaction.atomic
def set_payee(*, member: Member, channel: str, account: str, bank: str = "", at: datetime) -> Payee:
    """Pay the member there from now on. What is open and not being paid goes there too, once it is
    approved anew.

    :raises NotAnAccount: no such channel, or an account that cannot be one
    """
    bank = bank.strip()
    if channel not in Payee.Channel:
        raise NotAnAccount(what="channel")
    account = written_plainly(channel, account)
    if not 0 < len(account) <= LONGEST_ACCOUNT or not account.isprintable():
        raise NotAnAccount(what="account")
    if bool(bank) != (channel == Payee.Channel.BANK):
        raise NotAnAccount(what="bank")
    lock_cash(member)
    print_ = account_print(channel, account)
    before = Payee.objects.filter(member=member, retired_at=None).first()
    if before and (before.account_print, before.bank) == (print_, bank):
        return before
    if before:
        Payee.objects.filter(pk=before.pk).update(retired_at=at)
    payee = Payee.objects.create(
        member=member,
        channel=channel,
        account_sealed=sealing.seal(account),
        account_mask=sealing.masked_number(account),
        account_print=print_,
        bank=bank,
        since=at,
    )
    happened(
        "withdrawals.payee_set", member, at=at, by=member,
        payee=payee.public_id, channel=channel, account=payee.account_mask,
    )  # fmt: skip
    _approve_anew(member, at=at)
    return payee


@transaction.atomic
def authorize(*, member: Member, authorization: str, at: datetime) -> Payee:
    """The member lets WeChat Pay take payments in without confirming each; it counts for the
    account that they have now.

    :param authorization: the provider's id of it
    :raises NotAnAccount: they have said no account yet, or the id cannot be one
    """
    authorization = authorization.strip()
    if not authorization.isalnum() or not authorization.isascii():
        raise NotAnAccount(what="authorization")
    lock_cash(member)
    payee = Payee.objects.filter(member=member, retired_at=None).first()
    if payee is None or payee.channel != Payee.Channel.WECHAT:
        raise NotAnAccount(what="account")
    payee.authorization_sealed = sealing.seal(authorization)
    payee.save(update_fields=["authorization_sealed"])
    happened("withdrawals.authorized", member, at=at, by=member, payee=payee.public_id)
    return payee


@transaction.atomic
def unmask(*, member: Member, by: User, at: datetime, reason: str) -> dict[str, str]:
    """The real name, ID number and account of a member, for somebody who needs them; on record.

    :raises NotAllowed: they have no right to see them, or give no reason
    """
    if not by.has_perm("withdrawals.unmask_person") or not reason.strip():
        raise NotAllowed
    person = Person.objects.filter(member=member).first()
    payee = Payee.objects.filter(member=member, retired_at=None).first()
    sealed = {
        "name": person.name_sealed if person else "",
        "id_number": person.id_number_sealed if person else "",
        "account": payee.account_sealed if payee else "",
    }
    happened("withdrawals.unmasked", member, at=at, by=by, reason=reason.strip()[:200])
    return {what: sealing.unseal_if_any(token) for what, token in sealed.items()}


def _approve_anew(member: Member, *, at: datetime) -> None:
    for withdrawal in Withdrawal.objects.filter(member=member, status__in=Withdrawal.BEFORE_PAYING):
        send_back(withdrawal, at=at, why="payee")
