"""Give what awards are made of, and take it back: one branch for each kind.

Money is posted to the ledger; everything else belongs to another room or to another table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Greatest

from commissions.services import add_boost, end_boost
from common.locks import lock_rows
from distribution.models import Distributor, DistributorPeriod
from events.models import Reference
from incentives.models import Award, PointsFactor, Reward
from incentives.services import gifts, levels
from incentives.services.moves import Move, key_of
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account
from ledger.services import (
    Posting,
    Reclaim,
    Source,
    award_payer,
    lock_accounts,
    open_wallets,
    reclaim_many,
    transfer_many,
)
from members.models import Member
from members.persons import hold_survivors
from promotions.models import Coupon, RevokeReason
from promotions.services import grant_coupon, keep_coupon, revoke_coupon

Kinds = Reward.Kind
FOR_DISTRIBUTORS = (Kinds.LEVEL, Kinds.BOOST)


def lock(moves: Sequence[Move]) -> None:
    """Lock what the moves change, in the order of ``common.locks``; refuse what is impossible.

    Budgets are locked after this, and nothing else after budgets.
    """
    _hold_persons(moves)
    _refuse_closed([move for move in moves if move.gives])
    _lock_distributors([move for move in moves if move.award.kind in FOR_DISTRIBUTORS])
    if coupons := {key for move in moves if (key := move.award.reward.coupon_id)}:
        lock_rows(Coupon.objects.filter(pk__in=coupons))
    posted = [move for move in moves if move.is_posted and not move.refusal]
    if posted:
        _lock_wallets(posted)


def give(move: Move, *, at: datetime) -> None:
    """Give a coupon or a boost, before the award is saved; the rest follows in ``post``.

    :raises TwotierError: it cannot be given; nothing was changed
    """
    award, reward = move.award, move.award.reward
    match award.kind:
        case Kinds.COUPON:
            assert reward.coupon, "the database requires it"
            grant_coupon(coupon=reward.coupon, member=award.member, key=move.key, at=at)
        case Kinds.BOOST:
            add_boost(
                distributor=Distributor.objects.get(member=move.person),
                rate=reward.rate or 0, starts_at=at, ends_at=_until(reward, at),
                source=Reference.to(award),
            )  # fmt: skip


def take_back(move: Move, *, at: datetime) -> bool:
    """Take a thing back; money follows in ``post``.

    :returns: whether it is taken back; False: it was used or sent, and stays
    """
    award = move.award
    match award.kind:
        case Kinds.COUPON:
            key = key_of(award, award.moves)
            return revoke_coupon(key=key, at=at, reason=RevokeReason.AWARD_TAKEN_BACK)
        case Kinds.GIFT:
            return gifts.cancel_task(award=award, at=at)
        case Kinds.LEVEL:
            levels.end_awarded_level(award=award, at=at)
        case Kinds.BOOST:
            end_boost(source=Reference.to(award), at=at)
        case Kinds.FACTOR:
            running = PointsFactor.objects.filter(award=award, ends_at__gt=at)
            # A refund may be told late, of a time before the factor was given.
            running.update(ends_at=Greatest(F("starts_at"), at))
    return True


def cancel_revocations(awards: Iterable[Award]) -> None:
    """Keep what could not be taken back, as these awards are due again."""
    for award in awards:
        if award.kind == Kinds.COUPON:
            keep_coupon(key=key_of(award, award.moves))


def post(moves: Sequence[Move], *, at: datetime) -> None:
    """Post money, and give the things that refer to their award; the awards are saved."""
    for move in moves:
        if move.gives:
            _give_thing(move, at=at)
    money = [move for move in moves if move.is_posted]
    if money:
        _post_money(money, at=at)


def _give_thing(move: Move, *, at: datetime) -> None:
    award = move.award
    match award.kind:
        case Kinds.GIFT:
            gifts.open_task(award=award, at=at)
        case Kinds.LEVEL:
            levels.award_level(award=award, at=at)
        case Kinds.FACTOR:
            PointsFactor.objects.update_or_create(
                award=award,
                defaults={
                    "member_id": move.person, "rate": award.reward.rate or 0, "starts_at": at,
                    "ends_at": _until(award.reward, at),
                },
            )  # fmt: skip


def _post_money(moves: Sequence[Move], *, at: datetime) -> None:
    """Credit first: what is taken back then finds the money in the wallet."""
    wallets = _wallets(moves)
    payers = {asset: award_payer(asset) for asset in {Asset(move.award.asset) for move in moves}}
    postings, reclaims = [], []
    for move in moves:
        award = move.award
        wallet, payer = wallets[move.person, award.asset], payers[Asset(award.asset)]
        source = Source("incentives.award", award.public_id)
        if move.gives:
            postings.append(
                Posting(move.key, payer.pk, wallet.pk, move.change, Reason.AWARD, *source, at)
            )
        else:
            reclaims.append(
                Reclaim(move.key, wallet, payer, -move.change, source, Reason.AWARD_CLAWBACK)
            )
    if postings:
        transfer_many(postings)
    if reclaims:
        reclaim_many(reclaims, effective_at=at)


def _hold_persons(moves: Sequence[Move]) -> None:
    """Set whom moves concern; nobody merges or closes these accounts until the transaction ends."""
    persons = hold_survivors({move.award.member_id for move in moves})
    for move in moves:
        move.person = persons[move.award.member_id]


def _refuse_closed(moves: Sequence[Move]) -> None:
    """Refuse what is for closed accounts; the caller holds the persons."""
    if not moves:
        return
    people = {move.award.member_id for move in moves}
    members = Member.objects.select_related("merged_into").in_bulk(people)
    for move in moves:
        member = move.award.member = members[move.award.member_id]
        if (member.merged_into or member).closed_at:
            move.refusal = Award.Refusal.ACCOUNT_CLOSED


def _lock_distributors(moves: Sequence[Move]) -> None:
    people = {move.person for move in moves}
    if not people:
        return
    distributors = Distributor.objects.filter(member__in=people)
    keys = lock_rows(distributors)
    lock_rows(DistributorPeriod.objects.filter(distributor__in=keys, ended_at=None))
    known = set(distributors.values_list("member", flat=True))
    for move in moves:
        if move.gives and move.person not in known:
            move.refusal = Award.Refusal.NOT_DISTRIBUTOR


def _lock_wallets(moves: Collection[Move]) -> None:
    wallets = _wallets(moves).values()
    accounts = Account.objects.filter(
        member__in={wallet.member_id for wallet in wallets},
        asset__in={wallet.asset for wallet in wallets}, kind__in=[Kind.WALLET, Kind.OWED],
    )  # fmt: skip
    lock_accounts(accounts)


def _wallets(moves: Collection[Move]) -> dict[tuple[int, str], Account]:
    """Return the wallets by person and asset of moves; open those that are missing."""
    people = {move.person for move in moves}
    assets = {Asset(move.award.asset) for move in moves}
    rows = Account.objects.filter(member__in=people, asset__in=assets, kind=Kind.WALLET)
    wallets = {(row.member_id or 0, row.asset): row for row in rows}
    missing = {who for who in people for asset in assets if (who, asset) not in wallets}
    if missing:
        open_wallets(Member.objects.filter(pk__in=missing), assets)
        wallets = {(row.member_id or 0, row.asset): row for row in rows.all()}
    return wallets


def _until(reward: Reward, at: datetime) -> datetime:
    return at + timedelta(days=reward.days or 0)
