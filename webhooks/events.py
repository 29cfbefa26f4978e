"""Declare the events that ``webhooks`` records."""

from events.declarations import EventType


def _of_endpoint(name: str, description: str, /, **fields: type) -> EventType:
    return EventType(name, "webhooks.webhookendpoint", fields, description)


WEBHOOKS_ENDPOINT_CREATED = _of_endpoint(
    "webhooks.endpoint_created", "An endpoint for webhooks was created.", types=list
)
WEBHOOKS_ENDPOINT_CHANGED = _of_endpoint(
    "webhooks.endpoint_changed", "Address, events or description of an endpoint changed.",
    fields=list,
)  # fmt: skip
WEBHOOKS_SECRET_ROTATED = _of_endpoint(
    "webhooks.secret_rotated",
    "An endpoint got a new secret; the previous one stays valid for a day.",
)
WEBHOOKS_ENDPOINT_FAILING = _of_endpoint(
    "webhooks.endpoint_failing", "5, 10 or 15 calls of an endpoint failed in a row.", failures=int
)
WEBHOOKS_SWITCHED_OFF = _of_endpoint(
    "webhooks.switched_off", "An endpoint was switched off; its deliveries wait.", reason=str
)
WEBHOOKS_SWITCHED_ON = _of_endpoint("webhooks.switched_on", "An endpoint was switched on.")
WEBHOOKS_ENDPOINT_REMOVED = _of_endpoint("webhooks.endpoint_removed", "An endpoint was removed.")
WEBHOOKS_REDELIVERED = _of_endpoint(
    "webhooks.redelivered", "Deliveries of an endpoint were queued again.", count=int
)
