"""Set the level of distributors: pinned by staff, given by an award, or reached on the ladder.

A pin counts alone. Without one the better of the awarded level and the level by the ladder counts:
an award never takes a level away.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.requirements import require_reason
from distribution.models import Distributor, Level
from distribution.services.distributor_periods import DistributorExited, SelfChangeForbidden
from events.services import record
from incentives.events import INCENTIVES_LEVEL_PINNED, INCENTIVES_LEVEL_UNPINNED
from incentives.ladder.standing import LevelStanding, standing
from incentives.models import Award, LevelAward, LevelPin, LevelReview
from incentives.services.level_reviews import review_levels
from incentives.services.level_settling import lock_distributor, settle_level
from members.models import User
from members.persons import survivor_keys

__all__ = [
    "LevelNotPinned",
    "LevelStanding",
    "NoLevelToAward",
    "PinEndsTooEarly",
    "award_level",
    "end_awarded_level",
    "end_levels_that_are_over",
    "pin_level",
    "review_levels",
    "standing",
    "unpin_level",
]

Cause = LevelReview.Cause
LIMIT = 100


class NoLevelToAward(TwotierError):
    code = "no_level_to_award"
    message = _("Only distributors have a level: this member is none. Nothing was changed.")


class PinEndsTooEarly(TwotierError):
    code = "pin_ends_too_early"
    message = _("The level can be pinned until a moment in the future only. Nothing was changed.")
    status = 400


class LevelNotPinned(TwotierError):
    code = "level_not_pinned"
    message = _("The level of this distributor is not pinned. Nothing was changed.")


@transaction.atomic
def pin_level(
    *,
    distributor: Distributor,
    level: Level | None,
    reason: str,
    by: User,
    at: datetime,
    until: datetime | None = None,
) -> LevelPin:
    """Fix the level of a distributor, whatever they sell; a pin in force is replaced.

    :param level: ``None``: no level
    :param until: ``None``: until it is unpinned
    :raises ReasonRequired: the reason is empty or too long
    :raises SelfChangeForbidden: it is ``by``'s own account
    :raises DistributorExited: the distributor has exited
    :raises PinEndsTooEarly: ``until`` is not in the future
    """
    reason = _require_other_person(distributor, by, reason)
    if until is not None and until <= at:
        raise PinEndsTooEarly
    current = lock_distributor(distributor)
    if current.status == Distributor.Status.EXITED:
        raise DistributorExited
    before = LevelPin.objects.filter(distributor=current, ended_at=None).first()
    if before:
        _end_pin(before, at=at)
    pin = LevelPin.objects.create(
        distributor=current, level=level, reason=reason, pinned_at=at, pinned_by=by, until=until
    )
    record(
        INCENTIVES_LEVEL_PINNED, current, at=at, by=by, before=_state(before), after=_state(pin),
        reason=reason,
    )  # fmt: skip
    settle_level(current, cause=Cause.PIN, at=at, by=by, reason=reason)
    distributor.level = current.level
    return pin


@transaction.atomic
def unpin_level(*, distributor: Distributor, reason: str, by: User, at: datetime) -> None:
    """End the pin in force: the award or the ladder decides from ``at`` on.

    :raises ReasonRequired: the reason is empty or too long
    :raises SelfChangeForbidden: it is ``by``'s own account
    :raises LevelNotPinned: there is no pin in force
    """
    reason = _require_other_person(distributor, by, reason)
    current = lock_distributor(distributor)
    pin = LevelPin.objects.in_force(at).filter(distributor=current, ended_at=None).first()
    if pin is None:
        raise LevelNotPinned
    _end_pin(pin, at=at)
    record(
        INCENTIVES_LEVEL_UNPINNED, current, at=at, by=by, before=_state(pin), after=_state(None),
        reason=reason,
    )  # fmt: skip
    settle_level(current, cause=Cause.PIN_OVER, at=at, by=by, reason=reason)
    distributor.level = current.level


@transaction.atomic
def award_level(*, award: Award, at: datetime) -> LevelAward:
    """Give the level of an award from ``at`` on, for the days of its reward.

    Given again after it was taken back, its days start again. Given twice, it stays as it is. That
    of a merged member goes to the survivor.

    :raises NoLevelToAward: the person is no distributor
    """
    persons = survivor_keys([award.member_id])
    distributor = Distributor.objects.filter(member__in=persons.values()).first()
    if distributor is None:
        raise NoLevelToAward
    current = lock_distributor(distributor)
    given = LevelAward.objects.filter(award=award).first()
    if given and given.ended_at is None:
        return given
    level, ends_at = award.reward.level, at + timedelta(days=award.reward.days or 0)
    assert level, "the database requires it of a reward of this kind"
    given, _created = LevelAward.objects.update_or_create(
        award=award,
        defaults={
            "distributor": current, "level": level, "starts_at": at,
            "ends_at": ends_at, "ended_at": None,
        },
    )  # fmt: skip
    settle_level(current, cause=Cause.AWARD, at=at)
    return given


@transaction.atomic
def end_awarded_level(*, award: Award, at: datetime) -> bool:
    """End the level of an award that is taken back: orders placed from then on earn without it.

    :returns: whether it was still in force
    """
    given = LevelAward.objects.filter(award=award).select_related("distributor").first()
    if given is None:
        return False
    current = lock_distributor(given.distributor)
    return _end_award(given, current, at=at)


def end_levels_that_are_over(*, at: datetime, limit: int = LIMIT) -> int:
    """End the pins and awarded levels whose time is over; the level changes from ``at`` on.

    Not as of their own end: a pin that was set meanwhile counts.

    :returns: how many ended; 0 when there is nothing more to do
    """
    pins = LevelPin.objects.over(at).select_related("distributor").order_by("until", "pk")
    awards = LevelAward.objects.over(at).select_related("distributor").order_by("ends_at", "pk")
    ending, given_back = list(pins[:limit]), list(awards[:limit])
    for pin in ending:
        _end_pin_that_is_over(pin, at=at)
    for given in given_back:
        _end_award_that_is_over(given, at=at)
    return len(ending) + len(given_back)


@transaction.atomic
def _end_pin_that_is_over(pin: LevelPin, *, at: datetime) -> None:
    current = lock_distributor(pin.distributor)
    if not _end_pin(pin, at=at):
        return
    record(
        INCENTIVES_LEVEL_UNPINNED, current, at=at, before=_state(pin), after=_state(None),
        reason=str(Cause.PIN_OVER.label),
    )  # fmt: skip
    settle_level(current, cause=Cause.PIN_OVER, at=at)


@transaction.atomic
def _end_award_that_is_over(given: LevelAward, *, at: datetime) -> None:
    _end_award(given, lock_distributor(given.distributor), at=at)


def _end_pin(pin: LevelPin, *, at: datetime) -> bool:
    ended_at = min(at, pin.until or at)
    return LevelPin.objects.filter(pk=pin.pk, ended_at=None).update(ended_at=ended_at) == 1


def _end_award(given: LevelAward, current: Distributor, *, at: datetime) -> bool:
    ended_at = min(max(at, given.starts_at), given.ends_at)
    rows = LevelAward.objects.filter(pk=given.pk, ended_at=None)
    if rows.update(ended_at=ended_at) != 1:
        return False
    settle_level(current, cause=Cause.AWARD_OVER, at=at)
    return True


def _state(pin: LevelPin | None) -> dict[str, Any]:
    """Return what a pin says, for the history."""
    if pin is None:
        return {"pinned": None, "until": None}
    level = pin.level.name if pin.level else ""
    return {"pinned": level, "until": pin.until and pin.until.isoformat()}


def _require_other_person(distributor: Distributor, by: User, reason: str) -> str:
    if by.member_id == distributor.member_id:
        raise SelfChangeForbidden
    return require_reason(reason)
