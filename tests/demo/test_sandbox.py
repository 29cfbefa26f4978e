"""Developers sign in as the people of the demo, but not in production."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings

from demo.sandbox import NAMES
from demo.seed import PEOPLE
from members.models import Identity, Member, MemberSession
from members.services import join
from tests.cast import NOON
from tests.members.api.client import OWN_PAGE, ApiClient, problem_code

pytestmark = pytest.mark.django_db


def sign_in(name: Any = "lan", **body: Any) -> Any:
    return ApiClient().post("/sandbox/login", {"name": name, **body})


def test_every_person_of_the_demo_has_a_name() -> None:
    assert len(NAMES) == len(PEOPLE)


def test_lan_is_the_lan_of_the_story(db: None) -> None:
    lan, _ = join(provider=Identity.Provider.MALL, external_id="demo-2", nickname="兰", at=NOON)

    answer = sign_in().json()

    assert (answer["member"]["id"], answer["is_new"]) == (lan.public_id, False)
    client = ApiClient()
    client.access = answer["access"]
    assert client.get("/me").json()["nickname"] == "兰"


def test_without_the_story_the_people_are_created_once(db: None) -> None:
    for _ in range(2):
        for name in NAMES:
            assert sign_in(name).status_code == 200

    assert sorted(Member.objects.values_list("nickname", flat=True)) == sorted(
        name for name, _province, _city in PEOPLE
    )


def test_a_browser_gets_the_cookie(db: None) -> None:
    client = ApiClient()

    assert "refresh" not in client.post("/sandbox/login", {"name": "lan", "cookie": True}).json()
    assert client.post("/auth/refresh", {"cookie": True}, OWN_PAGE).status_code == 200


@override_settings(PRODUCTION=True)
def test_in_production_nobody_signs_in_by_name(db: None) -> None:
    assert problem_code(sign_in()) == (404, "feature_off")
    assert not Member.objects.exists()
    assert not MemberSession.objects.exists()


@pytest.mark.parametrize("name", ["qian", "", None, 1, ["lan"]])
def test_strangers_are_refused(db: None, name: Any) -> None:
    assert problem_code(sign_in(name)) == (400, "invalid_input")
    assert not Member.objects.exists()
