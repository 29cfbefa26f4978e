"""Save members as the mall reports them, with their past when a mall moves in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common.base_models import ALPHABET, LENGTH
from common.errors import TwotierError
from distribution.models import Application, Distributor, Referral, Source
from distribution.services import enrol, lock_members, refer
from events.services import record
from integration.events import INTEGRATION_MEMBER_CHANGED, INTEGRATION_MEMBER_MOVED_IN
from integration.goods import CREATED, UNCHANGED, UPDATED
from integration.member_views import mall_ids
from integration.models import MemberMetadata
from members.models import Identity, Member
from members.persons import survivor_of
from members.services import join
from members.sessions.services import AccountClosed
from orders.snapshots import OrderSnapshot

MALL = Identity.Provider.MALL
PUBLIC_ID = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
PROFILE = ("nickname", "province", "city")
MOVING_IN = ("joined_at", "distributor", "referrer", "bound_at")
TOLERANCE = timedelta(minutes=5)  # between the mall's clock and ours


class ReferrerUnknown(TwotierError):
    code = "referrer_unknown"
    message = _(
        "There is no member “%(referrer)s”. Send the referrer first, then this member again."
        " Nothing was changed."
    )
    status = 422


class MoveInTimeInvalid(TwotierError):
    code = "move_in_time_invalid"
    message = _(
        "“%(field)s” %(given)s cannot be: it is in the future, or before the member joined."
        " Nothing was changed."
    )
    status = 422


class MoveInConflict(TwotierError):
    code = "move_in_conflict"
    message = _(
        "“%(field)s” is %(given)s here, but %(known)s is known, and a referrer never changes."
        " Nothing was changed."
    )


class ReferralRefused(TwotierError):
    code = "referral_refused"
    message = _("The member cannot be bound to “%(referrer)s” (%(outcome)s). Nothing was changed.")


@dataclass(frozen=True, slots=True)
class MemberReport:
    """A member by their id in the mall. ``None``: not reported, what is stored stays."""

    external_id: str
    nickname: str | None = None
    province: str | None = None
    city: str | None = None
    metadata: dict[str, Any] | None = None
    joined_at: datetime | None = None
    """The earliest one counts."""
    distributor: bool | None = None
    """False changes nothing: nobody is demoted."""
    referrer: str | None = None
    """Their id in the mall."""
    bound_at: datetime | None = None
    """When the referrer won the member; with a new referrer by default ``joined_at``, else now."""


def with_mall_ids(snapshots: Sequence[OrderSnapshot]) -> list[OrderSnapshot]:
    """Return the snapshots with buyers by their ids in the mall, also those named by our own id.

    A member by WeChat whom the mall has not sent gets our own id as id in the mall.
    """
    names = {row.buyer for row in snapshots if PUBLIC_ID.fullmatch(row.buyer)}
    if not names:
        return list(snapshots)
    told = Identity.objects.filter(provider=MALL, external_id__in=names)
    names -= set(told.values_list("external_id", flat=True))
    members = Member.objects.filter(public_id__in=names)
    keys = dict(members.values_list("public_id", Coalesce("merged_into", "pk")))
    ids = mall_ids(list(keys.values()))
    Identity.objects.bulk_create(
        (
            Identity(member_id=key, provider=MALL, external_id=ids[key])
            for key in ids
            if PUBLIC_ID.fullmatch(ids[key])
        ),
        ignore_conflicts=True,
    )
    return [
        replace(row, buyer=ids[keys[row.buyer]]) if row.buyer in keys else row for row in snapshots
    ]


@transaction.atomic
def save_member(report: MemberReport, *, at: datetime, by: models.Model | None = None) -> str:
    """Create or update a member; repeatable.

    :returns: created, updated or unchanged
    :raises ReferrerUnknown: the mall has not sent the referrer yet
    :raises AccountClosed: the member has closed the account
    :raises MoveInTimeInvalid: a reported time is not plausible
    :raises MoveInConflict: another referrer, or another time of the referral, is known
    :raises ReferralRefused: the member has another upline, or may not be bound to this referrer
    """
    member, created = join(
        provider=MALL, external_id=report.external_id, at=report.joined_at or at,
        **{name: getattr(report, name) or "" for name in PROFILE},
    )  # fmt: skip
    lock_members(member.pk)
    identity = Identity.objects.select_related("member").get(
        provider=MALL, external_id=report.external_id
    )
    if identity.member.closed_at:
        raise AccountClosed
    _check_times(report, identity.member, at)
    changed = _save_profile(identity, report, at=at, by=by)
    moved = _move_in(identity, report, at=at, by=by)
    if created:
        return CREATED
    return UPDATED if changed or moved else UNCHANGED


def _check_times(report: MemberReport, member: Member, at: datetime) -> None:
    joined_at = min(report.joined_at or member.joined_at, member.joined_at)
    for field, earliest in (("joined_at", None), ("bound_at", joined_at)):
        given: datetime | None = getattr(report, field)
        if given and (given > at + TOLERANCE or (earliest and given < earliest)):
            raise MoveInTimeInvalid(field=field, given=given.isoformat())


def _save_profile(
    identity: Identity, report: MemberReport, *, at: datetime, by: models.Model | None
) -> list[str]:
    """Set what differs; return the names of these fields."""
    member = identity.member
    reported = {name: getattr(report, name) for name in PROFILE}
    changes = {
        name: value
        for name, value in reported.items()
        if value is not None and value != getattr(member, name)
    }
    if changes:
        Member.objects.filter(pk=member.pk).update(**changes)
    changed = list(changes)
    if report.metadata is not None and _save_metadata(identity, report.metadata):
        changed.append("metadata")
    if changed:
        # Names only: events have no personal data.
        record(INTEGRATION_MEMBER_CHANGED, member, at=at, by=by, fields=changed)
    return changed


def _save_metadata(identity: Identity, data: dict[str, Any]) -> bool:
    row = MemberMetadata.objects.filter(identity=identity).first()
    if row and row.data == data:
        return False
    MemberMetadata.objects.update_or_create(identity=identity, defaults={"data": data})
    return True


def _move_in(
    identity: Identity, report: MemberReport, *, at: datetime, by: models.Model | None
) -> bool:
    """Add what is reported of the past; return whether any of it was new."""
    member = identity.member
    joined = bool(report.joined_at and report.joined_at < member.joined_at)
    if joined:
        Member.objects.filter(pk=member.pk).update(joined_at=report.joined_at)
        member.joined_at = report.joined_at or at
    # Rows of the past are the first one's, also after a merge.
    first = identity.moved_from_id or member.pk
    enrolled = bool(report.distributor) and not _is_distributor(first, member.pk)
    if enrolled:
        enrol(member=member, route=Application.Route.STAFF, at=report.joined_at or at)
    referred = bool(report.referrer) and _refer(report, member, first, at=at)
    if not (joined or enrolled or referred):
        return False
    record(
        INTEGRATION_MEMBER_MOVED_IN, member, at=at, by=by, joined=joined, enrolled=enrolled,
        referred=referred,
    )  # fmt: skip
    return True


def _is_distributor(*members: int) -> bool:
    return Distributor.objects.filter(member__in=members).exists()


def _refer(report: MemberReport, member: Member, first: int, *, at: datetime) -> bool:
    """Bind the member to the reported referrer; return whether that was new."""
    referrers = Member.objects.all().with_identity(MALL, report.referrer or "")
    referrer = referrers.first()
    if referrer is None:
        raise ReferrerUnknown(referrer=report.referrer)
    known = Referral.objects.filter(member=first).select_related("referrer").first()
    if known:
        _require_same(report, known, referrer)
        return False
    bound_at = report.bound_at or report.joined_at or at
    result = refer(member=member, referrer=referrer, source=Source.IMPORT, at=bound_at)
    # A referrer who is no distributor is remembered, and earns nothing.
    if result.outcome not in ("bound", "not_distributor"):
        raise ReferralRefused(referrer=report.referrer, outcome=result.outcome)
    return True


def _require_same(report: MemberReport, known: Referral, referrer: Member) -> None:
    by = survivor_of(known.referrer)
    if by.pk != referrer.pk:
        raise MoveInConflict(
            field="referrer", known=mall_ids([by.pk])[by.pk], given=report.referrer
        )
    if report.bound_at and report.bound_at != known.at:
        raise MoveInConflict(
            field="bound_at", known=known.at.isoformat(), given=report.bound_at.isoformat()
        )
