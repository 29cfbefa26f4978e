"""Helpers for the tests of this room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from distribution.models import Application, Binding, Distributor, DistributorPeriod, Policy
from distribution.queries import upline_chains
from distribution.services import end_bindings_to_exited
from events.models import Event
from members.models import Member
from tests.cast import NOON

REASON = "They asked for it"


def rows() -> dict[str, Any]:
    """Return every row that a refused service must leave unchanged."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Application, Binding, Distributor, Policy, DistributorPeriod, Event)
    }


def upline(member: Member) -> str:
    """Return the nickname of the current upline, or an empty string."""
    running = Binding.objects.running().filter(member=member)
    return running.values_list("distributor__member__nickname", flat=True).first() or ""


def uplines(member: Member, *days: int) -> list[str]:
    """Return the upline's nickname at each number of days after ``NOON``; empty without one."""
    names = dict(Distributor.objects.values_list("pk", "member__nickname"))
    chains = upline_chains([(member.pk, NOON + timedelta(days=day)) for day in days])
    return [names[chain.tier1.distributor_id] if chain.tier1 else "" for chain in chains]


def end_bindings(*, limit: int = 1_000) -> list[int]:
    """Record the ends that exits have left behind, and return the size of each batch."""
    sizes = [end_bindings_to_exited(limit=limit)]
    while sizes[-1]:
        sizes.append(end_bindings_to_exited(limit=limit))
    return sizes


def set_policy(**fields: Any) -> None:
    Policy.objects.filter(pk=1).update(**fields)


def last_event(name: str) -> Event:
    return Event.objects.filter(name=f"distribution.{name}").latest("id")
