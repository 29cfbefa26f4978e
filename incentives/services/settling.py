"""Settle awards: decide about each difference, do it, and record it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from common.bulk_insert import insert, update
from common.errors import TwotierError
from events.services import record_each
from incentives.events import (
    INCENTIVES_AWARD_GRANTED,
    INCENTIVES_AWARD_HELD,
    INCENTIVES_AWARD_REFUSED,
    INCENTIVES_AWARD_TAKEN_BACK,
)
from incentives.models import Award, AwardPosting, Version
from incentives.services import grants
from incentives.services.budgets import Budgets, lock_budgets, open_missing_budgets
from incentives.services.holds import hold_reasons
from incentives.services.moves import Move
from incentives.services.second_things import NOT_RETURNABLE, refuse_second_things
from members.models import Member

Status = Award.Status
FIELDS = ("target", "posted", "moves", "status", "hold", "refusal", "rank", "changed_at")
State = tuple[Any, ...]


def settle(
    awards: Sequence[Award],
    versions: Iterable[Version],
    *,
    before: Mapping[int, State],
    at: datetime,
    release: bool = False,
) -> None:
    """Move what awards differ from what is due; the caller has locked their people.

    :param awards: with their targets set; new ones have a key and are not saved yet
    :param versions: of their incentives, for those without a budget row
    :param before: ``state_of`` those that are saved, as they are in the database
    :param release: also those that wait for a second person
    """
    moves = _plan(awards, release=release)
    if moves:
        grants.lock(moves)
        open_missing_budgets(versions)
        _decide(moves, lock_budgets(moves), at=at)
    for move in moves:
        _book(move, at=at)
    done = [move for move in moves if not move.refusal]
    new = [award for award in awards if award._state.adding and award.status != Status.TAKEN_BACK]
    changed = [award for award in awards if before.get(award.pk) not in (None, state_of(award))]
    insert(new)
    update(changed, FIELDS)
    insert(
        [
            AwardPosting(award=move.award, number=move.number, change=move.change, at=at)
            for move in done
        ]
    )
    grants.post(done, at=at)
    grants.cancel_revocations(award for award in changed if _is_due_again(award, before[award.pk]))
    _record(awards, moves, before, at=at)


def _plan(awards: Iterable[Award], *, release: bool) -> list[Move]:
    """Return the moves that are wanted, and set the status of awards without any."""
    moves, gifts = [], []
    for award in awards:
        difference = award.target - award.posted
        if award.status == Status.REFUSED:
            continue  # refused awards are not revived
        if award.status == Status.WAITING and not release and award.target:
            continue
        if difference > 0:
            gifts.append(award)
        elif difference < 0:
            moves.append(Move(award, difference))
        else:
            _rest(award)
    reasons = hold_reasons(gifts)
    for award in gifts:
        if reason := reasons.get(award):
            award.status, award.hold = Status.HELD, reason
        else:
            moves.append(Move(award, award.target - award.posted))
    return sorted(moves, key=lambda move: move.award.pk)


def _decide(moves: Sequence[Move], budgets: Budgets, *, at: datetime) -> None:
    """Take back first, so that the budget has it again; then give while it lasts."""
    for move in moves:
        if not move.gives:
            if grants.take_back(move, at=at):
                budgets.take(move)
            else:
                move.refusal = NOT_RETURNABLE
    refuse_second_things(moves)
    for move in moves:
        if move.gives and not move.refusal:
            budgets.take(move)
            if not move.refusal:
                _give(move, budgets, at=at)
    budgets.save()


def _give(move: Move, budgets: Budgets, *, at: datetime) -> None:
    try:
        grants.give(move, at=at)
    except TwotierError as refusal:
        if refusal.code not in Award.Refusal:
            raise
        budgets.put_back(move)
        move.refusal = refusal.code


def _book(move: Move, *, at: datetime) -> None:
    """Set what an award has after its move."""
    award = move.award
    if not move.refusal:
        award.posted += move.change
        award.moves = move.number
        award.changed_at = at
        _rest(award)
    elif award.posted:
        _rest(award)
    elif move.refusal == NOT_RETURNABLE:
        award.target = 0
        _rest(award)
    else:
        award.status, award.hold, award.changed_at = Status.REFUSED, "", at
        award.refusal = move.refusal


def _rest(award: Award) -> None:
    """Set the status of an award that is neither held nor waits."""
    award.status, award.hold = Status.GRANTED if award.posted else Status.TAKEN_BACK, ""


def state_of(award: Award) -> State:
    """Return what a settlement may change of an award."""
    return tuple(getattr(award, name) for name in FIELDS)


def _is_due_again(award: Award, before: State) -> bool:
    """Return whether a thing was to be taken back, was kept, and is due now."""
    known = dict(zip(FIELDS, before, strict=True))
    return bool(award.target and known["posted"] and not known["target"])


def _is_news(award: Award, before: State | None) -> bool:
    """Return whether what is due, the status or its reason changed: else it was recorded before."""
    if before is None:
        return True
    known = dict(zip(FIELDS, before, strict=True))
    return any(getattr(award, name) != known[name] for name in ("target", "status", "hold"))


def _record(
    awards: Sequence[Award], moves: Sequence[Move], before: Mapping[int, State], *, at: datetime
) -> None:
    """Record what happened to each award: given, taken back, held or refused."""
    changed = [award for award in awards if _is_news(award, before.get(award.pk))]
    members = Member.objects.select_related("merged_into").in_bulk(
        {award.member_id for award in changed} | {move.award.member_id for move in moves}
    )

    def data(award: Award, amount: int) -> dict[str, Any]:
        member = members[award.member_id]
        person = (member.merged_into or member).public_id
        return {"member": person, "kind": award.kind, "asset": award.asset, "amount": amount}

    done = [move for move in moves if not move.refusal]
    record_each(
        INCENTIVES_AWARD_GRANTED,
        [(move.award, data(move.award, move.change)) for move in done if move.gives],
        at=at,
    )
    record_each(
        INCENTIVES_AWARD_TAKEN_BACK,
        [(move.award, data(move.award, -move.change)) for move in done if not move.gives],
        at=at,
    )
    record_each(
        INCENTIVES_AWARD_REFUSED,
        [
            (move.award, {**data(move.award, move.change), "reason": move.refusal})
            for move in moves
            if move.gives
            and move.refusal not in ("", NOT_RETURNABLE)
            and _is_news(move.award, before.get(move.award.pk))
        ],
        at=at,
    )
    record_each(
        INCENTIVES_AWARD_HELD,
        [
            (award, {**data(award, award.target - award.posted), "reason": award.hold})
            for award in changed
            if award.status == Status.HELD
        ],
        at=at,
    )
