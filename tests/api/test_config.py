"""Clients read how the shop is set up, without a login."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from members.agreements import publish_agreement
from members.models import Agreement, User
from tests.cast import NOON, give
from tests.members.api.client import ApiClient
from withdrawals.models import Policy

pytestmark = pytest.mark.django_db


def test_the_answer_names_what_a_client_needs(qian: User) -> None:
    row = Agreement.objects.create(kind="user", title="用户协议", text="第一条")
    publish_agreement(agreement=row, by=give(qian, "change_agreement"), at=NOON)
    Policy.objects.update(min_amount=500)

    answer = ApiClient().get("/config").json()

    assert answer["wechat"]["app_id"] == "sandbox-mini"
    assert answer["agreements"] == [{"kind": "user", "version": 1, "title": "用户协议"}]
    assert answer["withdrawals"]["min_amount"] == 500
    assert answer["features"]["incentives"] is True
    assert answer["features"]["checkout"] is False
    assert answer["file_hosts"] == ["localhost:8000", "testserver"]
    assert answer["uploads"]["max_bytes"] == 5 * 2**20
    assert answer["server_time"].endswith("+08:00")
    assert answer["refund_reasons"][0] == {
        "code": "not_wanted", "text": "I do not want it any more",
    }  # fmt: skip


def test_an_unchanged_answer_is_not_sent_again(db: None) -> None:
    client = ApiClient()
    first = client.get("/config")
    seen = {"If-None-Match": first["ETag"]}

    assert client.get("/config", seen).status_code == 304
    assert client.get("/config", {**seen, "Accept-Language": "zh-hans"}).status_code == 200
    Policy.objects.update(min_amount=500)
    second = client.get("/config", seen)

    assert (second.status_code, second["Cache-Control"]) == (200, "no-cache")
    assert second["ETag"] != first["ETag"]
    assert client.get("/config", {"If-None-Match": "*, x"}).status_code == 200


@override_settings(WECHAT_GATEWAY="off", PRODUCTION=True)
def test_a_shop_without_wechat(db: None) -> None:
    answer = ApiClient().get("/config").json()

    assert answer["wechat"]["app_id"] == ""
    assert answer["features"]["wechat"] is False
    assert answer["features"]["sandbox"] is False


def test_it_takes_two_queries(db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        ApiClient().get("/config")

    assert len(queries) == 2
