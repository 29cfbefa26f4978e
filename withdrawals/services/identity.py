"""Who is paid, and where to: told by members, kept sealed, opened on record."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from common import encryption
from events.services import record
from members.models import Member, User
from withdrawals.events import (
    WITHDRAWALS_AUTHORIZED,
    WITHDRAWALS_IDENTIFIED,
    WITHDRAWALS_PAYEE_SET,
    WITHDRAWALS_UNMASKED,
)
from withdrawals.models import Payee, Person, Withdrawal
from withdrawals.rules import is_id_number
from withdrawals.services.cash_accounts import lock_cash_accounts
from withdrawals.services.errors import NotAllowed, NotAnAccount
from withdrawals.services.fingerprints import account_fingerprint, normalize_account
from withdrawals.services.restart_review import restart_review

MAX_NAME_LENGTH = 40
MAX_ACCOUNT_LENGTH = 128


@transaction.atomic
def identify(*, member: Member, name: str, id_number: str = "", at: datetime) -> Person:
    """Keep the member's real name and ID number; a changed name is approved anew.

    :param id_number: of a resident's identity card (GB 11643: the last digit checks the others);
        empty keeps the one that is known
    :raises NotAnAccount: the name is empty, or the number cannot be right
    """
    name, id_number = " ".join(name.split()), id_number.strip().upper()
    if not 0 < len(name) <= MAX_NAME_LENGTH:
        raise NotAnAccount(what="name")
    if id_number and not is_id_number(id_number):
        raise NotAnAccount(what="id_number")
    lock_cash_accounts(member)
    before = Person.objects.filter(member=member).first()
    person = before or Person(member=member)
    renamed = person.name_fingerprint != encryption.fingerprint(name)
    if not renamed and (
        not id_number or person.id_number_fingerprint == encryption.fingerprint(id_number)
    ):
        return person
    person.name_encrypted, person.name_mask = encryption.encrypt(name), encryption.masked_name(name)
    person.name_fingerprint, person.changed_at = encryption.fingerprint(name), at
    if id_number:
        person.id_number_encrypted = encryption.encrypt(id_number)
        person.id_number_mask = encryption.masked_number(id_number)
        person.id_number_fingerprint = encryption.fingerprint(id_number)
    person.save()
    record(
        WITHDRAWALS_IDENTIFIED, member, at=at, by=member,
        real_name=person.name_mask, id_number=person.id_number_mask,
    )  # fmt: skip
    if renamed:
        _restart_reviews(member, at=at)
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
    account = normalize_account(channel, account)
    if not 0 < len(account) <= MAX_ACCOUNT_LENGTH or not account.isprintable():
        raise NotAnAccount(what="account")
    if bool(bank) != (channel == Payee.Channel.BANK):
        raise NotAnAccount(what="bank")
    lock_cash_accounts(member)
    fingerprint = account_fingerprint(channel, account)
    before = Payee.objects.filter(member=member, retired_at=None).first()
    if before and (before.account_fingerprint, before.bank) == (fingerprint, bank):
        return before
    if before:
        Payee.objects.filter(pk=before.pk).update(retired_at=at)
    payee = Payee.objects.create(
        member=member,
        channel=channel,
        account_encrypted=encryption.encrypt(account),
        account_mask=encryption.masked_number(account),
        account_fingerprint=fingerprint,
        bank=bank,
        since=at,
    )
    record(
        WITHDRAWALS_PAYEE_SET, member, at=at, by=member,
        payee=payee.public_id, channel=channel, account=payee.account_mask,
    )  # fmt: skip
    _restart_reviews(member, at=at)
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
    lock_cash_accounts(member)
    payee = Payee.objects.filter(member=member, retired_at=None).first()
    if payee is None or payee.channel != Payee.Channel.WECHAT:
        raise NotAnAccount(what="account")
    payee.authorization_encrypted = encryption.encrypt(authorization)
    payee.save(update_fields=["authorization_encrypted"])
    record(WITHDRAWALS_AUTHORIZED, member, at=at, by=member, payee=payee.public_id)
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
        "name": person.name_encrypted if person else "",
        "id_number": person.id_number_encrypted if person else "",
        "account": payee.account_encrypted if payee else "",
    }
    record(WITHDRAWALS_UNMASKED, member, at=at, by=by, reason=reason.strip()[:200])
    return {what: encryption.decrypt_or_blank(token) for what, token in sealed.items()}


def _restart_reviews(member: Member, *, at: datetime) -> None:
    for withdrawal in Withdrawal.objects.filter(member=member, status__in=Withdrawal.BEFORE_PAYING):
        restart_review(withdrawal, at=at, reason="payee")
