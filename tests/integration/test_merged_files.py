"""A shop imports files from before a merge once more."""

from __future__ import annotations

import pytest

from distribution.models import Binding, Distributor
from events.models import Event
from integration.merges import merge_members, propose_merge
from members.models import Member
from orders.models import Order
from tests.cast import CLOCK, give, staff
from tests.integration.files import Write, import_mall
from tests.shop import commissions

BINDINGS = """member,distributor,bound_at,ended_at
lan,mei,2025-11-01T13:00:00+08:00,
bo,lan,2025-11-02T12:00:00+08:00,
"""


@pytest.mark.parametrize("with_bindings", [False, True])
def test_files_from_before_the_merge_change_nothing(
    mall: Write, with_bindings: bool, db: None
) -> None:
    lin = "lin,琳,浙江,杭州,2025-11-01T13:00:00+08:00,0,,\n"
    folder = mall("members.csv", "bo,波", f"{lin}bo,波")
    if with_bindings:
        (folder / "bindings.csv").write_text(BINDINGS, encoding="utf-8")
    assert import_mall(folder) == ""
    lan, lin_, bo = (
        Member.objects.all().with_identity("mall", name).get() for name in ("lan", "lin", "bo")
    )
    by = give(staff("Qian"), "propose_merge")
    proposal = propose_merge(merged=lan, survivor=lin_, reason="same phone", by=by, at=CLOCK)
    merge_members(proposal=proposal, by=give(staff("Feng"), "decide_merge"), at=CLOCK)
    before = stored()

    assert import_mall(folder) == ""

    assert stored() == before
    assert not Binding.objects.filter(member__in=[lin_, bo], ended_at=None).exists()
    assert not Distributor.objects.filter(member=lin_).exists()


def stored() -> object:
    return (
        list(Binding.objects.order_by("pk").values()),
        list(Distributor.objects.order_by("pk").values()),
        list(Order.objects.order_by("pk").values()),
        commissions(),
        Event.objects.count(),
    )
