"""A mall's history runs through the same verbs as its present."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from distribution.models import Application, Distributor, Referral, Source
from distribution.services import enrol, lock_members, refer
from integration.mall.files import Files
from integration.mall.history import Batch, batches
from integration.mall.sheets import Row
from members.models import Identity
from members.services import Newcomer, join_many
from orders.services import ingest_orders

MALL = Identity.Provider.MALL


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    """Facts so far."""
    until: datetime


def replay(files: Files, *, until: datetime | None) -> Iterator[Progress]:
    """Take in history batch by batch; each is a transaction, and known facts change nothing.

    A replay that was killed is finished by running it again.

    :raises TwotierError: an order is refused; its batch is rolled back
    """
    done = 0
    for batch in batches(files, until):
        import_batch(batch)
        done += batch.facts
        yield Progress(done, batch.until)


@transaction.atomic
def import_batch(batch: Batch) -> None:
    _import_members(batch.members, until=batch.until)
    for outcome in ingest_orders(batch.orders, at=batch.until):
        if outcome.error:
            raise outcome.error


def _import_members(rows: list[Row], *, until: datetime) -> None:
    names = {row["member"] for row in rows} | {row["referrer"] for row in rows if row["referrer"]}
    members = join_many(
        MALL,
        [
            Newcomer(row["member"], row["joined_at"], row["nickname"], row["province"], row["city"])
            for row in rows
        ],
    )
    members |= {
        each.external_id: each.member
        for each in Identity.objects.filter(
            provider=MALL, external_id__in=names - set(members)
        ).select_related("member")
    }
    distributors = set(
        Distributor.objects.filter(member__in=members.values()).values_list("member", flat=True)
    )
    for row in sorted(rows, key=lambda one: one["joined_at"]):
        member = members[row["member"]]
        if row["is_distributor"] == "1" and member.pk not in distributors:
            enrol(member=member, route=Application.Route.STAFF, at=row["joined_at"])
            distributors.add(member.pk)
    brought = set(
        Referral.objects.filter(member__in=members.values()).values_list("member", flat=True)
    )
    lock_members(*(members[row["member"]].pk for row in rows))
    for row in sorted(rows, key=lambda one: one["bound_at"] or one["joined_at"]):
        member = members[row["member"]]
        if row["referrer"] and row["bound_at"] <= until and member.pk not in brought:
            refer(
                member=member, referrer=members[row["referrer"]], source=Source.IMPORT,
                at=row["bound_at"],
            )  # fmt: skip
            brought.add(member.pk)
