"""Endpoints of the clients, their health, and what was sent to them."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from webhooks.admin import deliveries, endpoints, health

__all__ = ["deliveries", "endpoints", "health"]

menu.register(
    "system",
    (_("Webhook endpoints"), "webhook", "webhooks.webhookendpoint"),
    (_("Webhook deliveries"), "send", "webhooks.webhookdelivery"),
)
