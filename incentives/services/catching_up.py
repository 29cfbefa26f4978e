"""Bring contributions, progress and awards to what the facts say. Level-triggered, idempotent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Set
from datetime import datetime
from functools import partial

from django.db import transaction

from incentives.metrics.counting import count_facts
from incentives.metrics.facts import paid_orders
from incentives.metrics.proofs import count_proof
from incentives.models import Proof, Version
from incentives.periods import counting_version
from incentives.runs import all_runs
from incentives.services.awards import apply_targets
from incentives.services.contributions import Count, Counts, Source, save_contributions
from incentives.services.gathering import gather, scope_with_merges
from incentives.services.late_orders import Rows, without_late
from incentives.services.locks import lock_found
from incentives.services.prizes_after_close import lowered_prizes
from incentives.services.scopes import Scope
from incentives.services.targets import targets_at
from incentives.services.totals import Place
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
    if runs:
        scope = lock_found(partial(scope_with_merges, runs, orders))
        places = _gather_all(scope)
        _settle_counts(_count(scope), at=at, places=places)


def recount(*, orders: Collection[int], at: datetime) -> None:
    """Count any number of orders again, in transactions of their own.

    Orders of one distributor go together, so that each member is summed up few times. Call it
    outside a transaction: after a budget is locked, nobody else may be locked, so each batch needs
    its own.
    """
    rows = Order.objects.filter(pk__in=list(orders))
    ordered = rows.order_by("attribution__tier1_id", "buyer_id", "pk")
    keys = list(ordered.values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH_SIZE):
        catch_up(orders=keys[start : start + BATCH_SIZE], at=at)


@transaction.atomic
def catch_up_proof(*, proof: Proof, at: datetime) -> None:
    """Count a proof, and give what it reaches; a rejected one counts nothing.

    A merge of who handed it in is followed first, as for orders.
    """
    catch_up_locked_proof(proof=proof, scope=lock_found(partial(scope_of_proof, proof)), at=at)


def catch_up_locked_proof(*, proof: Proof, scope: Scope, at: datetime) -> None:
    """Count a proof as ``catch_up_proof`` does, under the locks that the caller holds.

    To lock again would be out of order where others have changed meanwhile whom it concerns.

    :param scope: of the proof, as it was found under the locks
    """
    places = _gather_all(scope)
    _settle_counts({**_count(scope), **_count_proofs([proof.pk])}, at=at, places=places)


def catch_up_moved(
    *, scope: Scope, proofs: Collection[int], places: Set[Place], at: datetime
) -> None:
    """Count again what was moved to another member, and settle awards once.

    :param scope: the orders; the caller has locked its people
    :param proofs: primary keys
    :param places: where awards were left behind
    """
    _settle_counts({**_count(scope), **_count_proofs(proofs)}, at=at, places=places)


def scope_of_proof(proof: Proof) -> Scope:
    """Return whom a proof concerns, and what their merged accounts still have; reads only."""
    persons = survivor_keys([proof.member_id]).values()
    return scope_with_merges(all_runs(), (), set(persons))


def _gather_all(scope: Scope) -> set[Place]:
    """Follow the merges of a scope; return the places where something is to be counted again."""
    return set[Place]().union(*(gather(merged=row) for row in scope.merged))


def _settle_counts(counts: Counts, *, at: datetime, places: Set[Place] = frozenset()) -> None:
    """Save what sources count, and settle what is due for them, and all at the places given."""
    touched = save_contributions(counts, at=at) if counts else {}
    partly = {place: bases for place, bases in touched.items() if place not in places}
    if everywhere := places | touched.keys():
        apply_targets([*targets_at(everywhere, partly), *lowered_prizes(everywhere)], at=at)


def _count(scope: Scope) -> Counts:
    """Return what the orders, and those that must be counted with them, count now."""
    facts = {row.pk: row for row in paid_orders(set().union(*scope.orders.values()))}
    counts: dict[Source, Count | None] = {}
    for run in scope.runs:
        wanted = scope.orders[run.incentive]
        rows: Rows = {
            key: (version, facts[key])
            for key in wanted
            if key in facts and (version := run.version_at(facts[key].paid_at))
        }
        counts |= {Source(run.incentive, key, None): None for key in wanted}
        rows = without_late(run.incentive, rows)
        for counted in count_facts(list(rows.values())):
            order = counted.order or 0
            counts[Source(run.incentive, order, None)] = rows[order][0], counted
    return counts


def _count_proofs(proofs: Collection[int]) -> Counts:
    """Return what proofs count now, each by the version that ran when it was handed in."""
    if not proofs:
        return {}
    rows = list(Proof.objects.filter(pk__in=list(proofs)).order_by("pk"))
    versions = Version.objects.published().filter(incentive__in={row.incentive_id for row in rows})
    by_incentive: dict[int, list[Version]] = defaultdict(list)
    for version in versions.select_related("incentive"):
        by_incentive[version.incentive_id].append(version)
    persons = survivor_keys({row.member_id for row in rows})
    counts: dict[Source, Count | None] = {}
    for row in rows:
        running = counting_version(by_incentive[row.incentive_id], row.handed_in_at)
        counted = count_proof(running, row, persons[row.member_id]) if running else None
        source = Source(row.incentive_id, None, row.pk)
        counts[source] = (running, counted) if running and counted else None
    return counts
