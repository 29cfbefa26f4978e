"""Bring contributions, progress and awards to what the facts say. Level-triggered, idempotent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Min

from incentives.metrics import Counted
from incentives.metrics.counting import count_facts, orders_to_count
from incentives.metrics.facts import paid_orders
from incentives.metrics.proofs import count_proof
from incentives.models import Contribution, Proof, Version
from incentives.periods import counting_version
from incentives.runs import Run, all_runs
from incentives.services.awards import apply_targets
from incentives.services.contributions import Counts, Source, save_contributions
from incentives.services.locks import lock_people, people_of
from incentives.services.prizes_after_close import lowered_prizes
from incentives.services.targets import targets_at
from members.persons import survivor_keys
from orders.models import Order

BATCH_SIZE = 1_000


@transaction.atomic
def catch_up(*, orders: Collection[int], at: datetime) -> None:
    """Count orders again, and give or take back what follows for the people whom they touch.

    The number of statements does not grow with the orders.

    :param orders: primary keys; at most some thousands; ``recount`` takes more
    :param at: when what is given now is given
    """
    runs = all_runs() if orders else []
    if not runs:
        return
    lock_people(people_of(orders))
    runs = _touched(runs, orders)
    counts = _count(runs, orders)
    if counts:
        touched = save_contributions(counts, at=at)
        apply_targets([*targets_at(touched, touched), *lowered_prizes(touched)], at=at)


def recount(*, orders: Collection[int], at: datetime) -> None:
    """Count any number of orders again, in transactions of their own.

    Orders of one distributor go together, so that each member is summed up few times.
    """
    rows = Order.objects.filter(pk__in=list(orders))
    ordered = rows.order_by("attribution__tier1_id", "buyer_id", "pk")
    keys = list(ordered.values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH_SIZE):
        catch_up(orders=keys[start : start + BATCH_SIZE], at=at)


@transaction.atomic
def catch_up_proof(*, proof: Proof, at: datetime) -> None:
    """Count a proof, and give what it reaches; a rejected one counts nothing."""
    versions = list(
        Version.objects.published().filter(incentive=proof.incentive).select_related("incentive")
    )
    version = counting_version(versions, proof.handed_in_at)
    lock_people([proof.member_id])
    proof = Proof.objects.get(pk=proof.pk)
    member = survivor_keys([proof.member_id])[proof.member_id]
    counted = count_proof(version, proof, member) if version else None
    source = Source(proof.incentive_id, None, proof.pk)
    count = (version, counted) if version and counted else None
    touched = save_contributions({source: count}, at=at)
    apply_targets(targets_at(touched, touched), at=at)


def _touched(runs: list[Run], orders: Collection[int]) -> list[Run]:
    """Return the incentives that may count one of the orders, or counted it before."""
    counted = Contribution.objects.filter(order__in=list(orders)).order_by()
    known = set(counted.values_list("incentive", flat=True).distinct())
    paid = Order.objects.filter(pk__in=list(orders)).aggregate(first=Min("paid_at"))["first"]
    return [run for run in runs if run.incentive in known or (paid and not run.is_over(paid))]


def _count(runs: list[Run], orders: Collection[int]) -> Counts:
    """Return what the orders, and those that must be counted with them, count now."""
    wanted = {run.incentive: orders_to_count(run.versions, orders) for run in runs}
    facts = {row.pk: row for row in paid_orders(set().union(*wanted.values()))}
    counts: dict[Source, tuple[Version, Counted] | None] = {}
    for run in runs:
        rows = {
            key: (version, facts[key])
            for key in wanted[run.incentive]
            if key in facts and (version := run.version_at(facts[key].paid_at))
        }
        counts |= {Source(run.incentive, key, None): None for key in wanted[run.incentive]}
        for counted in count_facts(list(rows.values())):
            order = counted.order or 0
            counts[Source(run.incentive, order, None)] = rows[order][0], counted
    return counts
