"""What a distributor is from a moment on: status, level, segment. Each change opens a spell."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from common.requirements import require_reason
from distribution.events import (
    DISTRIBUTION_LEVEL_CHANGED,
    DISTRIBUTION_SEGMENT_CHANGED,
    DISTRIBUTION_STATUS_CHANGED,
)
from distribution.models import Binding, Distributor, DistributorPeriod, Level, Segment
from events.services import record
from members.models import User

Status = Distributor.Status


class SelfChangeForbidden(TwotierError):
    code = "self_change_forbidden"
    message = _("This is your own distribution: somebody else has to change it.")
    status = 403


class DistributorExited(TwotierError):
    code = "distributor_exited"
    message = _("This distributor has left for good: nothing about them changes any more.")


class NoChange(TwotierError):
    code = "no_change"
    message = _("It is so already. Nothing was changed.")


@transaction.atomic
def change_status(
    *, distributor: Distributor, to: Distributor.Status, by: User | None, at: datetime, reason: str
) -> None:
    """Let a distributor earn, pause, freeze or leave, from ``at`` on.

    An exit is final and ends the bindings *to* them (domain.md). Their own binding stays: they go
    on buying as a member, and orders already placed run to their end.

    :param by: ``None`` is the system
    :raises ReasonNeeded: there is none
    :raises OwnDistribution: nobody decides about themselves
    :raises WrongStatus: it is so already, or they have exited
    """
    reason = _require_other_person(distributor, by, reason)
    before = status.move(distributor, to=to)
    ended = 0
    turn = _start_period(distributor, at=at)
    if to == Status.EXITED:
        ended = _end_bindings_to(distributor, at=turn)
    record(
        DISTRIBUTION_STATUS_CHANGED, distributor, at=at, by=by,
        before={"status": before}, after={"status": to}, reason=reason, bindings_ended=ended,
    )  # fmt: skip


def exit_distributor(
    *, distributor: Distributor, by: User | None, at: datetime, reason: str
) -> None:
    """``change_status`` to exited: final, and it ends the bindings to them.

    :raises WrongStatus: they have exited already
    """
    change_status(distributor=distributor, to=Status.EXITED, by=by, at=at, reason=reason)


@transaction.atomic
def set_level(
    *, distributor: Distributor, level: Level | None, by: User | None, at: datetime, reason: str
) -> None:
    """Give a level, or none, from ``at`` on; orders placed before keep the one they had.

    :raises ReasonNeeded: there is none
    :raises OwnDistribution: nobody decides about themselves
    :raises HasExited: they have left
    :raises NothingChanges: they have it already
    """
    reason = _require_other_person(distributor, by, reason)
    now = _lock_distributor(distributor)
    if now.level_id == (level and level.pk):
        raise NoChange
    Distributor.objects.filter(pk=now.pk).update(level=level)
    distributor.level = level
    _start_period(distributor, at=at)
    record(
        DISTRIBUTION_LEVEL_CHANGED, distributor, at=at, by=by,
        before={"level": now.level and now.level.name},
        after={"level": level and level.name}, reason=reason,
    )  # fmt: skip


@transaction.atomic
def set_segment(
    *, distributor: Distributor, segment: Segment | None, by: User | None, at: datetime, reason: str
) -> None:
    """Say what kind of person they are, from ``at`` on; errors as ``set_level``."""
    reason = _require_other_person(distributor, by, reason)
    now = _lock_distributor(distributor)
    if now.segment_id == (segment and segment.pk):
        raise NoChange
    Distributor.objects.filter(pk=now.pk).update(segment=segment)
    distributor.segment = segment
    _start_period(distributor, at=at)
    record(
        DISTRIBUTION_SEGMENT_CHANGED, distributor, at=at, by=by,
        before={"segment": now.segment and now.segment.code},
        after={"segment": segment and segment.code}, reason=reason,
    )  # fmt: skip


def _require_other_person(distributor: Distributor, by: User | None, reason: str) -> str:
    if by and by.member_id == distributor.member_id:
        raise SelfChangeForbidden
    return require_reason(reason)


def _lock_distributor(distributor: Distributor) -> Distributor:
    same = Distributor.objects.filter(pk=distributor.pk)
    same.select_for_update(no_key=True).values_list("pk").get()
    now = same.select_related("level", "segment").get()
    if now.status == Status.EXITED:
        raise DistributorExited
    return now


def _start_period(distributor: Distributor, *, at: datetime) -> datetime:
    """Close the current spell and open the next where it ends, so that no moment is without one.

    A change that is dated before the last one follows it at once: history is not rewritten.

    :returns: since when it is so
    """
    now = Distributor.objects.get(pk=distributor.pk)
    current = DistributorPeriod.objects.get(distributor=now, ended_at=None)
    turn = max(at, current.started_at)
    DistributorPeriod.objects.filter(pk=current.pk).update(ended_at=turn)
    DistributorPeriod.objects.create(
        distributor=now,
        status=now.status,
        level_id=now.level_id,
        segment_id=now.segment_id,
        started_at=turn,
    )
    return turn


def _end_bindings_to(distributor: Distributor, *, at: datetime) -> int:
    # No new one comes in: the guard of bindings waits for the distributor's row, which is ours.
    running = Binding.objects.filter(distributor=distributor, ended_at=None)
    len(running.order_by("member", "pk").select_for_update(no_key=True).values_list("pk"))
    running.filter(expires_at__lte=at).update(
        ended_at=F("expires_at"), end_reason=Binding.EndReason.EXPIRED
    )
    return running.update(
        ended_at=Greatest(F("started_at"), at), end_reason=Binding.EndReason.UPLINE_EXIT
    )
