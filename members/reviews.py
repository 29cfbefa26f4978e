"""Refuse reviews and signatures of people whose account has just changed."""

from __future__ import annotations

from datetime import datetime

from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.clock import format_moment
from common.errors import TwotierError
from members.models import REVIEW_WAIT, User


class ReviewTooEarly(TwotierError):
    code = "review_too_early"
    message = _(
        "“%(username)s” may not review or sign before %(until)s (Shanghai time): the account is"
        " new, or its member, rights, email address or password were changed. Ask a colleague."
    )
    status = 403


def require_may_review(*accounts: int) -> None:
    """Check that the accounts may review and sign. ``guards.no_early_review`` has the last word.

    Both read the database's clock: the moment of a verb may be that of an import's history.

    :param accounts: primary keys of ``User``
    :raises ReviewTooEarly: an account, its link, rights or password changed within ``REVIEW_WAIT``
    """
    waiting = User.objects.filter(pk__in=accounts, may_review_from__gt=Now())
    last = waiting.order_by("-may_review_from").first()
    if last:
        until = format_moment(last.may_review_from)
        raise ReviewTooEarly(username=last.username, until=until)


def restart_review_wait(user: User, *, at: datetime) -> None:
    """Let an account that changed at this moment wait for ``REVIEW_WAIT``, or longer."""
    User.objects.filter(pk=user.pk).update(may_review_from=at + REVIEW_WAIT)
