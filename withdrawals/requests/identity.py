"""Save and unmask the real identity and the payee of a member; both are encrypted."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from common import encryption
from common.errors import PermissionMissing
from common.requirements import MAX_REASON_LENGTH
from events.services import record
from members.models import Identity, Member, User
from members.persons import survivor_of
from withdrawals.cash_accounts import lock_cash_accounts
from withdrawals.errors import (
    InvalidAuthorization,
    InvalidIdNumber,
    InvalidPayee,
    InvalidRealName,
    PayeeMissing,
)
from withdrawals.events import (
    WITHDRAWALS_AUTHORIZED,
    WITHDRAWALS_IDENTIFIED,
    WITHDRAWALS_PAYEE_SET,
    WITHDRAWALS_UNMASKED,
)
from withdrawals.gateways import STORE_CREDIT
from withdrawals.models import Payee, PayoutAuthorization, Person, Withdrawal
from withdrawals.requests.fingerprints import account_fingerprint, normalize_account
from withdrawals.requests.review import restart_review

MAX_NAME_LENGTH = 40
MAX_ACCOUNT_LENGTH = 128
ID_NUMBER_LENGTH = 18
ID_NUMBER_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_NUMBER_CHECKS = "10X98765432"


@transaction.atomic
def identify(*, member: Member, name: str, id_number: str = "", at: datetime) -> Person:
    """Save the member's real name and ID number; a changed name restarts open reviews.

    :param id_number: of a resident identity card (GB 11643); empty leaves the saved number
    :raises InvalidRealName: the name is empty or too long
    :raises InvalidIdNumber: the check digit does not match
    """
    name, id_number = " ".join(name.split()), id_number.strip().upper()
    if not 0 < len(name) <= MAX_NAME_LENGTH:
        raise InvalidRealName
    if id_number and not is_id_number(id_number):
        raise InvalidIdNumber
    lock_cash_accounts(member)
    member = survivor_of(member)
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
        _restart_reviews(member, Withdrawal.objects.all(), at=at)
    return person


@transaction.atomic
def set_payee(
    *, member: Member, channel: str, account: str, bank: str = "", app: str = "", at: datetime
) -> Payee:
    """Set the member's payee. Reviews of open withdrawals start again with the new payee.

    :param app: of a WeChat account, if it is not that of the mini-program

    :raises InvalidPayee: channel, account or bank is missing or not valid
    """
    bank = bank.strip()
    if channel not in Payee.Channel or channel == STORE_CREDIT:
        raise InvalidPayee(field="channel")
    account = normalize_account(channel, account)
    if not 0 < len(account) <= MAX_ACCOUNT_LENGTH or not account.isprintable():
        raise InvalidPayee(field="account")
    if bool(bank) != (channel == Payee.Channel.BANK):
        raise InvalidPayee(field="bank")
    lock_cash_accounts(member)
    member = survivor_of(member)
    fingerprint = account_fingerprint(channel, account)
    before = Payee.objects.current(member).first()
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
        app=app,
        authorization_encrypted=_authorization_in_effect(member, fingerprint),
        since=at,
    )
    record(
        WITHDRAWALS_PAYEE_SET, member, at=at, by=member,
        payee=payee.public_id, channel=channel, account=payee.account_mask,
    )  # fmt: skip
    open_withdrawals = Withdrawal.objects.exclude(payee__channel=STORE_CREDIT)
    _restart_reviews(member, open_withdrawals, at=at)
    return payee


def set_own_payee(
    *, member: Member, channel: str, account: str = "", bank: str = "", app: str = "", at: datetime
) -> Payee:
    """Set the payee that a member names; a WeChat account is always the one they signed in with.

    :param app: the id of the app of the session: that of the official account pays to the account
        that the member has there, any other one to that of the mini-program

    :raises InvalidPayee: as for ``set_payee``; or a WeChat account is named, or there is none
    """
    if channel == Payee.Channel.WECHAT:
        if account:
            raise InvalidPayee(field="account")
        app = app if app == settings.WECHAT_OFFICIAL_APP else ""
        account = _openid_of(member, official=bool(app))
    else:
        app = ""
    return set_payee(member=member, channel=channel, account=account, bank=bank, app=app, at=at)


def _openid_of(member: Member, *, official: bool) -> str:
    persons = Member.objects.of_person(member.pk).values("pk")
    provider = Identity.Provider.WECHAT_OFFICIAL if official else Identity.Provider.WECHAT_MINI
    openids = Identity.objects.filter(member__in=persons, provider=provider)
    # The latest: an older one may belong to a member merged into this one.
    return openids.order_by("-pk").values_list("external_id", flat=True).first() or ""


@transaction.atomic
def authorize(*, member: Member, authorization: str, at: datetime) -> Payee:
    """Save the member's authorization of payments without confirmation, for the current payee.

    :param authorization: the provider's id of the authorization
    :raises InvalidAuthorization: the id is not alphanumeric
    :raises PayeeMissing: the member has no WeChat payee
    """
    authorization = authorization.strip()
    if not authorization.isalnum() or not authorization.isascii():
        raise InvalidAuthorization
    lock_cash_accounts(member)
    member = survivor_of(member)
    payee = Payee.objects.current(member).first()
    if payee is None or payee.channel != Payee.Channel.WECHAT:
        raise PayeeMissing
    payee.authorization_encrypted = encryption.encrypt(authorization)
    payee.save(update_fields=["authorization_encrypted"])
    record(WITHDRAWALS_AUTHORIZED, member, at=at, by=member, payee=payee.public_id)
    return payee


@transaction.atomic
def unmask(*, member: Member, by: User, at: datetime, reason: str) -> dict[str, str]:
    """Return the decrypted real name, ID number and account of a member, and record the access.

    :raises PermissionMissing: the permission or the reason is missing
    """
    if not by.has_perm("withdrawals.unmask_person") or not reason.strip():
        raise PermissionMissing
    member = survivor_of(member)
    person = Person.objects.filter(member=member).first()
    payee = Payee.objects.current(member).first()
    encrypted = {
        "name": person.name_encrypted if person else "",
        "id_number": person.id_number_encrypted if person else "",
        "account": payee.account_encrypted if payee else "",
    }
    record(WITHDRAWALS_UNMASKED, member, at=at, by=by, reason=reason.strip()[:MAX_REASON_LENGTH])
    return {field: encryption.decrypt_or_blank(token) for field, token in encrypted.items()}


@transaction.atomic
def unmask_payee(*, withdrawal: Withdrawal, by: User, at: datetime, reason: str) -> dict[str, str]:
    """Return the decrypted real name, and the account that this withdrawal is paid to.

    The access is recorded with the withdrawal's id beside the reason.

    :raises PermissionMissing: the permission or the reason is missing
    """
    if not by.has_perm("withdrawals.unmask_person") or not reason.strip():
        raise PermissionMissing
    member = survivor_of(withdrawal.member)
    person = Person.objects.filter(member=member).first()
    about = f" ({withdrawal.public_id})"
    record(
        WITHDRAWALS_UNMASKED, member, at=at, by=by,
        reason=reason.strip()[: MAX_REASON_LENGTH - len(about)] + about,
    )  # fmt: skip
    return {
        "name": encryption.decrypt_or_blank(person.name_encrypted) if person else "",
        "account": encryption.decrypt_or_blank(withdrawal.payee.account_encrypted),
    }


def is_id_number(number: str) -> bool:
    """Return whether the last digit of a resident identity card's number (居民身份证) is right.

    GB 11643-1999, ISO 7064 MOD 11-2.
    """
    if len(number) != ID_NUMBER_LENGTH or not number.isascii() or not number[:-1].isdigit():
        return False
    digits = map(int, number[:-1])
    total = sum(digit * weight for digit, weight in zip(digits, ID_NUMBER_WEIGHTS, strict=True))
    return number[-1] == ID_NUMBER_CHECKS[total % 11]


def _authorization_in_effect(member: Member, fingerprint: str) -> str:
    """Return the encrypted authorization of an account that the member was paid to before."""
    rows = PayoutAuthorization.objects.filter(
        member__in=Member.objects.of_person(member.pk).values("pk"),
        account_fingerprint=fingerprint,
        status=PayoutAuthorization.Status.TAKING_EFFECT,
    )
    return rows.values_list("authorization_encrypted", flat=True).first() or ""


def _restart_reviews(member: Member, withdrawals: QuerySet[Withdrawal], *, at: datetime) -> None:
    for withdrawal in withdrawals.filter(member=member, status__in=Withdrawal.BEFORE_PAYING):
        restart_review(withdrawal, at=at, reason="payee")
