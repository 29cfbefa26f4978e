"""Send people what waits for them, at hours that they chose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alarms import robots
from alarms.messages import PREFIX
from alarms.models import Digest
from backoffice import todo
from common.clock import SHANGHAI
from common.encryption import decrypt, encrypt
from common.errors import TwotierError

log = structlog.get_logger(__name__)

OVERDUE = timedelta(hours=1)
"""A digest that could not be sent at its hour is left out after this time."""
SATURDAY = 5
MAX_ERROR_LENGTH = 200


class DigestRefused(TwotierError):
    code = "digest_refused"
    message = gettext_lazy("Choose at least one hour.")


class NoAddress(DigestRefused):
    code = "digest_without_address"
    message = gettext_lazy("Your account has no email address: ask an administrator to add it.")


class UnknownRobot(DigestRefused):
    code = "digest_robot_unknown"
    message = gettext_lazy(
        "This is not the address of a robot of WeCom, Feishu or DingTalk. Copy it from the"
        " settings of the group, beginning with https://."
    )


@transaction.atomic
def save_digest(
    *,
    user: Any,
    channel: str,
    robot_url: str,
    hours: Sequence[int],
    weekdays_only: bool,
    only_late: bool,
    at: datetime,
) -> Digest:
    """Send this person what waits for them, from the next chosen hour on.

    :param robot_url: empty keeps the address that is stored
    :raises DigestRefused: no hour, no address, or an address of another kind of server
    """
    stored = Digest.objects.filter(user=user).first()
    if not hours:
        raise DigestRefused
    token = ""
    if channel == Digest.Channel.MAIL and not user.email:
        raise NoAddress
    if channel == Digest.Channel.ROBOT:
        kept = stored.robot_url_encrypted if stored and not robot_url else ""
        token = kept or _encrypted(robot_url)
    digest, _created = Digest.objects.update_or_create(
        user=user,
        defaults={
            "channel": channel,
            "robot_url_encrypted": token,
            "hours": sorted(set(hours)),
            "weekdays_only": weekdays_only,
            "only_late": only_late,
            "sent_at": at,
            "error": "",
        },
    )
    return digest


@transaction.atomic
def stop_digest(*, user: Any) -> None:
    """Send this person nothing more; nothing happens if nothing was sent."""
    Digest.objects.filter(user=user).delete()


def send_digests(*, at: datetime) -> int:
    """Send the digests that are due, each once, and return their number.

    A digest is marked as sent before it is: after a crash it is missing rather than twice there.
    """
    sent = 0
    for digest in Digest.objects.filter(user__is_active=True, user__is_staff=True):
        slot = due_slot(digest, at=at)
        if slot is None or digest.sent_at >= slot:
            continue
        ready = Digest.objects.filter(pk=digest.pk, sent_at=digest.sent_at)
        if ready.update(sent_at=at) == 1:
            sent += send_digest(digest, at=at)
    return sent


def due_slot(digest: Digest, *, at: datetime) -> datetime | None:
    """Return the chosen hour that began less than ``OVERDUE`` ago; ``None`` without one."""
    local = at.astimezone(SHANGHAI)
    slot = local.replace(minute=0, second=0, microsecond=0)
    if slot.hour not in digest.hours or local - slot >= OVERDUE:
        return None
    return None if digest.weekdays_only and slot.weekday() >= SATURDAY else slot


def send_digest(digest: Digest, *, at: datetime) -> bool:
    """Send a digest, unless nothing waits; a failure is stored for the page of the person."""
    cards = [card for card in todo.cards(digest.user, at=at) if card["count"]]
    if not cards or (digest.only_late and not any(card["late"] for card in cards)):
        return False
    error = _deliver(digest, write_digest(cards))
    Digest.objects.filter(pk=digest.pk).update(error=error[:MAX_ERROR_LENGTH])
    return not error


def write_digest(cards: Sequence[dict[str, Any]]) -> str:
    """Return the text about the cards of queues, in the language of the shop."""
    with translation.override(settings.LANGUAGE_CODE):
        lines = [_("Waiting for you")]
        for card in cards:
            words = {"queue": card["title"], "count": card["label"], "age": card["age"]}
            line = _("%(queue)s: %(count)s, oldest %(age)s") % words
            if card["late"]:
                line += _(" (%(late)s too late)") % {"late": card["late"]}
            lines.append(line)
        return "\n".join(
            [f"{PREFIX}: {lines[0]}", *lines[1:], f"{settings.PUBLIC_URL}/admin/todo/"]
        )


def _deliver(digest: Digest, text: str) -> str:
    """Return the error; empty if the text was taken."""
    try:
        if digest.channel == Digest.Channel.MAIL:
            mail.send_mail(text.splitlines()[0], text, None, [digest.user.email])
        else:
            url = decrypt(digest.robot_url_encrypted)
            robots.post(url, robots.kind_of(url), text)
    except robots.RobotFailed as failure:
        return str(failure)
    except OSError as failure:  # of the mail server, smtplib's included
        log.warning("digest_not_sent", error=type(failure).__name__)
        return _("The mail server did not take the message.")
    return ""


def _encrypted(url: str) -> str:
    url = url.strip()
    try:
        parts = urlsplit(url)
        # Only these hosts: any other address would let staff reach servers behind the firewall.
        is_robot = parts.scheme == "https" and parts.port in (None, 443) and robots.kind_of(url)
    except ValueError:
        is_robot = False
    if not is_robot:
        raise UnknownRobot
    return encrypt(url)
