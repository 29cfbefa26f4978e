"""Replay the mall's history through the same services as present events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from distribution.models import Application, Distributor, Referral, Source
from distribution.services import enrol, import_binding, lock_members, refer
from integration.mall.files import Files
from integration.mall.history import Batch, batches
from integration.mall.order_conflicts import SOURCE
from integration.mall.retries import with_retries
from integration.mall.sheets import Row
from integration.mall.stored_members import MALL, StoredMember, stored_members
from members.services import Newcomer, join_many
from orders.intake import ingest_orders


@dataclass(frozen=True, slots=True)
class Progress:
    event_count: int
    until: datetime


def replay(
    files: Files,
    *,
    until: datetime | None,
    clock: datetime,
    after: datetime | None = None,
) -> Iterator[Progress]:
    """Replay history batch by batch, each in a transaction; idempotent.

    A lost connection or a deadlock repeats the batch. Running a killed replay again completes it.

    :param clock: the present time
    :param after: leave out the batches up to this moment, which an earlier run has completed
    :raises TwotierError: an order is refused; its batch is rolled back
    """
    event_count = 0
    for batch in batches(files, until):
        event_count += batch.event_count
        if after and batch.until <= after:
            continue
        with_retries(partial(import_batch, batch, clock=clock))
        yield Progress(event_count, batch.until)


@transaction.atomic
def import_batch(batch: Batch, *, clock: datetime) -> None:
    _import_members(batch.members, until=batch.until, with_referrals=batch.bindings is None)
    _import_bindings(batch.bindings or [], until=batch.until)
    for outcome in ingest_orders(batch.orders, at=batch.until, clock=clock, source=SOURCE):
        if outcome.error:
            raise outcome.error


def _import_members(rows: list[Row], *, until: datetime, with_referrals: bool) -> None:
    names = {row["referrer"] for row in rows if row["referrer"]} if with_referrals else set()
    members = join_many(
        MALL,
        [
            Newcomer(row["member"], **row.pick("joined_at", "nickname", "province", "city"))
            for row in rows
        ],
    )
    stored = stored_members(names | set(members))
    _enrol_distributors(rows, stored)
    if with_referrals:
        _import_referrals(rows, stored, until=until)


def _enrol_distributors(rows: list[Row], members: dict[str, StoredMember]) -> None:
    keys = {row.first for row in members.values()}
    distributors = set(Distributor.objects.filter(member__in=keys).values_list("member", flat=True))
    for row in sorted(rows, key=lambda row: row["joined_at"]):
        member, first = members[row["member"]]
        if row["is_distributor"] == "1" and first not in distributors:
            enrol(member=member, route=Application.Route.STAFF, at=row["joined_at"])
            distributors.add(first)


def _import_referrals(
    rows: list[Row], members: dict[str, StoredMember], *, until: datetime
) -> None:
    keys = {row.first for row in members.values()}
    referred = set(Referral.objects.filter(member__in=keys).values_list("member", flat=True))
    lock_members(*(members[row["member"]].member.pk for row in rows))
    for row in sorted(rows, key=lambda row: row["bound_at"] or row["joined_at"]):
        member, first = members[row["member"]]
        if row["referrer"] and row["bound_at"] <= until and first not in referred:
            refer(
                member=member, referrer=members[row["referrer"]].member, source=Source.IMPORT,
                at=row["bound_at"],
            )  # fmt: skip
            referred.add(first)


def _import_bindings(rows: list[Row], *, until: datetime) -> None:
    members = stored_members({row[name] for row in rows for name in ("member", "distributor")})
    distributors = {
        distributor.member_id: distributor
        for distributor in Distributor.objects.filter(
            member__in={members[row["distributor"]].first for row in rows}
        ).select_related("member")
    }
    lock_members(*(members[row["member"]].member.pk for row in rows))
    for row in sorted(rows, key=lambda row: row["bound_at"]):
        ended = row["ended_at"] is not None and row["ended_at"] <= until
        import_binding(
            member=members[row["member"]].member,
            distributor=distributors[members[row["distributor"]].first],
            started_at=row["bound_at"],
            ended_at=row["ended_at"] if ended else None,
            ends=row["ended_at"] is not None,
        )
