"""The feed of events: every public one, once, in order, and none that commits late is missed."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from catalog.events import CATALOG_OFF_SALE, CATALOG_ON_SALE
from catalog.models import Product
from config import event_docs
from events.models import Event, Reference
from events.services import record
from tests.api.mall import Mall
from tests.cast import NOON
from tests.shop import open_shop, sku
from webhooks import feed
from webhooks.catalogue import PRIVATE, PUBLIC, why_private

DECLARED = {each.name: each for types in event_docs.declared().values() for each in types}


def read_all(mall: Mall, query: str = "page_size=2") -> list[dict[str, Any]]:
    found, after, more = [], "", True
    while more:
        page = mall.get("/events", f"{query}&after={after}").json()
        found += page["results"]
        after, more = page["next"], page["has_more"]
    return found


def test_every_declared_event_is_either_public_or_private() -> None:
    unclear = {
        name: (name in PUBLIC, why_private(name))
        for name in DECLARED
        if (name in PUBLIC) + len(why_private(name)) != 1
    }

    assert unclear == {}
    assert PUBLIC.keys() <= DECLARED.keys()
    assert [e for e in PRIVATE if not any(e in why_private(name) for name in DECLARED)] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_public_events_show_declared_fields_of_rows_with_a_public_id(name: str) -> None:
    event_type, fields = PUBLIC[name]

    assert set(fields) <= set(event_type.fields)
    assert apps.get_model(event_type.subject)._meta.get_field("public_id")


def test_the_feed_has_the_events_of_a_sale(mall: Mall) -> None:
    open_shop()

    events = read_all(mall)

    names = [event["type"] for event in events]
    assert names == list(
        Event.objects.filter(name__in=PUBLIC).order_by("pk").values_list("name", flat=True)
    )
    bound = next(event for event in events if event["type"] == "distribution.bound")
    assert bound["subject"]["type"] == "members.member"
    assert set(bound["data"]) == {"binding", "source"}
    assert bound["occurred_at"].endswith("+08:00")
    assert (bound["api_version"], bound["livemode"]) == ("v1", False)
    assert len({event["id"] for event in events}) == len(events)


def test_each_subject_counts_its_events(mall: Mall) -> None:
    product = sku().product
    other = sku("tea", category="food").product
    for event_type, rows in (
        (CATALOG_ON_SALE, [product, other]),
        (CATALOG_OFF_SALE, [product]),
    ):
        record(event_type, rows, at=NOON)

    events = read_all(mall)

    assert [(event["subject"]["id"], event["subject"]["sequence"]) for event in events] == [
        (product.public_id, 1),
        (other.public_id, 1),
        (product.public_id, 2),
    ]


def test_types_choose(mall: Mall) -> None:
    product = sku().product
    record(CATALOG_ON_SALE, product, at=NOON)
    record(CATALOG_OFF_SALE, product, at=NOON)

    events = read_all(mall, "types=catalog.off_sale")

    assert [event["type"] for event in events] == ["catalog.off_sale"]
    unknown = mall.get("/events", "types=catalog.off_sale,risk.held")
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (400, "types")


def test_a_reader_that_is_up_to_date_gets_only_what_is_new(mall: Mall) -> None:
    product = sku().product
    record(CATALOG_ON_SALE, product, at=NOON)
    page = mall.get("/events").json()
    again = mall.get("/events", f"after={page['next']}").json()
    record(CATALOG_OFF_SALE, product, at=NOON)

    latest = mall.get("/events", f"after={again['next']}").json()

    assert (len(page["results"]), again["results"]) == (1, [])
    assert [event["type"] for event in latest["results"]] == ["catalog.off_sale"]


@pytest.mark.parametrize(
    "query", ["after=x", "after=7", "page_size=0", "page_size=101", "before=1", "types=x"]
)
def test_bad_queries_are_refused(mall: Mall, query: str) -> None:
    assert mall.get("/events", query).status_code == 400


def test_the_number_of_queries_is_fixed(mall: Mall) -> None:
    product = sku().product
    record(CATALOG_ON_SALE, product, at=NOON)
    mall.get("/events")
    with CaptureQueriesContext(connection) as one:
        mall.get("/events")
    for _ in range(19):
        record(CATALOG_ON_SALE, product, at=NOON)

    with CaptureQueriesContext(connection) as twenty:
        assert len(mall.get("/events").json()["results"]) == 20

    assert len(one) == len(twenty)


def keys(page: feed.FeedPage) -> list[str]:
    return [event["subject"]["id"] for event in page.events]


def test_an_event_that_commits_late_is_not_missed(committed: str) -> None:
    subject = Product._meta.label_lower
    recorded, finish = threading.Event(), threading.Event()

    def commit_late() -> None:
        with transaction.atomic():
            record(CATALOG_ON_SALE, Reference(subject, "late"), at=NOON)
            recorded.set()
            assert finish.wait(30)
        connections.close_all()

    thread = threading.Thread(target=commit_late)
    thread.start()
    try:
        assert recorded.wait(30)
        with transaction.atomic():
            record(CATALOG_ON_SALE, Reference(subject, "quick"), at=NOON)
        early = feed.read("", limit=10)
        confirmed = feed.confirm()
    finally:
        finish.set()
        thread.join()

    assert (keys(early), confirmed) == ([], 0)
    assert keys(feed.read(early.cursor, limit=10)) == ["late", "quick"]


def test_the_feed_moves_on_although_somebody_is_always_writing(committed: str) -> None:
    subject = Product._meta.label_lower
    opened = [threading.Event() for _ in range(3)]
    closing = [threading.Event() for _ in range(3)]

    def write(turn: int) -> None:
        with transaction.atomic():
            record(CATALOG_ON_SALE, Reference(subject, str(turn)), at=NOON)
            opened[turn].set()
            assert closing[turn].wait(30)
        connections.close_all()

    threads = [threading.Thread(target=write, args=[turn]) for turn in range(3)]
    seen = []
    for turn, thread in enumerate(threads):
        thread.start()
        assert opened[turn].wait(30)
        if turn:
            closing[turn - 1].set()
            threads[turn - 1].join()
        feed.confirm()
        seen.append(keys(feed.read("", limit=10)))
    closing[2].set()
    threads[2].join()

    assert seen == [[], [], ["0"]]
    assert keys(feed.read("", limit=10)) == ["0", "1", "2"]
