"""A member chooses an avatar; others see it once WeChat has approved it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from common import clock
from events.models import Event
from members.avatars import check_avatars
from members.models import Identity, Member, Upload
from tests.api.phone import Phone, outcome
from tests.members.pictures import uploaded
from tests.members.test_wechat_events import KEY, TOKEN, send, taken
from tests.wechat.server import FakeWeChat, fake_wechat
from tests.wechat.test_client import gateway
from wechat.sandbox import SandboxGateway

pytestmark = pytest.mark.django_db

CHECK = "/wxa/media_check_async"


@pytest.fixture
def wechat() -> Iterator[FakeWeChat]:
    """Begins checks, and tells the result only in events."""
    with (
        fake_wechat() as fake,
        override_settings(WECHAT_EVENTS_TOKEN=TOKEN, WECHAT_EVENTS_KEY=KEY),
    ):
        fake.answers[CHECK] = {"errcode": 0, "errmsg": "ok", "trace_id": "t-1"}
        yield fake


@pytest.fixture
def with_wechat(lan: Member) -> Member:
    """Lan, who uses the mini-program."""
    Identity.objects.create(member=lan, provider="wechat_mini", external_id="o-lan")
    return lan


def choose(who: Member, **options: Any) -> dict[str, Any]:
    upload = uploaded(who, "avatar", **options)
    answer: dict[str, Any] = Phone(who).put("/me", {"avatar": upload}).json()
    return answer


def tell(suggest: str, trace_id: str = "t-1", **more: Any) -> Any:
    """Send the event with which WeChat tells the result of a check."""
    return send({
        "ToUserName": "gh_1", "FromUserName": "wechat", "CreateTime": 1, "MsgType": "event",
        "Event": "wxa_media_check", "appid": "sandbox-mini", "trace_id": trace_id,
        "errcode": 0, "result": {"suggest": suggest, "label": 100}, **more,
    })  # fmt: skip


def profile(who: Member) -> tuple[str, str]:
    answer = Phone(who).get("/me").json()
    return answer["avatar"], answer["avatar_status"]


def shown(address: str) -> int:
    return Client().get(address.removeprefix("http://localhost:8000")).status_code


def test_without_wechat_it_is_shown_at_once(lan: Member) -> None:
    answer = choose(lan)

    path = Upload.objects.get().path
    assert answer["avatar"] == f"http://localhost:8000/media/{path}"
    assert answer["avatar_status"] == "approved"
    response = Client().get(f"/media/{path}")
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert response["Cache-Control"] == "public, max-age=3600"


def test_it_waits_for_the_check(with_wechat: Member, wechat: FakeWeChat) -> None:
    lan = with_wechat
    assert choose(lan)["avatar_status"] == "pending"

    assert check_avatars(gateway=gateway(wechat), at=clock.now()) == 1

    ((_path, _query, body),) = [request for request in wechat.requests if request[0] == CHECK]
    path = Upload.objects.get().path
    assert body == {
        "media_url": f"http://localhost:8000/media/{path}", "media_type": 2, "version": 2,
        "scene": 1, "openid": "o-lan",
    }  # fmt: skip
    assert shown(body["media_url"]) == 200  # WeChat fetches it
    assert profile(lan) == ("", "pending")
    assert check_avatars(gateway=gateway(wechat), at=clock.now()) == 0

    assert taken(tell("pass"))

    assert profile(lan) == (body["media_url"], "approved")
    event = Event.objects.get(name="members.avatar_checked")
    assert event.data == {"upload": Upload.objects.get().public_id, "is_fine": True}


@pytest.mark.slow
@pytest.mark.parametrize("suggest", ["risky", "review", "unheard of"])
def test_a_blocked_one_is_shown_to_nobody(
    with_wechat: Member, wechat: FakeWeChat, suggest: str
) -> None:
    choose(with_wechat)
    check_avatars(gateway=gateway(wechat), at=clock.now())

    assert taken(tell(suggest))

    assert profile(with_wechat) == ("", "blocked")
    assert shown(f"/media/{Upload.objects.get().path}") == 404
    assert taken(tell("pass", CreateTime=2))
    assert profile(with_wechat) == ("", "blocked")


@pytest.mark.slow
def test_the_one_before_is_shown_until_then_and_erased_after(
    with_wechat: Member, wechat: FakeWeChat, django_capture_on_commit_callbacks: Any
) -> None:
    choose(with_wechat, color="red")
    check_avatars(gateway=SandboxGateway(), at=clock.now())
    before, status = profile(with_wechat)
    assert status == "approved"

    choose(with_wechat, color="green")
    check_avatars(gateway=gateway(wechat), at=clock.now())
    assert profile(with_wechat) == (before, "pending")
    with django_capture_on_commit_callbacks(execute=True):
        tell("pass")

    after, _status = profile(with_wechat)
    assert (shown(before), shown(after)) == (404, 200)
    old = Upload.objects.order_by("pk").first()
    assert old
    assert old.status == "erased"


@pytest.mark.parametrize(
    "told",
    [
        {"errcode": -1008},
        {"result": None},
        {"result": "pass"},
        {"trace_id": "t-other"},
        {"trace_id": ""},
        {"trace_id": None},
    ],
)
def test_without_a_result_wechat_is_asked_again(
    with_wechat: Member, wechat: FakeWeChat, told: dict[str, Any]
) -> None:
    choose(with_wechat)
    now = clock.now()
    check_avatars(gateway=gateway(wechat), at=now)

    assert taken(tell("pass", **told))

    assert profile(with_wechat) == ("", "pending")
    again = now + timedelta(hours=1, minutes=1)
    assert check_avatars(gateway=gateway(wechat), at=again) == 1


def test_the_result_of_another_app_counts_nothing(with_wechat: Member, wechat: FakeWeChat) -> None:
    choose(with_wechat)
    check_avatars(gateway=gateway(wechat), at=clock.now())

    told = {"Event": "wxa_media_check", "trace_id": "t-1", "result": {"suggest": "pass"}}
    assert taken(send(told, app="sandbox-official"))

    assert profile(with_wechat) == ("", "pending")


def test_one_that_wechat_does_not_take_blocks_no_other(
    with_wechat: Member, chen: Member, wechat: FakeWeChat
) -> None:
    Identity.objects.create(member=chen, provider="wechat_mini", external_id="o-chen")
    choose(with_wechat)
    choose(chen)
    wechat.answers[CHECK] = {"errcode": 61010, "errmsg": "away"}

    assert check_avatars(gateway=gateway(wechat), at=clock.now()) == 2

    assert wechat.paths().count(CHECK) == 2
    assert Upload.objects.filter(status="pending").count() == 2


def test_the_same_choice_again_changes_nothing(lan: Member) -> None:
    upload = uploaded(lan, "avatar")
    answers = [Phone(lan).put("/me", {"avatar": upload}).json() for _ in range(2)]

    assert answers[0] == answers[1]
    assert Event.objects.filter(name="members.profile_changed").count() == 1


def test_a_member_removes_it(lan: Member, django_capture_on_commit_callbacks: Any) -> None:
    choose(lan)
    path = Upload.objects.get().path

    with django_capture_on_commit_callbacks(execute=True):
        answer = Phone(lan).put("/me", {"avatar": ""}).json()

    assert (answer["avatar"], answer["avatar_status"]) == ("", "")
    assert not default_storage.exists(path)
    assert Phone(lan).put("/me", {"avatar": ""}).status_code == 200
    assert Event.objects.filter(name="members.profile_changed").count() == 2


def test_only_ones_own_avatar_can_be_chosen(lan: Member, chen: Member) -> None:
    for upload in (uploaded(chen, "avatar"), uploaded(lan, "claim"), "nothing"):
        response = Phone(lan).put("/me", {"avatar": upload, "city": "杭州"})

        assert outcome(response) == (400, "upload_unknown")
    lan.refresh_from_db()
    assert (lan.avatar, lan.city) == ("", "")


@pytest.mark.parametrize("numbers", ["6", "20", "14", "205", "207", ""])
def test_withdrawn_consent_deletes_it(
    with_wechat: Member, wechat: FakeWeChat, numbers: str
) -> None:
    choose(with_wechat)
    check_avatars(gateway=SandboxGateway(), at=clock.now())
    address, _status = profile(with_wechat)

    told = {"Event": "user_authorization_revoke", "OpenID": "o-lan", "RevokeInfo": numbers}
    assert taken(send(told))

    assert profile(with_wechat) == ("", "")
    assert shown(address) == 404


def test_withdrawn_consent_for_pictures_deletes_unused_ones(
    with_wechat: Member, wechat: FakeWeChat
) -> None:
    uploaded(with_wechat)

    send({"Event": "user_authorization_revoke", "OpenID": "o-lan", "RevokeInfo": "14"})

    assert Upload.objects.get().status == "removed"


def test_closing_deletes_it(lan: Member) -> None:
    address = choose(lan)["avatar"]

    Phone(lan).post("/me/close")

    lan.refresh_from_db()
    assert lan.avatar == ""
    assert shown(address) == 404


def test_an_indecent_nickname_is_refused(with_wechat: Member) -> None:
    response = Phone(with_wechat).put("/me", {"nickname": "indecent words", "city": "杭州"})

    assert outcome(response) == (400, "nickname_refused")
    with_wechat.refresh_from_db()
    assert (with_wechat.nickname, with_wechat.city) == ("Lan", "")


def test_a_nickname_waits_for_wechat(with_wechat: Member) -> None:
    assert outcome(Phone(with_wechat).put("/me", {"nickname": "down"})) == (
        503, "wechat_unavailable",
    )  # fmt: skip
    assert Phone(with_wechat).put("/me", {"nickname": "Lan", "city": "a"}).status_code == 200


def test_the_profile_takes_as_many_queries_with_an_avatar(lan: Member) -> None:
    def queries() -> int:
        phone = Phone(lan)
        with CaptureQueriesContext(connection) as seen:
            phone.get("/me")
        return len(seen)

    before = queries()
    choose(lan)

    assert queries() == before
