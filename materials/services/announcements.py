"""Publish and withdraw announcements."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from common.requirements import require_permission, require_reason
from materials.events import MATERIALS_ANNOUNCEMENT_PUBLISHED, MATERIALS_ANNOUNCEMENT_WITHDRAWN
from materials.models import Announcement
from materials.services import publishing
from materials.services.materials import require_words
from members.models import User

CHANGE = "materials.change_announcement"


class AnnouncementOver(TwotierError):
    code = "announcement_over"
    message = _("The announcement has ended already. Change its end, then publish it.")


@transaction.atomic
def publish_announcement(*, announcement: Announcement, by: User, at: datetime) -> None:
    """Show an announcement to its audience from its start to its end.

    :raises PermissionMissing: ``by`` may not change announcements
    :raises WrongStatus: it is published already
    :raises AnnouncementOver: its end is not later than ``at``
    :raises WordsForbidden: its title or text has words that the shop must not use
    """
    require_permission(by, CHANGE)
    publishing.lock(announcement)
    status.require_move(announcement, to=Announcement.Status.PUBLISHED)
    if announcement.ends_at is not None and announcement.ends_at <= at:
        raise AnnouncementOver
    require_words(announcement.title, announcement.text)
    publishing.publish(announcement, event=MATERIALS_ANNOUNCEMENT_PUBLISHED, by=by, at=at)


@transaction.atomic
def withdraw_announcement(
    *, announcement: Announcement, reason: str, by: User, at: datetime
) -> None:
    """Hide an announcement from members; it can be changed and published again.

    :raises PermissionMissing: ``by`` may not change announcements
    :raises ReasonRequired: the reason is empty
    :raises WrongStatus: it is not published
    """
    require_permission(by, CHANGE)
    reason = require_reason(reason)
    publishing.lock(announcement)
    publishing.withdraw(
        announcement, reason=reason, event=MATERIALS_ANNOUNCEMENT_WITHDRAWN, by=by, at=at
    )
