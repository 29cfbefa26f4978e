"""What the tests of this room ask again and again."""

from __future__ import annotations

from typing import Any

from distribution.models import Application, Binding, Distributor, Policy, Spell
from events.models import Event
from members.models import Member

WHY = "They asked for it"


def rows() -> dict[str, Any]:
    """Everything that a refused verb must leave as it is."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Application, Binding, Distributor, Policy, Spell, Event)
    }


def upline(member: Member) -> str:
    """Whose member they are now; empty for nobody's."""
    running = Binding.objects.filter(member=member, ended_at=None)
    return running.values_list("distributor__member__nickname", flat=True).first() or ""


def set_policy(**fields: Any) -> None:
    Policy.objects.filter(pk=1).update(**fields)


def last_fact(name: str) -> Event:
    return Event.objects.filter(name=f"distribution.{name}").latest("id")
