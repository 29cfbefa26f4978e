from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationConfig(AppConfig):
    name = "integration"
    verbose_name = _("Integration")

    def ready(self) -> None:
        from integration.api import schema  # noqa: F401, PLC0415 - drf-spectacular finds it then
        from integration.models import ApiClient  # noqa: PLC0415 - models are loaded by now
        from withdrawals.encryption_rotation import ENCRYPTED_FIELDS  # noqa: PLC0415

        ENCRYPTED_FIELDS[ApiClient] = ("secret_encrypted", "old_secret_encrypted")
