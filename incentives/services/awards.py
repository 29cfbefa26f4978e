"""Bring awards to what is due: give, hold, refuse or take back the difference.

One transaction for the people it concerns, whose locks it holds (``services.locks``). Then, in this
order: closed accounts, distributors, coupons, wallets, and the budgets last, so that no two
transactions wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from common.bulk_insert import reserve_keys
from incentives.cash import asset_paid, paid_in_cash
from incentives.models import Award, PeriodClosing
from incentives.models.incentive import Metric
from incentives.rewards import WHOLE_PERIOD, Target, limit_targets, steps_of
from incentives.services.holds import place_of
from incentives.services.locks import lock_people
from incentives.services.settling import settle, state_of
from incentives.services.targets import Due
from incentives.services.totals import Place

Status = Award.Status
BATCH_SIZE = 500


def apply_targets(dues: Sequence[Due], *, at: datetime) -> None:
    """Set what is due at several places; the caller has locked the people."""
    if not dues:
        return
    known = _known_awards(dues)
    before = {row.pk: state_of(row) for awards in known.values() for row in awards.values()}
    payable = paid_in_cash({due.place.member for due in dues})
    new: list[Award] = []
    changed: list[Award] = []
    for due in dues:
        awards = known.get(due.place, {})
        in_cash = due.place.member in payable
        for award in _aimed(due, awards, in_cash=in_cash, at=at):
            (new if award._state.adding else changed).append(award)
    _draw_keys(new)
    settle([*changed, *new], [due.version for due in dues], before=before, at=at)


def release_waiting(*, closing: PeriodClosing, at: datetime) -> None:
    """Give the awards of a closed period that waited for its confirmation, or hold them.

    In transactions of their own, so that a crash loses nothing; call it again then.
    """
    while release_batch(closing=closing, at=at):
        pass


def release_batch(*, closing: PeriodClosing, at: datetime) -> int:
    """Give the waiting awards of some of the members, in one transaction.

    :returns: how many members; 0 when no award of the close waits any more
    """
    waiting = Award.objects.filter(
        incentive=closing.incentive_id, period_start=closing.period_start, status=Status.WAITING
    )
    members = waiting.order_by("member_id").values_list("member", flat=True).distinct()
    batch = list(members[:BATCH_SIZE])
    if batch:
        _settle_again(waiting, batch, at=at)
    return len(batch)


def release_final(*, at: datetime) -> int:
    """Give some of the awards that wait, of the first close that is final; a task goes on.

    :returns: the number of members; 0 when no award waits
    """
    waiting = Award.objects.filter(
        incentive=OuterRef("incentive"), period_start=OuterRef("period_start"),
        status=Status.WAITING,
    )  # fmt: skip
    final = PeriodClosing.objects.filter(Exists(waiting), status=PeriodClosing.Status.FINAL)
    closing = final.order_by("pk").first()
    return release_batch(closing=closing, at=at) if closing else 0


def review_held(*, at: datetime, limit: int = BATCH_SIZE) -> int:
    """Give the awards whose reason to be held has ended.

    :param limit: how many awards are looked at in one transaction
    :returns: how many are no longer held
    """
    keys = list(_held().order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), limit):
        batch = _held().filter(pk__in=keys[start : start + limit])
        _settle_again(batch, set(batch.values_list("member", flat=True)), at=at)
    return len(keys) - _held().filter(pk__in=keys).count()


def review_awards(*, members: Collection[int], at: datetime) -> None:
    """Give the held awards of members whose reason to be held has ended."""
    if _held().filter(member__in=list(members)).exists():
        _settle_again(_held(), members, at=at)


def _held() -> QuerySet[Award]:
    return Award.objects.filter(status=Status.HELD)


@transaction.atomic
def _settle_again(awards: QuerySet[Award], members: Collection[int], *, at: datetime) -> None:
    lock_people(members)
    rows = list(
        awards.filter(member__in=list(members))
        .select_related("version__incentive", "reward__coupon", "reward__gift", "reward__level")
        .order_by("pk")
    )
    before = {row.pk: state_of(row) for row in rows}
    settle(rows, [row.version for row in rows], before=before, at=at, release=True)


def _known_awards(dues: Iterable[Due]) -> dict[Place, dict[str, Award]]:
    """Return the awards that the dues are about, by place and step."""
    wanted = [
        (*due.place, *steps) for due in dues for steps in map(steps_of, due.bases or [WHOLE_PERIOD])
    ]
    columns = [list(column) for column in zip(*wanted, strict=True)]
    at_places = RawSQL(_AWARDS, columns)  # noqa: S611  # no text from outside is in it
    rows = Award.objects.filter(pk__in=at_places).select_related(
        "reward__coupon", "reward__gift", "reward__level"
    )
    known: dict[Place, dict[str, Award]] = {}
    for award in rows.order_by("pk"):
        known.setdefault(place_of(award), {})[award.step] = award
    return known


# The operators compare characters, as the unique index does; others follow the language.
_AWARDS = """
SELECT award.id
FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::text[], %s::text[])
    AS place (incentive, member, period, first, last)
JOIN incentives_award AS award ON award.incentive_id = place.incentive
    AND award.member_id = place.member AND award.period_start = place.period
    AND award.step ~>=~ place.first AND award.step ~<~ place.last
"""


def _aimed(due: Due, awards: dict[str, Award], *, in_cash: bool, at: datetime) -> Iterator[Award]:
    """Yield the awards of a place with what is due now: those that exist, and new ones."""
    targets = due.targets
    if due.version.metric != Metric.TEAM_POOL:  # the sum that is paid equals the pool
        targets = limit_targets(targets, due.limits)
    missing = dict(awards)
    for target in targets:
        award = missing.pop(target.step, None)
        if award is None:
            if not target.amount:
                continue
            award = _new_award(due, target, in_cash=in_cash, at=at)
        if due.waiting and award.status == Status.TAKEN_BACK and target.amount:
            award.status = Status.WAITING  # a count of the close that was interrupted ended it
        yield _aim(award, target.amount, rank=target.rank, at=at)
    for award in missing.values():
        yield _aim(award, 0, rank=award.rank, at=at)


def _aim(award: Award, amount: int, *, rank: int | None, at: datetime) -> Award:
    if (award.target, award.rank) != (amount, rank):
        award.target, award.rank, award.changed_at = amount, rank, at
    return award


def _new_award(due: Due, target: Target, *, in_cash: bool, at: datetime) -> Award:
    reward = target.reward
    asset = asset_paid(reward.asset, in_cash=in_cash)
    return Award(
        incentive_id=due.place.incentive, version=due.version, reward=reward,
        member_id=due.place.member, side=target.side, period_start=due.place.period_start,
        step=target.step, kind=reward.kind, asset=asset, reached_at=at, changed_at=at,
        status=Status.WAITING if due.waiting else "",
    )  # fmt: skip


def _draw_keys(awards: Iterable[Award]) -> None:
    """Draw keys for new awards, which their moves refer to."""
    new = list(awards)
    if not new:
        return
    (keys,) = reserve_keys((Award, len(new)))
    for award, key in zip(new, keys, strict=True):
        award.pk = key
