"""A provider's identity creates a member once."""

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
def test_a_new_identity_creates_a_member_and_records_an_event() -> None:
    mei, new = join(provider=MALL, external_id="m-1", nickname="Mei", city="深圳", at=NOON)
    assert new
    assert (mei.nickname, mei.city, mei.joined_at) == ("Mei", "深圳", NOON)
    event = Event.objects.get(name="members.joined", subject_id=mei.public_id)
    assert (event.at, event.actor_id, event.data) == (NOON, mei.public_id, {"provider": "mall"})


@pytest.mark.django_db
def test_an_existing_member_is_not_changed() -> None:
    mei, _ = join(provider=MALL, external_id="m-1", nickname="Mei", at=NOON)
    again, new = join(provider=MALL, external_id="m-1", nickname="Other", at=NOON)
    assert (again, again.nickname, new) == (mei, "Mei", False)
    assert Event.objects.filter(name="members.joined").count() == 1


@pytest.mark.django_db
def test_the_same_id_at_another_provider_is_another_member() -> None:
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
def test_eight_concurrent_joins_create_one_member() -> None:
    results = run_concurrently(*[partial(join, provider=MALL, external_id="m-1", at=NOON)] * 8)
    assert sorted(new for _, new in results) == [False] * 7 + [True]
    assert len({member for member, _ in results}) == 1
    assert Member.objects.count() == Event.objects.filter(name="members.joined").count() == 1


@pytest.mark.usefixtures("committed")
def test_control_check_then_create_makes_a_duplicate() -> None:
    both_checked = threading.Barrier(2)

    def check_then_create() -> None:
        if not Member.objects.filter(nickname="Mei").exists():
            both_checked.wait(30)
            Member.objects.create(nickname="Mei", joined_at=NOON)

    assert run_concurrently(check_then_create, check_then_create) == [None, None]
    assert Member.objects.count() == 2
