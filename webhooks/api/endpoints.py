"""Endpoints of the caller, and what was sent to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from integration.api.views import MallEndpoint
from webhooks import endpoints, queries
from webhooks.api.bodies import (
    DELIVERY_STATUSES,
    CreatedAnswer,
    DeliveriesQuery,
    DeliveryAnswer,
    EndpointAnswer,
    EndpointBody,
    RedeliverAnswer,
    RedeliverBody,
    SecretAnswer,
)
from webhooks.models import WebhookEndpoint


class WebhookView(MallEndpoint):
    scope = "webhooks:write"
    pagination_class = None

    def endpoint(self, request: Request, id: str) -> WebhookEndpoint:  # noqa: A002
        return queries.find_endpoint(self.client(request), id)

    def press(self, request: Request, verb: Callable[..., Any], key: str, **more: Any) -> Any:
        """Call a verb of ``endpoints`` for the endpoint with this id."""
        endpoint, client = self.endpoint(request, key), self.client(request)
        return verb(endpoint=endpoint, by=client, at=clock.now(), **more)


class EndpointList(MallEndpoint):
    """The caller's endpoints."""

    scope = "webhooks:write"

    @extend_schema(
        operation_id="webhooks_list",
        responses=EndpointAnswer(many=True),
        summary="List webhook endpoints",
    )
    def get(self, request: Request) -> Response:
        client = self.client(request)
        return self.answer_page(queries.visible_endpoints(client), EndpointAnswer)

    @extend_schema(
        operation_id="webhooks_create",
        request=EndpointBody,
        responses={201: CreatedAnswer},
        summary="Create a webhook endpoint",
        description="The answer has the secret that calls are signed with. Repeated, it is refused"
        " with webhook_url_taken: rotate the secret of that endpoint if the answer was lost.",
    )
    def post(self, request: Request) -> Response:
        client = self.client(request)
        body = self.validated(EndpointBody, request.data)
        endpoint, secret = endpoints.create_endpoint(
            client=client, by=client, at=clock.now(), **body
        )
        shown = EndpointAnswer(endpoint).data
        return Response({**shown, "secret": secret}, status=201)


class OneEndpoint(WebhookView):
    """An endpoint of the caller."""

    @extend_schema(
        operation_id="webhooks_get", responses=EndpointAnswer, summary="Read a webhook endpoint"
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response(EndpointAnswer(self.endpoint(request, id)).data)

    @extend_schema(
        operation_id="webhooks_put",
        request=EndpointBody,
        responses=EndpointAnswer,
        summary="Change a webhook endpoint",
        description="What waits goes to the new address.",
    )
    def put(self, request: Request, id: str) -> Response:  # noqa: A002
        body = self.validated(EndpointBody, request.data)
        changed = endpoints.change_endpoint(
            endpoint=self.endpoint(request, id),
            by=self.client(request),
            at=clock.now(),
            url=body["url"],
            types=body.get("types", ()),
            description=body.get("description", ""),
        )
        return Response(EndpointAnswer(changed).data)


class Rotation(WebhookView):
    """A new secret."""

    @extend_schema(
        operation_id="webhooks_rotate",
        request=None,
        responses=SecretAnswer,
        summary="Give a webhook endpoint a new secret",
        description="For a day, calls are signed with the previous secret, too.",
    )
    def post(self, request: Request, id: str) -> Response:  # noqa: A002
        at = clock.now()
        secret = endpoints.rotate_secret(
            endpoint=self.endpoint(request, id), by=self.client(request), at=at
        )
        answer = {"secret": secret, "previous_valid_until": at + endpoints.OVERLAP}
        return Response(SecretAnswer(answer).data)


class Trial(WebhookView):
    """A message to test an endpoint."""

    @extend_schema(
        operation_id="webhooks_test",
        request=None,
        responses={202: DeliveryAnswer},
        summary="Send a test to a webhook endpoint",
        description="A message of the type webhooks.test is queued; its delivery shows the answer.",
    )
    def post(self, request: Request, id: str) -> Response:  # noqa: A002
        delivery = endpoints.send_trial(endpoint=self.endpoint(request, id), at=clock.now())
        return Response(DeliveryAnswer(delivery).data, status=202)


class Enabling(WebhookView):
    """Sending, switched on."""

    @extend_schema(
        operation_id="webhooks_enable",
        request=None,
        responses=EndpointAnswer,
        summary="Switch a webhook endpoint on",
        description="Everything that waits is sent, in its order.",
    )
    def post(self, request: Request, id: str) -> Response:  # noqa: A002
        row = self.press(request, endpoints.switch_on, id)
        return Response(EndpointAnswer(row).data)


class Disabling(WebhookView):
    """Sending, switched off."""

    @extend_schema(
        operation_id="webhooks_disable",
        request=None,
        responses=EndpointAnswer,
        summary="Switch a webhook endpoint off",
        description="Events are queued until it is switched on.",
    )
    def post(self, request: Request, id: str) -> Response:  # noqa: A002
        reason = WebhookEndpoint.OffReason.CLIENT
        row = self.press(request, endpoints.switch_off, id, reason=reason)
        return Response(EndpointAnswer(row).data)


class Removal(WebhookView):
    """The end of an endpoint."""

    @extend_schema(
        operation_id="webhooks_remove",
        request=None,
        responses={204: None},
        summary="Remove a webhook endpoint",
        description="What waits is never sent. Repeated, the answer is 404.",
    )
    def post(self, request: Request, id: str) -> Response:  # noqa: A002
        self.press(request, endpoints.remove_endpoint, id)
        return Response(status=204)


class DeliveryList(MallEndpoint):
    """The log of an endpoint."""

    scope = "webhooks:write"

    @extend_schema(
        operation_id="webhooks_deliveries",
        parameters=[OpenApiParameter("status", str, enum=DELIVERY_STATUSES)],
        responses=DeliveryAnswer(many=True),
        summary="List deliveries of a webhook endpoint",
        description="Newest first; delivered ones are kept for 30 days.",
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002
        client = self.client(request)
        filters = self.filters(DeliveriesQuery, request)
        rows = queries.deliveries_of(queries.find_endpoint(client, id), **filters)
        return self.answer_page(rows, DeliveryAnswer)


class Redelivery(WebhookView):
    """Deliveries, queued again."""

    @extend_schema(
        operation_id="webhooks_redeliver",
        request=RedeliverBody,
        responses=RedeliverAnswer,
        summary="Send deliveries again",
        description=(
            "One delivery, or those of the events that happened from … to, at most 10 000, the"
            " oldest first. Each keeps its webhook-id."
        ),
    )
    def post(self, request: Request, id: str) -> Response:  # noqa: A002
        endpoint = self.endpoint(request, id)
        body = self.validated(RedeliverBody, request.data)
        chosen = (
            queries.one_delivery(endpoint, body["delivery"])
            if "delivery" in body
            else queries.happened_between(body["from"], body["to"])
        )
        count = endpoints.redeliver(
            endpoint=endpoint, deliveries=chosen, by=self.client(request), at=clock.now()
        )
        return Response({"queued": count})
