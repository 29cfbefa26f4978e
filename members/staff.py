"""Link staff to the member that they are, so that four eyes are two people."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from events.services import record
from members.events import MEMBERS_STAFF_LINKED
from members.models import Member, User


class StaffAlreadyLinked(TwotierError):
    code = "staff_already_linked"
    message = _("This staff user is linked to a member already. A link does not change.")


class MemberAlreadyLinked(TwotierError):
    code = "member_already_linked"
    message = _("This member is linked to another staff user. Use that account.")


@transaction.atomic
def link_staff(*, user: User, member: Member, at: datetime) -> None:
    """Link a staff user to the member that this person is. The link never changes.

    Only the server's command calls it: a person in the admin could otherwise choose as whom they
    review their own withdrawal.

    :raises StaffAlreadyLinked: the user has a member
    :raises MemberAlreadyLinked: another user has this member
    """
    try:
        with transaction.atomic():
            linked = User.objects.filter(pk=user.pk, member=None).update(member=member)
    except IntegrityError:
        raise MemberAlreadyLinked from None
    if not linked:
        raise StaffAlreadyLinked
    record(MEMBERS_STAFF_LINKED, user, at=at, member=member.public_id)
