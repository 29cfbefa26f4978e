"""Accounts of staff: how they are made, their address, and the member that they are."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import TwotierError, violated_constraint
from common.requirements import require_permission
from events.services import record
from members.events import MEMBERS_EMAIL_CHANGED, MEMBERS_STAFF_LINKED
from members.models import Member, User
from members.persons import MemberMerged
from members.rights import RightsBeyondOwn, has_rights_beyond, record_rights, rights_changed_at

log = structlog.get_logger(__name__)


class StaffAlreadyLinked(TwotierError):
    code = "staff_already_linked"
    message = gettext_lazy("This staff user is linked to a member already. A link does not change.")


class MemberAlreadyLinked(TwotierError):
    code = "member_already_linked"
    message = gettext_lazy("This member is linked to another staff user. Use that account.")


@transaction.atomic
def add_staff(*, user: User, by: User, at: datetime) -> None:
    """Save a new account without password or rights; its owner sets one through a mailed link.

    :raises PermissionMissing: ``by`` may not add users
    """
    require_permission(by, "members.add_user")
    user.set_unusable_password()
    user.save()
    record_rights(user, before={}, at=at, by=by)


@transaction.atomic
def change_email(*, user: User, email: str, by: User, at: datetime) -> None:
    """Change the address to which password links go, and tell the old address.

    The user's wait for reviews starts again.

    :raises PermissionMissing: ``by`` may not change users
    :raises RightsBeyondOwn: the user has a right that ``by`` lacks
    """
    require_permission(by, "members.change_user")
    stored = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if has_rights_beyond(stored, by):
        raise RightsBeyondOwn
    old = stored.email
    if email == old:
        return
    with rights_changed_at(at):
        User.objects.filter(pk=user.pk).update(email=email)
    record(MEMBERS_EMAIL_CHANGED, user, at=at, by=by, before={"email": old}, after={"email": email})
    if old:
        transaction.on_commit(lambda: _tell_old_address(user.username, old, email))


def _tell_old_address(username: str, old: str, email: str) -> None:
    if settings.PRODUCTION and not settings.EMAIL_URL:
        return  # mails go to the console only
    context = {"username": username, "email": email}
    body = render_to_string("registration/email_changed.txt", context)
    try:
        send_mail(_("Your email address was changed"), body, None, [old])
    except OSError:  # the change stays, and is on record
        log.exception("old_address_not_told", username=username)


@transaction.atomic
def link_staff(
    *, user: User, member: Member, at: datetime, by: User | None = None, proposer: str = ""
) -> None:
    """Link a staff user to the member that this person is. The link never changes.

    Called by the server's command, and by ``staff_links`` once two superusers agree: one person
    could otherwise choose as whom they review their own withdrawal.

    :raises StaffAlreadyLinked: the user has a member
    :raises MemberAlreadyLinked: another user has this member
    :raises MemberMerged: the member was merged into another one
    """
    try:
        with rights_changed_at(at):
            linked = User.objects.filter(pk=user.pk, member=None).update(member=member)
    except IntegrityError as error:
        if violated_constraint(error) == "staff_member_not_merged":
            raise MemberMerged(member=member.public_id) from None
        raise MemberAlreadyLinked from None
    if not linked:
        raise StaffAlreadyLinked
    record(MEMBERS_STAFF_LINKED, user, at=at, by=by, member=member.public_id, proposer=proposer)
