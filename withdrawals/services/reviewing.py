"""Operations review first, then finance: never the same person, and never the member."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from common import status
from common.errors import TwotierError
from events.services import happened
from members.models import User
from withdrawals.gateways import gateway
from withdrawals.models import Reason, Withdrawal
from withdrawals.services import standing
from withdrawals.services.locking import lock_cash
from withdrawals.services.quoting import needs_two, price_of
from withdrawals.services.refusals import ContentChanged, NotYours
from withdrawals.services.requesting import end_unpaid
from withdrawals.services.rights import FINANCE, OPERATIONS, check_may
from withdrawals.services.sending_back import send_back

Status = Withdrawal.Status
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Approved:
    """What came of one withdrawal of a batch."""

    withdrawal: Withdrawal
    refusal: TwotierError | None = None


@transaction.atomic
def approve_as_operations(
    *, withdrawal: Withdrawal, by: User, at: datetime, content: str = ""
) -> bool:
    """Approve a request for operations; finance decides next.

    :param content: the hash that the reviewer has looked at; empty: as it is now
    :returns: whether it is approved; a tax that has changed since puts it to review anew instead
    :raises NotAllowed: they have not the role
    :raises NotYours: it is their own
    :raises WrongStatus: somebody else has decided it already
    :raises Blocked: the member owes money, is frozen …
    :raises ContentChanged: it is not what they have looked at
    """
    check_may(by, OPERATIONS, withdrawal)
    if not _as_seen(withdrawal, Status.REQUESTED, to=Status.OPS_APPROVED, content=content, at=at):
        return False
    before = status.move(withdrawal, to=Status.OPS_APPROVED, **_review("ops", withdrawal, by, at))
    _approved("withdrawals.ops_approved", withdrawal, before, by, at)
    return True


@transaction.atomic
def approve_as_finance(
    *, withdrawal: Withdrawal, by: User, at: datetime, content: str = ""
) -> bool:
    """Approve for finance what operations have approved; the money can go.

    Above the policy's amount two people of finance are needed: the first approval is noted, and the
    second one counts.

    :returns: as for operations
    :raises NotAllowed, NotYours, WrongStatus, Blocked, ContentChanged: as for operations
    """
    check_may(by, FINANCE, withdrawal)
    if not _as_seen(
        withdrawal, Status.OPS_APPROVED, to=Status.FINANCE_APPROVED, content=content, at=at
    ):
        return False
    if by.pk in {withdrawal.ops_reviewer_id, withdrawal.finance_reviewer_id} or (
        by.member_id and by.member_id in {withdrawal.ops_member, withdrawal.finance_member}
    ):
        raise NotYours(withdrawal=withdrawal.public_id)
    first = withdrawal.finance_reviewer_id is None
    enough = not (first and withdrawal.two_finance)
    before = status.move(
        withdrawal,
        to=Status.FINANCE_APPROVED if enough else Status.OPS_APPROVED,
        **_review("finance" if first else "second", withdrawal, by, at),
    )
    _approved(
        "withdrawals.finance_approved" if enough else "withdrawals.finance_approved_once",
        withdrawal, before, by, at,
    )  # fmt: skip
    if enough and gateway().confirmed_by_member:
        make_ready(withdrawal, at=at)
    return True


def make_ready(withdrawal: Withdrawal, *, at: datetime) -> None:
    """From now on the member may collect it."""
    before = status.move(withdrawal, to=Status.READY_TO_COLLECT, ready_at=at)
    happened(
        "withdrawals.ready_to_collect", withdrawal, at=at,
        before={"status": before}, after={"status": withdrawal.status},
    )  # fmt: skip


@transaction.atomic
def reject(
    *, withdrawal: Withdrawal, by: User, at: datetime, reason: Reason, note: str = ""
) -> None:
    """Say no before anything is being paid, and why; the money is the member's again.

    :param note: told to the member beside the reason; its first 200 characters
    :raises NotAllowed: they have neither role
    :raises NotYours: it is their own
    :raises WrongStatus: it is being paid, or has ended
    """
    check_may(by, OPERATIONS if by.has_perm(OPERATIONS) else FINANCE, withdrawal)
    cash = lock_cash(withdrawal.member)
    end_unpaid(
        withdrawal, cash, to=Status.REJECTED, by=by, at=at, reason=reason,
        note=note.strip()[:LONGEST_NOTE],
    )  # fmt: skip


def approve_many(
    *, withdrawals: Iterable[Withdrawal], by: User, at: datetime, finance: bool
) -> list[Approved]:
    """Approve each by itself: what cannot be answers with its refusal, the others go on."""
    approve = approve_as_finance if finance else approve_as_operations
    done = []
    for withdrawal in withdrawals:
        try:
            approve(withdrawal=withdrawal, by=by, at=at, content=withdrawal.content)
        except TwotierError as refusal:
            done.append(Approved(withdrawal, refusal))
        else:
            done.append(Approved(withdrawal))
    return done


def _as_seen(
    withdrawal: Withdrawal, expected: Status, *, to: Status, content: str, at: datetime
) -> bool:
    """Lock, look again, and refuse what must not go on.

    :returns: whether it may be approved; a tax that has changed since sends it back instead
    """
    lock_cash(withdrawal.member)
    withdrawal.refresh_from_db()
    status.expect(withdrawal, expected, to=to)
    standing.check(withdrawal)
    if content and content != withdrawal.content:
        raise ContentChanged(withdrawal=withdrawal.public_id)
    if not withdrawal.two_finance and needs_two(withdrawal.gross):
        withdrawal.two_finance = True
        withdrawal.save(update_fields=["two_finance"])
    now = price_of(withdrawal, at=at)
    if now.content != withdrawal.content:
        send_back(withdrawal, at=at, why="tax")
        return False
    return True


def _review(who: str, withdrawal: Withdrawal, by: User, at: datetime) -> dict[str, object]:
    return {
        f"{who}_reviewer": by,
        f"{who}_member": by.member_id or 0,
        f"{who}_at": at,
        f"{who}_content": withdrawal.content,
    }


def _approved(name: str, withdrawal: Withdrawal, before: str, by: User, at: datetime) -> None:
    happened(
        name, withdrawal, at=at, by=by,
        before={"status": before}, after={"status": withdrawal.status}, content=withdrawal.content,
    )  # fmt: skip
