"""Bind a member to the distributor whose invite code they enter."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from distribution.models import Binding
from distribution.queries import binding_of
from distribution.services.applications import UnknownInviteCode, distributor_by_code
from distribution.services.binding import NO_EVIDENCE, bind_invited
from distribution.services.unbind import lock_members
from members.models import Member


class OwnCode(TwotierError):
    code = "own_code"
    message = _("This is your own invite code. Enter another distributor's.")


class AlreadyBound(TwotierError):
    code = "already_bound"
    message = _("You already have a referrer. Leave them first. Nothing was changed.")


class BindingFixed(TwotierError):
    code = "binding_fixed"
    message = _(
        "You have had a referrer for more than 30 days, who cannot be changed any more. Nothing was"
        " changed."
    )


class WouldLoop(TwotierError):
    code = "would_loop"
    message = _("This distributor is in your own team, so they cannot be your referrer.")


@transaction.atomic
def enter_code(*, member: Member, code: str, at: datetime) -> Binding:
    """Bind a member to the distributor of an invite code.

    :returns: the binding; the existing one if the member is bound to this distributor already
    :raises UnknownInviteCode: no active distributor has the code
    :raises OwnCode: it is the member's own
    :raises AlreadyBound: the member has another upline, and may still leave it
    :raises BindingFixed: the member has had another upline for more than 30 days
    :raises WouldLoop: the distributor is below the member
    """
    distributor = distributor_by_code(code)
    if distributor.member_id == member.pk:
        raise OwnCode
    lock_members(member.pk)
    current = binding_of(member, at=at)
    if current and current.distributor_id == distributor.pk:
        return current
    if current:
        raise AlreadyBound if at <= current.can_leave_until else BindingFixed
    result = bind_invited(member=member, distributor=distributor, at=at, evidence=NO_EVIDENCE)
    if result.binding:
        return result.binding
    if result.outcome == "circle":
        raise WouldLoop
    if result.outcome == "has_upline":
        raise AlreadyBound
    raise UnknownInviteCode(invite_code=code[:40])
