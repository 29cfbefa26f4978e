"""What the mall keeps about a member is the member's to read, and goes with the account."""

from __future__ import annotations

import pytest

from common import clock
from integration.models import MemberMetadata
from members.closing import close_member
from members.models import Identity, Member
from tests.api.phone import Phone

pytestmark = pytest.mark.django_db


def keep(member: Member, name: str) -> None:
    identity = Identity.objects.get(member=member, provider="mall")
    MemberMetadata.objects.create(identity=identity, data={"note": f"about {name}"})


def test_the_export_has_it_and_closing_deletes_it(lan: Member, chen: Member) -> None:
    keep(lan, "lan")
    keep(chen, "chen")

    assert Phone(lan).get("/me/data").json()["metadata"] == [{"note": "about lan"}]

    close_member(member=lan, at=clock.now())

    (left,) = MemberMetadata.objects.all()
    assert left.data == {"note": "about chen"}
