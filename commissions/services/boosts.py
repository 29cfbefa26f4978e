"""Give a distributor higher commissions for some days, and take them away."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from commissions.models import Boost
from commissions.models.boost import MAX_BOOST
from commissions.rules import ONE_HUNDRED_PERCENT
from common.errors import TwotierError
from distribution.models import Distributor
from events.models import Reference
from members.models import Member


class BoostInvalid(TwotierError):
    code = "boost_invalid"
    message = _(
        "A boost is above 100 %% and at most 1000 %%, and ends after it starts. Correct rate or"
        " dates."
    )
    status = 422


class BoostSourceUsed(TwotierError):
    code = "boost_source_used"
    message = _("%(source)s gives another boost already: end that one before you give another one.")


@transaction.atomic
def add_boost(
    *,
    distributor: Distributor,
    rate: int,
    starts_at: datetime,
    ends_at: datetime,
    source: Reference,
) -> Boost:
    """Multiply the commissions of a distributor's orders that are placed in a span of time.

    Idempotent by source, until the boost is ended; orders that are known already stay as they are.

    :param rate: basis points; 20000 doubles
    :param source: what gives it, such as an award
    :raises BoostInvalid: the rate is out of range, or it ends before it starts
    :raises BoostSourceUsed: the source gives a boost with other terms
    """
    if not ONE_HUNDRED_PERCENT < rate <= MAX_BOOST or ends_at <= starts_at:
        raise BoostInvalid
    terms = {
        "distributor_id": distributor.pk, "rate": rate, "starts_at": starts_at, "ends_at": ends_at
    }  # fmt: skip
    boost, added = Boost.objects.get_or_create(
        source_kind=source.kind, source_id=source.id, ended_at=None, defaults=terms
    )
    if not added and any(getattr(boost, name) != value for name, value in terms.items()):
        raise BoostSourceUsed(source=source)
    return boost


@transaction.atomic
def end_boost(*, source: Reference, at: datetime) -> bool:
    """End what a source gave: orders placed from then on earn without it. Idempotent.

    :returns: whether it ended; ``False``: there was none, or it was over already
    """
    return bool(_end(Boost.objects.of(source), at=at))


def _end(boosts: QuerySet[Boost], *, at: datetime) -> int:
    """End boosts; those that were over keep their time, and free their source for another one."""
    running = boosts.filter(ended_at=None)
    running.filter(ends_at__lte=at).update(ended_at=F("ends_at"))
    return running.filter(ends_at__gt=at).update(ended_at=Greatest(F("starts_at"), at))


@transaction.atomic
def move_boosts(*, merged: Member, survivor: Member, at: datetime) -> int:
    """Let the boosts of a merged distributor go on under the survivor, for the days left.

    They end if the survivor is no distributor.

    :returns: the number of boosts that go on
    """
    to = Distributor.objects.filter(member=survivor).first()
    rows = list(
        Boost.objects.filter(distributor__member=merged, ended_at=None, ends_at__gt=at)
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
    _end(Boost.objects.filter(pk__in=[row.pk for row in rows]), at=at)
    if to is None:
        return 0
    for row in rows:
        add_boost(
            distributor=to, rate=row.rate, starts_at=max(row.starts_at, at), ends_at=row.ends_at,
            source=row.source,
        )  # fmt: skip
    return len(rows)


def boosts_at(
    placements: Collection[tuple[int, datetime]],
) -> dict[tuple[int, datetime], int]:
    """Return the highest boost of distributors at moments, in one query; no entry: no boost.

    :param placements: keys of distributors, each with the moment of an order
    """
    if not placements:
        return {}
    wanted = set(placements)
    rows = Boost.objects.filter(distributor__in={key for key, _at in wanted}).touching(
        [at for _key, at in wanted]
    )
    by_distributor: dict[int, list[Boost]] = {}
    for row in rows:
        by_distributor.setdefault(row.distributor_id, []).append(row)
    return {
        (key, at): max(rates)
        for key, at in wanted
        if (rates := [row.rate for row in by_distributor.get(key, ()) if row.in_force(at)])
    }


def highest_boost(*, at: datetime) -> int:
    """Return the highest boost that is in force now or later; 10000 if there is none."""
    rates = Boost.objects.filter(ended_at=None, ends_at__gt=at).order_by("-rate")
    return rates.values_list("rate", flat=True).first() or ONE_HUNDRED_PERCENT
