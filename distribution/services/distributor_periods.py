"""Change a distributor's status, level or segment; each change starts a new period."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from common.requirements import require_reason
from distribution.events import (
    DISTRIBUTION_LEVEL_CHANGED,
    DISTRIBUTION_SEGMENT_CHANGED,
    DISTRIBUTION_STATUS_CHANGED,
)
from distribution.models import Distributor, DistributorPeriod, Level, Segment
from events.services import record
from members.models import User

Status = Distributor.Status


class SelfChangeForbidden(TwotierError):
    code = "self_change_forbidden"
    message = _("You cannot change your own distributor account: ask a colleague.")
    status = 403


class DistributorExited(TwotierError):
    code = "distributor_exited"
    message = _("This distributor has exited and cannot be changed.")


class NoChange(TwotierError):
    code = "no_change"
    message = _("The value is already set. Nothing was changed.")


@transaction.atomic
def change_status(
    *, distributor: Distributor, to: Distributor.Status, by: User | None, at: datetime, reason: str
) -> None:
    """Activate, suspend, freeze or exit a distributor from ``at`` on.

    An exit is final and ends the bindings *to* the distributor: every read sees that at once, and
    ``end_bindings_to_exited`` records it in their rows. Their own binding stays: they remain a
    buyer, and orders already placed run to their end.

    :param by: ``None``: the system
    :raises ReasonRequired: the reason is empty or too long
    :raises SelfChangeForbidden: it is ``by``'s own account
    :raises WrongStatus: the status is already set, or the distributor has exited
    """
    reason = _require_other_person(distributor, by, reason)
    before = status.move(distributor, to=to, has_bindings_to_end=to == Status.EXITED)
    _start_period(distributor, at=at)
    record(
        DISTRIBUTION_STATUS_CHANGED, distributor, at=at, by=by,
        before={"status": before}, after={"status": to}, reason=reason,
    )  # fmt: skip


def exit_distributor(
    *, distributor: Distributor, by: User | None, at: datetime, reason: str
) -> None:
    """Exit a distributor; see ``change_status``.

    :raises WrongStatus: the distributor has already exited
    """
    change_status(distributor=distributor, to=Status.EXITED, by=by, at=at, reason=reason)


@transaction.atomic
def set_level(
    *, distributor: Distributor, level: Level | None, by: User | None, at: datetime, reason: str
) -> None:
    """Set or remove the level from ``at`` on; orders placed before keep the earlier one.

    :raises ReasonRequired: the reason is empty or too long
    :raises SelfChangeForbidden: it is ``by``'s own account
    :raises DistributorExited: the distributor has exited
    :raises NoChange: the level is already set
    """
    reason = _require_other_person(distributor, by, reason)
    current = _lock_distributor(distributor)
    if current.level_id == (level and level.pk):
        raise NoChange
    Distributor.objects.filter(pk=current.pk).update(level=level)
    distributor.level = level
    _start_period(distributor, at=at)
    record(
        DISTRIBUTION_LEVEL_CHANGED, distributor, at=at, by=by,
        before={"level": current.level and current.level.name},
        after={"level": level and level.name}, reason=reason,
    )  # fmt: skip


@transaction.atomic
def set_segment(
    *, distributor: Distributor, segment: Segment | None, by: User | None, at: datetime, reason: str
) -> None:
    """Set or remove the segment from ``at`` on; errors as for ``set_level``."""
    reason = _require_other_person(distributor, by, reason)
    current = _lock_distributor(distributor)
    if current.segment_id == (segment and segment.pk):
        raise NoChange
    Distributor.objects.filter(pk=current.pk).update(segment=segment)
    distributor.segment = segment
    _start_period(distributor, at=at)
    record(
        DISTRIBUTION_SEGMENT_CHANGED, distributor, at=at, by=by,
        before={"segment": current.segment and current.segment.code},
        after={"segment": segment and segment.code}, reason=reason,
    )  # fmt: skip


def _require_other_person(distributor: Distributor, by: User | None, reason: str) -> str:
    if by and by.member_id == distributor.member_id:
        raise SelfChangeForbidden
    return require_reason(reason)


def _lock_distributor(distributor: Distributor) -> Distributor:
    row = Distributor.objects.filter(pk=distributor.pk)
    row.select_for_update(no_key=True).values_list("pk").get()
    current = row.select_related("level", "segment").get()
    if current.status == Status.EXITED:
        raise DistributorExited
    return current


def _start_period(distributor: Distributor, *, at: datetime) -> None:
    """End the current period and start the next one at the same moment.

    A change dated before the current period starts with that period: history is not rewritten.
    """
    current = Distributor.objects.get(pk=distributor.pk)
    period = DistributorPeriod.objects.get(distributor=current, ended_at=None)
    started_at = max(at, period.started_at)
    DistributorPeriod.objects.filter(pk=period.pk).update(ended_at=started_at)
    DistributorPeriod.objects.create(
        distributor=current,
        status=current.status,
        level_id=current.level_id,
        segment_id=current.segment_id,
        started_at=started_at,
    )
