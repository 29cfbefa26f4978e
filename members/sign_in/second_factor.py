"""The second factor: codes of an app (TOTP), and recovery codes for a lost device."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from common.errors import PermissionMissing, TwotierError
from common.requirements import require_reason
from events.services import record
from members.events import (
    MEMBERS_SECOND_FACTOR_ADDED,
    MEMBERS_SECOND_FACTOR_CODES_RENEWED,
    MEMBERS_SECOND_FACTOR_RECOVERED,
    MEMBERS_SECOND_FACTOR_REMOVED,
    MEMBERS_SECOND_FACTOR_REPLACED,
)
from members.models import User
from members.reviews import restart_review_wait

RECOVERY_CODES = 10
DIGITS = 6


class NoSecondFactor(TwotierError):
    code = "no_second_factor"
    message = _("This user has no second factor. Nothing was changed.")


class WrongCode(TwotierError):
    code = "wrong_code"
    message = _(
        "This code is not valid now. Wait a moment, then enter the next one. Nothing was changed."
    )
    status = 400


def has_second_factor(user: User) -> bool:
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def unconfirmed_device(user: User) -> TOTPDevice:
    """Return the device that the user is setting up; create it if there is none."""
    device: TOTPDevice = TOTPDevice.objects.get_or_create(
        user=user, confirmed=False, defaults={"name": "TOTP"}
    )[0]
    return device


@transaction.atomic
def verify_code(*, user: User, code: str) -> Device | None:
    """Return the device to which this code belongs; a wrong code delays the next attempt."""
    kind = TOTPDevice if len(code) == DIGITS else StaticDevice
    # The lock: two requests at the same time may not use one code twice.
    devices = kind.objects.select_for_update(no_key=True).filter(user=user, confirmed=True)
    return next((device for device in devices.order_by("pk") if device.verify_token(code)), None)


@transaction.atomic
def add_second_factor(
    *, user: User, code: str, at: datetime
) -> tuple[TOTPDevice | None, list[str]]:
    """Confirm the user's device with its first code.

    :returns: the device and new recovery codes, which are shown once; no device: the code was wrong
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    if has_second_factor(user) or device is None or not device.verify_token(code):
        return None, []
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    codes = _new_recovery_codes(user)
    record(MEMBERS_SECOND_FACTOR_ADDED, user, at=at, by=user)
    return device, codes


def _new_recovery_codes(user: User) -> list[str]:
    """Store new codes in place of the old ones."""
    StaticDevice.objects.filter(user=user).delete()
    recovery = StaticDevice.objects.create(user=user, name="recovery codes")
    codes = [StaticToken.random_token() for _n in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=recovery, token=each) for each in codes)
    return codes


def recovery_codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


@transaction.atomic
def record_recovery(*, user: User, at: datetime) -> int:
    """Record that a user signed in with a recovery code; return how many are left."""
    left = recovery_codes_left(user)
    record(MEMBERS_SECOND_FACTOR_RECOVERED, user, at=at, by=user, left=left)
    return left


def renew_recovery_codes(*, user: User, code: str, at: datetime) -> list[str]:
    """Make new recovery codes, which are shown once; the old ones no longer work.

    :param code: of the user's device, or one of the old recovery codes
    :raises WrongCode: it is not valid now; the next attempt is delayed
    """
    require_code(user=user, code=code)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        codes = _new_recovery_codes(user)
        record(MEMBERS_SECOND_FACTOR_CODES_RENEWED, user, at=at, by=user)
    return codes


def require_code(*, user: User, code: str) -> None:
    """Check a code of the user's device, or a recovery code.

    :raises WrongCode: it is not valid now; the next attempt is delayed
    """
    # Not in one transaction with the refusal, which would undo the delay.
    if verify_code(user=user, code=code) is None:
        raise WrongCode


@transaction.atomic
def start_replacement(*, user: User) -> TOTPDevice:
    """Return a new device with a secret of its own; until it is confirmed the old one counts."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    return unconfirmed_device(user)


def replace_second_factor(*, user: User, code: str, at: datetime) -> TOTPDevice:
    """Confirm the new device with its first code; the old one no longer works.

    The caller has checked a code of the old device. Recovery codes stay.

    :raises WrongCode: it is no code of the new device; the old one stays
    """
    device = _confirm_replacement(user, code, at)
    if device is None:
        raise WrongCode
    return device


@transaction.atomic
def _confirm_replacement(user: User, code: str, at: datetime) -> TOTPDevice | None:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    device: TOTPDevice | None = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    if device is None or not device.verify_token(code):
        return None
    TOTPDevice.objects.filter(user=user, confirmed=True).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    record(MEMBERS_SECOND_FACTOR_REPLACED, user, at=at, by=user)
    return device


@transaction.atomic
def remove_second_factor(*, user: User, by: User | None, at: datetime, reason: str = "") -> None:
    """Remove the devices and recovery codes of a user, who sets up new ones at the next page.

    The user's wait for reviews starts again.

    :param by: another superuser, who gives a reason; None: the server's command
    :raises PermissionMissing: ``by`` is not a superuser, or removes their own
    :raises ReasonRequired: ``by`` gives none
    :raises NoSecondFactor: there is nothing to remove
    """
    if by and (not by.is_superuser or by.pk == user.pk):
        raise PermissionMissing
    reason = require_reason(reason) if by else ""
    removed, _rows = TOTPDevice.objects.filter(user=user).delete()
    if not removed:
        raise NoSecondFactor
    StaticDevice.objects.filter(user=user).delete()
    restart_review_wait(user, at=at)
    record(MEMBERS_SECOND_FACTOR_REMOVED, user, at=at, by=by, reason=reason or None)
