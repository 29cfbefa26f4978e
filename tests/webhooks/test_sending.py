"""Events reach their endpoints: in order, once each, and nobody waits for somebody else."""

from __future__ import annotations

import socket
import time
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.db.models import Q
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from alarms.models import Alarm
from catalog.events import CATALOG_OFF_SALE, CATALOG_ON_SALE
from catalog.models import Product
from common import clock
from events.models import Event, Reference
from events.services import record
from integration.clients import revoke_client
from integration.models import ApiClient
from tests import servers
from tests.api.mall import Mall
from tests.webhooks.conftest import Shops
from webhooks import calls, endpoints, retention, sending, tasks
from webhooks.models import (
    FeedPosition,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)
from webhooks.queueing import queue_events

pytestmark = pytest.mark.slow

TIMEOUT = 0.4
SUBJECT = Product._meta.label_lower
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    """The present: receivers refuse calls of another time."""
    return clock.now()


def sold(*subjects: str, times: int = 1, at: datetime) -> None:
    for _ in range(times):
        record(CATALOG_ON_SALE, [Reference(SUBJECT, name) for name in subjects], at=at)


def send(at: datetime) -> None:
    """Queue and send until nothing is due at this moment."""
    with sending.Courier(timeout=TIMEOUT) as courier:
        while queue_events(at=at):
            pass
        while courier.send_due(at=at) or not courier.is_idle:
            courier.record_answers(at=at)


def waiting() -> int:
    return WebhookDelivery.objects.filter(delivered_at=None).count()


def alarm(kind: str) -> Alarm | None:
    return Alarm.objects.unclosed().filter(kind=kind).first()


def test_an_event_is_posted_and_verified(shops: Shops, mall: Mall, now: datetime) -> None:
    shop, endpoint = shops.open()
    sold("tea", at=now)

    send(now)

    (call,) = shop.accepted
    assert call.body == mall.get("/events").json()["results"][0]
    assert call.id == call.body["id"]
    assert call.headers["content-type"] == "application/json"
    assert call.headers["host"] == f"127.0.0.1:{shop.port}"
    assert bytes(WebhookMessage.objects.get().body) == call.raw
    (listed,) = mall.get(f"/webhooks/{endpoint.public_id}/deliveries").json()["results"]
    assert (listed["status"], listed["attempts"], listed["event"]) == ("delivered", 1, call.id)
    assert listed["log"][0]["status"] == 200
    assert listed["log"][0]["answer"] == '{"status": 200}'
    assert "next_attempt_at" not in listed


def test_an_endpoint_gets_what_it_chose(shops: Shops, now: datetime) -> None:
    everything, _ = shops.open()
    one_type, _ = shops.open(types=["catalog.off_sale"])
    sold("tea", at=now)
    record(CATALOG_OFF_SALE, Reference(SUBJECT, "tea"), at=now)

    send(now)

    assert [call.body["type"] for call in everything.accepted] == [
        "catalog.on_sale",
        "catalog.off_sale",
    ]
    assert [call.body["type"] for call in one_type.accepted] == ["catalog.off_sale"]


def test_events_before_the_first_endpoint_are_in_the_feed_only(
    shops: Shops, mall: Mall, now: datetime
) -> None:
    sold("tea", at=now)
    send(now)
    shop, _ = shops.open()
    sold("rice", at=now)

    send(now)

    assert [call.subject for call in shop.accepted] == ["rice"]
    assert len(mall.get("/events").json()["results"]) == 2


def test_each_subject_keeps_its_order_and_at_most_four_calls_are_open(
    shops: Shops, now: datetime
) -> None:
    shop, _ = shops.open()
    shop.delay = 0.1
    sold(*"abcdefgh", times=3, at=now)

    send(now)

    assert shop.sequences() == {name: [1, 2, 3] for name in "abcdefgh"}
    assert shop.most_at_once == sending.MAX_IN_FLIGHT
    assert shop.rejected == []


def test_a_subject_that_fails_does_not_hold_up_another(shops: Shops, now: datetime) -> None:
    shop, _ = shops.open()
    sold("bad", "good", times=2, at=now)
    queue_events(at=now)
    (bad,) = sending.claim(at=now, limit=1)
    fail(bad, at=now)

    send(now)

    assert shop.sequences() == {"good": [1, 2]}
    send(now + timedelta(seconds=6))
    assert shop.sequences() == {"good": [1, 2], "bad": [1, 2]}


def hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3 * TIMEOUT)


def trickle(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(20):
        time.sleep(TIMEOUT / 4)
        handler.wfile.write(b"x")
        handler.wfile.flush()


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"220 mail ready\r\n")


def redirect(handler: BaseHTTPRequestHandler) -> None:
    port = handler.server.server_address[1]
    servers.send(handler, status=302, Location=f"http://127.0.0.1:{port}/other")


@pytest.mark.parametrize(
    ("reply", "error", "status"),
    [
        (500, "status", 500),
        (404, "status", 404),
        (redirect, "redirect", 302),
        (hang, "timeout", None),
        (trickle, "timeout", None),
        (hang_up, "connection", None),
        (no_http, "connection", None),
    ],
)
def test_a_failed_call_is_logged_and_repeated(
    shops: Shops, now: datetime, reply: Any, error: str, status: int | None
) -> None:
    shop, endpoint = shops.open()
    shop.reply = reply
    sold("tea", times=2, at=now)

    send(now)

    assert shop.calls == 1  # the second event waits behind the first
    logged = WebhookAttempt.objects.get()
    assert (logged.error, logged.status) == (error, status)
    assert logged.milliseconds < 1_000 * 3 * TIMEOUT
    assert waiting() == 2
    shop.reply = 200
    send(now + timedelta(seconds=4))
    assert shop.calls == 1
    send(now + timedelta(seconds=6))
    assert shop.sequences() == {"tea": [1, 2]}
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since) == (0, None)


def test_nobody_waits_for_a_slow_endpoint(shops: Shops, now: datetime) -> None:
    slow, _ = shops.open()
    quick, _ = shops.open()
    slow.delay = 10.0
    sold(*"abcdefgh", times=2, at=now)
    queue_events(at=now)
    started = time.monotonic()

    with sending.Courier(timeout=2.0) as courier:
        while len(quick.accepted) < 16:
            courier.send_due(at=now)
            courier.record_answers(at=now, wait_for=0.05)
            assert time.monotonic() < started + 30
        longest = quick.accepted[-1].at - started
        while not courier.is_idle:
            courier.record_answers(at=now)

    assert longest < 2.0
    assert quick.sequences() == {name: [1, 2] for name in "abcdefgh"}
    assert slow.most_at_once <= sending.MAX_IN_FLIGHT


def test_an_endpoint_that_vanishes_for_an_hour_misses_nothing(shops: Shops, now: datetime) -> None:
    shop, _ = shops.open()
    shop.reply = hang_up
    start = now - 62 * MINUTE
    sold("tea", "rice", at=now)
    for minute in range(60):
        sold("tea", at=now)
        send(start + minute * MINUTE)
    tried = shop.calls
    assert waiting() == 62
    assert alarm("webhook_failing")
    shop.reply = 200
    sold("salt", at=now)

    for minute in range(60, 66):
        send(start + minute * MINUTE)

    assert shop.sequences() == {"tea": list(range(1, 62)), "rice": [1], "salt": [1]}
    assert (waiting(), shop.rejected) == (0, [])
    assert tried < 30
    assert alarm("webhook_failing") is None


def test_retries_send_the_same_bytes_under_the_same_id(shops: Shops, now: datetime) -> None:
    shop, endpoint = shops.open()
    sold("tea", at=now)
    seen: list[tuple[str, bytes]] = []
    shop.reply = lambda handler: (
        seen.append(handler.headers["webhook-id"]),
        servers.send(handler, status=503),
    )
    send(now)
    shop.reply = 200
    send(now + timedelta(seconds=6))
    endpoints.redeliver(
        endpoint=endpoint, deliveries=Q(), at=now + timedelta(seconds=7), by=endpoint.client
    )
    send(now + timedelta(seconds=8))

    first, again = shop.accepted
    assert seen == [first.id]
    assert (first.id, first.raw) == (again.id, again.raw)


def test_during_a_rotation_both_secrets_verify(shops: Shops, now: datetime) -> None:
    shop, endpoint = shops.open()
    old = shop.secret
    new = endpoints.rotate_secret(endpoint=endpoint, at=now, by=endpoint.client)
    sold("tea", at=now)
    send(now)

    (call,) = shop.accepted

    assert Webhook(old).verify(call.raw, call.headers)
    assert Webhook(new).verify(call.raw, call.headers)
    assert len(call.headers["webhook-signature"].split()) == 2
    sold("rice", at=now)
    shop.secret = new
    queue_events(at=now)
    delivery = WebhookDelivery.objects.select_related("endpoint", "message").latest("pk")
    headers = sending.signed_headers(delivery, at=now + 2 * DAY)
    assert len(headers["webhook-signature"].split()) == 1
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(
            bytes(delivery.message.body),
            headers | {"webhook-timestamp": str(int(now.timestamp()))},
        )


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "::1", "fe80::1", "fd00::1",
     "100.64.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1"],
)  # fmt: skip
def test_a_host_that_resolves_to_a_private_address_is_not_called(
    shops: Shops,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    now: datetime,
    address: str,
) -> None:
    shop, endpoint = shops.open()
    settings.WEBHOOK_ALLOW_LOOPBACK = False
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(url=f"https://shop.test:{shop.port}/")
    lookups = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        lookups.append(host)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.113.7", port)),
            (family, socket.SOCK_STREAM, 6, "", (address, port)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    sold("tea", at=now)
    send(now)

    assert (WebhookAttempt.objects.get().error, shop.calls) == ("not_public", 0)
    assert lookups == ["shop.test"]


def test_an_unknown_host_is_a_failed_call(shops: Shops, now: datetime) -> None:
    _, endpoint = shops.open()
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(url="http://nobody.invalid/")
    sold("tea", at=now)

    send(now)

    assert WebhookAttempt.objects.get().error == "unresolved"


def test_a_plain_receiver_does_not_speak_tls(shops: Shops, now: datetime) -> None:
    shop, endpoint = shops.open()
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(url=f"https://127.0.0.1:{shop.port}/")
    sold("tea", at=now)

    send(now)

    assert WebhookAttempt.objects.get().error == "tls"


def test_a_long_answer_is_not_read_to_its_end(shops: Shops, now: datetime) -> None:
    shop, _ = shops.open()

    def chatter(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(1_000):
            handler.wfile.write(b"\0" + b"x" * 100_000)

    shop.reply = chatter
    sold("tea", at=now)

    send(now)

    assert len(WebhookAttempt.objects.get().answer) == calls.MAX_SHOWN
    assert waiting() == 0


def fail(delivery: WebhookDelivery, *, at: datetime) -> None:
    sending.record_answer(delivery, calls.Answer(503, 4, "status"), at=at)


def fail_next(*, at: datetime) -> None:
    (head,) = sending.claim(at=at, limit=1)
    fail(head, at=at)


def test_five_ten_and_fifteen_failures_warn(shops: Shops, now: datetime) -> None:
    shops.open()
    sold("tea", at=now)
    queue_events(at=now)
    at, counts = now, []
    for _ in range(17):
        fail_next(at=at)
        at += sending.MAX_RETRY_DELAY
        if at - now > 2 * DAY + 20 * HOUR:
            WebhookEndpoint.objects.update(failing_since=at)
        counts.append(Event.objects.filter(name="webhooks.endpoint_failing").count())

    assert [counts[n - 1] for n in (4, 5, 9, 10, 14, 15, 17)] == [0, 1, 1, 2, 2, 3, 3]
    row = alarm("webhook_failing")
    assert row
    assert row.detail == {"failures": 15, "error": "status", "status": 503}


def test_the_twentieth_attempt_switches_the_endpoint_off(shops: Shops, now: datetime) -> None:
    shop, endpoint = shops.open()
    sold("tea", "rice", at=now)
    queue_events(at=now)
    WebhookDelivery.objects.filter(subject=f"{SUBJECT}:tea").update(attempts=19)
    head = next(row for row in sending.claim(at=now, limit=4) if row.attempts == 20)

    fail(head, at=now)

    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.off_reason) == ("off", "attempts")
    assert alarm("webhook_switched_off")
    assert waiting() == 2
    sold("salt", at=now)
    send(now + DAY)
    assert (shop.calls, waiting()) == (0, 3)
    endpoints.switch_on(endpoint=endpoint, at=now + DAY, by=endpoint.client)
    assert alarm("webhook_switched_off") is None
    send(now + DAY + timedelta(minutes=2))
    assert waiting() == 3  # signed a day ahead, the receiver refuses them
    shop.rejected.clear()


def test_three_days_without_success_switch_the_endpoint_off(shops: Shops, now: datetime) -> None:
    shop, endpoint = shops.open()
    sold("tea", at=now)
    queue_events(at=now)
    fail_next(at=now)
    fail_next(at=now + 3 * DAY - HOUR)
    endpoint.refresh_from_db()
    assert endpoint.status == "active"
    fail_next(at=now + 4 * DAY)

    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.off_reason) == ("off", "no_success")
    sold("tea", at=now)
    queue_events(at=now)
    endpoints.switch_on(endpoint=endpoint, at=now, by=endpoint.client)
    send(now)
    assert shop.sequences() == {"tea": [1, 2]}


def test_for_an_endpoint_that_is_off_events_are_queued_for_thirty_days(
    shops: Shops, now: datetime
) -> None:
    _, endpoint = shops.open()
    endpoints.switch_off(
        endpoint=endpoint, reason=WebhookEndpoint.OffReason.CLIENT, at=now, by=endpoint.client
    )
    counts = []
    for days in (1, 29, 31):
        sold("tea", at=now)
        queue_events(at=now + days * DAY)
        counts.append(waiting())

    assert counts == [1, 2, 2]


def test_a_revoked_client_gets_nothing(shops: Shops, now: datetime) -> None:
    shop, endpoint = shops.open()
    sold("tea", at=now)
    queue_events(at=now)

    revoke_client(client=endpoint.client, at=now)

    sold("tea", at=now)
    send(now)
    assert (shop.calls, waiting()) == (0, 1)


def test_a_call_of_a_process_that_ended_is_made_again(shops: Shops, now: datetime) -> None:
    shop, _ = shops.open()
    sold("tea", times=2, at=now)
    queue_events(at=now)
    assert len(sending.claim(at=now, limit=9)) == 1
    assert sending.claim(at=now + timedelta(seconds=59), limit=9) == []

    send(now + timedelta(seconds=61))

    assert shop.sequences() == {"tea": [1, 2]}


def test_only_one_process_sends(db: None, now: datetime) -> None:
    assert sending.take_turn(at=now)
    assert not sending.take_turn(at=now + timedelta(seconds=59))
    assert sending.take_turn(at=now + timedelta(seconds=61))
    sending.end_turn()
    assert sending.take_turn(at=now)


def test_events_are_queued_once(shops: Shops, now: datetime) -> None:
    shops.open()
    sold("tea", times=3, at=now)

    assert queue_events(at=now)
    assert not queue_events(at=now)
    FeedPosition.objects.update(queued_until=0)
    with pytest.raises(Exception, match="webhooks_webhookmessage"):
        queue_events(at=now)
    assert waiting() == 3


def test_the_task_sends_all(shops: Shops, now: datetime) -> None:
    shop, _ = shops.open()
    sold(*"abc", times=2, at=now)

    tasks.send()

    assert shop.sequences() == {name: [1, 2] for name in "abc"}
    assert FeedPosition.current().courier_until is None


def test_a_removed_endpoint_gets_nothing(shops: Shops, now: datetime) -> None:
    shop, endpoint = shops.open()
    sold("tea", at=now)
    queue_events(at=now)
    (flying,) = sending.claim(at=now, limit=1)
    endpoints.remove_endpoint(endpoint=endpoint, at=now, by=endpoint.client)

    fail(flying, at=now)
    send(now + HOUR)

    assert (shop.calls, waiting()) == (0, 0)


def test_delivered_ones_are_kept_for_thirty_days(shops: Shops, now: datetime) -> None:
    shop, _ = shops.open()
    sold("tea", at=now)
    send(now)
    shop.reply = 500
    sold("rice", at=now)
    send(now)

    for late, left in ((29 * DAY, 2), (31 * DAY, 1)):
        retention.forget_old_deliveries(at=now + late)
        retention.forget_old_messages(at=now + late)
        assert (WebhookDelivery.objects.count(), WebhookMessage.objects.count()) == (left, left)

    assert WebhookAttempt.objects.get().error == "status"


def test_a_test_message_arrives(shops: Shops, mall: Mall, now: datetime) -> None:
    shop, endpoint = shops.open()
    queued = mall.post(f"/webhooks/{endpoint.public_id}/test", {}).json()

    send(clock.now())

    (call,) = shop.accepted
    assert (call.id, call.body["type"]) == (queued["event"], "webhooks.test")


def test_nothing_private_is_sent(shops: Shops, client_of_mall: ApiClient, now: datetime) -> None:
    shop, _ = shops.open()
    before = Event.objects.filter(name__startswith="webhooks.").count()
    assert before

    send(now)

    assert shop.calls == 0
