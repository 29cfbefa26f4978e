"""Each request has an id: the caller's if it is harmless."""

from __future__ import annotations

import uuid

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from structlog.testing import capture_logs

from config import logs
from config.request_id import RequestIdMiddleware


def answer(**headers: str) -> tuple[HttpResponse, str]:
    """What goes out, and the id that was bound to the log meanwhile."""
    bound = ""

    def view(request: HttpRequest) -> HttpResponse:
        nonlocal bound
        bound = structlog.contextvars.get_contextvars()["request_id"]
        assert request.headers["X-Request-ID"] == bound
        return HttpResponse()

    return RequestIdMiddleware(view)(RequestFactory().get("/", headers=headers)), bound


@pytest.mark.parametrize("given", ["a", "Edge-1_2", "x" * 64])
def test_a_good_one_is_kept(given: str) -> None:
    response, bound = answer(x_request_id=given)
    assert response["X-Request-ID"] == bound == given


@pytest.mark.parametrize(
    "given", ["", "x" * 65, "a b", "a\nb", "a\n", '"}', "<script>", "é", "१", "../x", "a;b"]
)
def test_a_hostile_one_is_replaced(given: str) -> None:
    response, bound = answer(x_request_id=given)
    assert response["X-Request-ID"] == bound != given
    assert uuid.UUID(bound)


def test_it_is_not_bound_any_longer_than_its_request() -> None:
    answer(x_request_id="one")
    assert "request_id" not in structlog.contextvars.get_contextvars()


def test_the_log_of_the_request_carries_it(client: Client) -> None:
    contextvars = [structlog.contextvars.merge_contextvars]
    with capture_logs(processors=contextvars) as lines:
        response = client.get("/", headers={"x-request-id": "mine"})
    assert response["X-Request-ID"] == "mine"
    assert {line["request_id"] for line in lines} == {"mine"}
    assert "request_finished" in [line["event"] for line in lines]


def test_logging_that_is_configured_again_keeps_its_loggers(client: Client) -> None:
    client.get("/")
    logs.configure(logs.LOGGING)

    with capture_logs() as lines:
        client.get("/")

    assert "request_finished" in [line["event"] for line in lines]


def test_a_refusal_by_another_middleware_carries_it(client: Client) -> None:
    response = client.get("/healthz", headers={"host": "evil.example", "x-request-id": "mine"})
    assert (response.status_code, response["X-Request-ID"]) == (400, "mine")
