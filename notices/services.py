"""Read notices, send a message again, and forget old ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.requirements import require_permission
from events.services import record
from members.models import Member, User
from notices import scenes
from notices.consents import has_consent
from notices.events import NOTICES_MESSAGE_RESENT
from notices.models import Message, Notice

RESEND_PERMISSION = "notices.change_message"
KEPT_FOR = timedelta(days=180)
BATCH = 2_000


class MessageNotResendable(TwotierError):
    code = "message_not_resendable"
    message = _(
        "Only a message that certainly was not sent can be sent again; this one is “%(status)s”."
        " Nothing was queued."
    )


class MessageWithoutTemplate(TwotierError):
    code = "message_without_template"
    message = _("No template of WeChat is set for this message. Nothing was queued.")


class MessageWithoutConsent(TwotierError):
    code = "message_without_consent"
    message = _(
        "The member has no consent left: WeChat would refuse it. Nothing was queued. The notice is"
        " in the app."
    )


def unread_count(*, member: int) -> int:
    """Return how many notices a person has not read.

    :param member: the key of the member
    """
    return Notice.objects.of_person(member).unread().count()


def mark_read(*, member: Member, ids: Sequence[str] | None, at: datetime) -> int:
    """Mark a person's notices as read; a repetition changes nothing.

    :param ids: public ids, unknown ones are passed over; None: all
    :returns: how many are unread now
    """
    rows = Notice.objects.visible_to(member).unread()
    if ids is not None:
        rows = rows.filter(public_id__in=ids)
    rows.update(read_at=at)
    return unread_count(member=member.pk)


@transaction.atomic
def resend_message(*, message: Message, by: User, at: datetime) -> None:
    """Queue a message again that certainly was not sent; it needs a consent like any other.

    :raises PermissionMissing: ``by`` may not send messages again
    :raises MessageNotResendable: it was sent, may have been sent, waits, or was refused
    :raises MessageWithoutTemplate: its kind has no template any more
    :raises MessageWithoutConsent: the member has not consented to one more
    """
    require_permission(by, RESEND_PERMISSION)
    row = Message.objects.select_for_update(no_key=True, of=("self",)).select_related("notice")
    message = row.get(pk=message.pk)
    if message.status not in Message.RESENDABLE:
        raise MessageNotResendable(status=message.get_status_display())
    template = scenes.template_of(message.notice.kind)
    if not template:
        raise MessageWithoutTemplate
    if not has_consent(member=message.member_id, template=template):
        raise MessageWithoutConsent
    message.status, message.template = Message.Status.WAITING, template
    message.attempts, message.failure, message.ended_at = 0, "", None
    message.due_at, message.resent_at, message.resent_by = at, at, by
    message.save()
    record(NOTICES_MESSAGE_RESENT, message.notice, at=at, by=by)


def forget_old_notices(*, at: datetime) -> int:
    """Delete a batch of notices older than 180 days, read or not.

    :returns: their number; 0 when none is left
    """
    old = Notice.objects.filter(created_at__lt=at - KEPT_FOR).order_by("created_at")
    keys = list(old.values_list("pk", flat=True)[:BATCH])
    Notice.objects.filter(pk__in=keys).delete()
    return len(keys)
