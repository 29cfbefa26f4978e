"""Members come in through a provider, each once."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from events.models import Event
from members.models import Identity, Member
from members.services import join
from tests.cast import NOON
from tests.concurrency import run_concurrently

MALL, WECHAT = Identity.Provider.MALL, Identity.Provider.WECHAT_MINI


@pytest.mark.django_db
def test_at_first_sight_a_member_is_created_and_the_fact_recorded() -> None:
    mei, new = join(provider=MALL, external_id="m-1", nickname="Mei", city="深圳", at=NOON)
    assert new
    assert (mei.nickname, mei.city, mei.joined_at) == ("Mei", "深圳", NOON)
    fact = Event.objects.get(name="members.joined", subject_id=mei.public_id)
    assert (fact.at, fact.actor_id, fact.data) == (NOON, mei.public_id, {"provider": "mall"})


@pytest.mark.django_db
def test_somebody_known_stays_as_they_are() -> None:
    mei, _ = join(provider=MALL, external_id="m-1", nickname="Mei", at=NOON)
    again, new = join(provider=MALL, external_id="m-1", nickname="Other", at=NOON)
    assert (again, again.nickname, new) == (mei, "Mei", False)
    assert Event.objects.filter(name="members.joined").count() == 1


@pytest.mark.django_db
def test_the_same_id_at_another_provider_is_somebody_else() -> None:
    mei, _ = join(provider=MALL, external_id="1", at=NOON)
    lan, _ = join(provider=WECHAT, external_id="1", at=NOON)
    assert mei != lan


@pytest.mark.django_db
def test_an_id_belongs_to_one_member_and_is_not_empty(mei: Member, lan: Member) -> None:
    for provider, external_id in ((MALL, "mei"), (WECHAT, "")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Identity.objects.create(member=lan, provider=provider, external_id=external_id)
    assert lan.identities.count() == 1


@pytest.mark.usefixtures("committed")
def test_one_person_through_eight_doors_at_once_is_one_member() -> None:
    ends = run_concurrently(*[partial(join, provider=MALL, external_id="m-1", at=NOON)] * 8)
    assert sorted(new for _, new in ends) == [False] * 7 + [True]
    assert len({member for member, _ in ends}) == 1
    assert Member.objects.count() == Event.objects.filter(name="members.joined").count() == 1


@pytest.mark.usefixtures("committed")
def test_control_looking_first_lets_a_second_one_in() -> None:
    at_the_same_place = threading.Barrier(2)

    def look_then_create() -> None:
        if not Member.objects.filter(nickname="Mei").exists():
            at_the_same_place.wait(30)
            Member.objects.create(nickname="Mei", joined_at=NOON)

    assert run_concurrently(look_then_create, look_then_create) == [None, None]
    assert Member.objects.count() == 2
