from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        from webhooks.models import WebhookSecret  # noqa: PLC0415 - models are loaded by now
        from withdrawals.encryption_rotation import ENCRYPTED_FIELDS  # noqa: PLC0415

        ENCRYPTED_FIELDS[WebhookSecret] = ("secret_encrypted",)
