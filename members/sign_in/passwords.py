"""Set passwords: one's own with the old one, and else only through a link sent by mail."""

from __future__ import annotations

from datetime import datetime

from axes.utils import reset as end_lockout
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import PermissionMissing, TwotierError
from events.services import record
from members.events import (
    MEMBERS_PASSWORD_CHANGED,
    MEMBERS_PASSWORD_LINK_SENT,
    MEMBERS_PASSWORD_RESET,
)
from members.models import User
from members.reviews import restart_review_wait
from members.rights import has_rights_beyond


class PasswordLinkNotSent(TwotierError):
    code = "password_link_not_sent"
    message = gettext_lazy(
        "The password link was not sent: the mail server cannot be used. Check EMAIL_URL."
    )
    status = 503


class NoEmailAddress(TwotierError):
    code = "no_email_address"
    message = gettext_lazy(
        "This user has no email address or is not active. Correct that, then send the link again."
    )


@transaction.atomic
def send_password_link(*, user: User, site: str, by: User | None, at: datetime) -> None:
    """Send a link with which the user sets a new password.

    A link that a colleague sends restarts the user's wait for reviews.

    :param site: scheme and host of the link, such as ``https://shop.example.com``
    :param by: the colleague who sends it; None: it was requested on the public page
    :raises PermissionMissing: ``by`` may not change users, or the user has more rights than ``by``
    :raises NoEmailAddress: there is nowhere to send it
    :raises PasswordLinkNotSent: the mail server refused it or cannot be reached
    """
    if by and (not by.has_perm("members.change_user") or has_rights_beyond(user, by)):
        raise PermissionMissing
    if not user.email or not user.is_active:
        raise NoEmailAddress
    if by:
        restart_review_wait(user, at=at)
    record(MEMBERS_PASSWORD_LINK_SENT, user, at=at, by=by)
    _send(user, site)


def _send(user: User, site: str) -> None:
    if settings.PRODUCTION and not settings.EMAIL_URL:
        raise PasswordLinkNotSent  # the console's mails would put the link into the log
    token = default_token_generator.make_token(user)
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    context = {
        "username": user.username,
        "host": site.partition("://")[2],
        "link": site + reverse("password_reset_confirm", args=[uid, token]),
        "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
    }
    body = render_to_string("registration/password_link.txt", context)
    try:
        send_mail(_("Set your password"), body, None, [user.email])
    except OSError as failure:  # SMTPException is one, too
        raise PasswordLinkNotSent from failure


@transaction.atomic
def reset_password(*, user: User, password: str, at: datetime) -> None:
    """Set the password of a user who came through the link; all sessions and locks end.

    The wait for reviews starts again: a person who reads the user's mail needs no old password.
    """
    user.set_password(password)
    user.save(update_fields=["password"])
    restart_review_wait(user, at=at)
    record(MEMBERS_PASSWORD_RESET, user, at=at)
    end_lockout(username=user.username)


@transaction.atomic
def change_password(*, user: User, password: str, at: datetime) -> None:
    """Set the password of a user who has given the old one; the other sessions end."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record(MEMBERS_PASSWORD_CHANGED, user, at=at, by=user)
