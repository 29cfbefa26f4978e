"""The second factor: codes of an app (TOTP), and recovery codes for a lost device."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from common.errors import PermissionMissing, TwotierError
from events.services import record
from members.events import MEMBERS_SECOND_FACTOR_ADDED, MEMBERS_SECOND_FACTOR_REMOVED
from members.models import User
from members.reviews import restart_review_wait

RECOVERY_CODES = 10
DIGITS = 6


class NoSecondFactor(TwotierError):
    code = "no_second_factor"
    message = _("This user has no second factor. Nothing was changed.")


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
    recovery = StaticDevice.objects.create(user=user, name="recovery codes")
    codes = [StaticToken.random_token() for _n in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=recovery, token=each) for each in codes)
    record(MEMBERS_SECOND_FACTOR_ADDED, user, at=at, by=user)
    return device, codes


@transaction.atomic
def remove_second_factor(*, user: User, by: User | None, at: datetime) -> None:
    """Remove the devices and recovery codes of a user, who sets up new ones at the next page.

    The user's wait for reviews starts again.

    :param by: another superuser; None: the server's command
    :raises PermissionMissing: ``by`` is not a superuser, or removes their own
    :raises NoSecondFactor: there is nothing to remove
    """
    if by and (not by.is_superuser or by.pk == user.pk):
        raise PermissionMissing
    removed, _rows = TOTPDevice.objects.filter(user=user).delete()
    if not removed:
        raise NoSecondFactor
    StaticDevice.objects.filter(user=user).delete()
    restart_review_wait(user, at=at)
    record(MEMBERS_SECOND_FACTOR_REMOVED, user, at=at, by=by)
