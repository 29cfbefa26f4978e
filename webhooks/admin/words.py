"""What pages say of endpoints, deliveries and answers."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING, StrOrPromise
from events.declarations import title_of
from webhooks.models import WebhookAttempt, WebhookDelivery

DELIVERY_COLOURS = {"delivered": "success", "waiting": "info", "retrying": "danger"}
STATES: Mapping[str, StrOrPromise] = {
    "waiting": _("waiting"),
    "retrying": _("failed, is tried again"),
    "delivered": _("delivered"),
}
ERRORS: Mapping[str, StrOrPromise] = {
    "not_public": _("its address is not on the public internet"),
    "unresolved": _("its host has no address"),
    "timeout": _("no answer within 10 seconds"),
    "tls": _("its certificate is not valid"),
    "connection": _("no connection"),
    "redirect": _("it redirects; redirects are not followed"),
    "status": _("it refused"),
}


def state_of(delivery: WebhookDelivery) -> str:
    """Return whether a delivery arrived, waits for its first attempt, or failed before."""
    if delivery.delivered_at:
        return "delivered"
    return "retrying" if delivery.attempts else "waiting"


def state_badge(delivery: WebhookDelivery) -> SafeString:
    state = state_of(delivery)
    return format_html(
        '<span class="tt-badge tt-{}">{}</span>', DELIVERY_COLOURS[state], STATES[state]
    )


def answer_words(attempt: WebhookAttempt | None) -> str:
    """Return an answer in words: ``HTTP 200 · 35 ms`` or ``no connection``."""
    if attempt is None:
        return NOTHING
    parts = [f"HTTP {attempt.status}"] if attempt.status else []
    if attempt.error:
        parts.append(str(ERRORS.get(attempt.error, attempt.error)))
    parts.append(_text("%(count)s ms") % {"count": attempt.milliseconds})
    return " · ".join(parts)


def types_words(types: list[str]) -> str:
    """Return the events that an endpoint gets, in words."""
    if not types:
        return _text("all public events, also of later versions")
    return "; ".join(title_of(name).rstrip(".。") for name in types)
