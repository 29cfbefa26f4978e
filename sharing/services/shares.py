"""Open shares: one row for a member, target, channel, label and poster template."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from members.models import Member
from members.persons import survivor_of
from sharing import targets
from sharing.codes import complete_target
from sharing.models import Share, SharingPolicy
from sharing.services.mini_codes import request_code
from sharing.targets import Target, TargetUnknown

MAX_LABEL = 40
MAX_LABELS_A_DAY = 50
RENEW_EARLY = timedelta(days=1)


class ShareDisabled(TwotierError):
    code = "share_disabled"
    message = _("The shop has switched this share off. Share something else, or ask the shop.")


class TooManyLabels(TwotierError):
    code = "too_many_labels"
    message = _("You have labelled %(limit)s shares today. Use one of them, or wait a day.")
    status = 429


@transaction.atomic
def open_share(
    *, member: Member, target: Target, channel: str, label: str = "", template: str = "",
    at: datetime,
) -> tuple[Share, bool]:  # fmt: skip
    """Return the member's share for a target in a channel, and whether it was created now.

    An expired share is renewed under the same code.

    :param label: the member's own name for the share, such as that of a group; cut to 40 characters
    :param template: the public id of the poster's template, if the channel is ``poster``
    :raises TargetUnknown: there is no such target, or it cannot be shared now
    :raises ShareDisabled: the staff has switched the share off
    :raises TooManyLabels: the member has made too many new labels in 24 hours
    """
    target = complete_target(member, target)
    if targets.find(target, at=at) is None:
        raise TargetUnknown
    share = Share(
        member=survivor_of(member), target_kind=target.kind, target_id=target.id,
        channel=channel, label=label[:MAX_LABEL], template=template, created_at=at,
    )  # fmt: skip
    share, is_new = save_share(share, at=at)
    if is_new and label:
        _limit_labels(share, at=at)
    if share.disabled_at:
        raise ShareDisabled
    if not is_new:
        _renew(share, at=at)
    request_code(share, at=at)
    return share, is_new


@transaction.atomic
def save_share(share: Share, *, at: datetime) -> tuple[Share, bool]:
    """Return the stored row of a share, and whether it was inserted now.

    The expiry of a stored one moves to that of the card by which ``find_share`` has found it.

    :param share: a stored share, or an unsaved one of ``codes.find_share`` or ``open_share``
    """
    if share.pk:
        if share.expires_at:
            earlier = Share.objects.filter(pk=share.pk, expires_at__lt=share.expires_at)
            earlier.update(expires_at=share.expires_at)
        return share, False
    share.expires_at = share.expires_at or _expiry(at)
    code = share.code
    Share.objects.bulk_create([share], ignore_conflicts=True)
    stored = Share.objects.with_member().get(
        member=share.member, target_kind=share.target_kind, target_id=share.target_id,
        channel=share.channel, label=share.label, template=share.template,
    )  # fmt: skip
    return stored, stored.code == code


def _limit_labels(share: Share, *, at: datetime) -> None:
    """Refuse floods: each label may need a code of WeChat, which limits codes by the minute."""
    since = at - timedelta(days=1)
    labelled = Share.objects.filter(member=share.member, created_at__gt=since).exclude(label="")
    if labelled.count() > MAX_LABELS_A_DAY:
        raise TooManyLabels(limit=MAX_LABELS_A_DAY)


def _renew(share: Share, *, at: datetime) -> None:
    """Move the expiry, at most once a day: a popular share is not written each time."""
    expiry = _expiry(at)
    current = share.expires_at
    if current == expiry or (current and expiry and expiry - current < RENEW_EARLY):
        return
    Share.objects.filter(pk=share.pk).update(expires_at=expiry)
    share.expires_at = expiry


def _expiry(at: datetime) -> datetime | None:
    days = SharingPolicy.current().share_days
    return at + timedelta(days=days) if days else None
