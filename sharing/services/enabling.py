"""Switch shares off and on, and change the rules of shares."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.requirements import require_permission, require_reason
from events.changes import change
from events.services import record
from members.models import User
from sharing.events import (
    SHARING_POLICY_CHANGED,
    SHARING_SHARE_DISABLED,
    SHARING_SHARE_ENABLED,
)
from sharing.models import Share, SharingPolicy

PERMISSION = "sharing.change_share"


class ShareIsOff(TwotierError):
    code = "share_is_off"
    message = _("This share is switched off already. Reload the page.")


class ShareIsOn(TwotierError):
    code = "share_is_on"
    message = _("This share is switched on already. Reload the page.")


class InvalidSharingPolicy(TwotierError):
    code = "invalid_sharing_policy"
    message = _("Give at least 1 and at most 36500 days, or leave the field empty.")
    status = 400


@transaction.atomic
def disable_share(*, share: Share, reason: str, by: User, at: datetime) -> None:
    """Switch a share off: it opens nothing and binds nobody; existing bindings stay.

    :raises PermissionMissing, ReasonRequired: nothing was changed
    :raises ShareIsOff: it is off already
    """
    require_permission(by, PERMISSION)
    reason = require_reason(reason)
    if not Share.objects.filter(pk=share.pk, disabled_at=None).update(disabled_at=at):
        raise ShareIsOff
    record(SHARING_SHARE_DISABLED, share, at=at, by=by, reason=reason)


@transaction.atomic
def enable_share(*, share: Share, reason: str, by: User, at: datetime) -> None:
    """Switch a share on again, under the same code.

    :raises PermissionMissing, ReasonRequired: nothing was changed
    :raises ShareIsOn: it is on already
    """
    require_permission(by, PERMISSION)
    reason = require_reason(reason)
    off = Share.objects.filter(pk=share.pk, disabled_at__isnull=False)
    if not off.update(disabled_at=None):
        raise ShareIsOn
    record(SHARING_SHARE_ENABLED, share, at=at, by=by, reason=reason)


def change_policy(*, by: User, at: datetime, **changes: Any) -> SharingPolicy:
    """Change the sharing policy; stored shares keep their expiry until the next ``open_share``.

    :param changes: fields of ``SharingPolicy`` and their new values
    :raises InvalidSharingPolicy: a value is out of bounds
    """
    return change(
        SharingPolicy.objects.filter(pk=1),
        changes,
        event_type=SHARING_POLICY_CHANGED,
        refusal=InvalidSharingPolicy,
        at=at,
        by=by,
    )
