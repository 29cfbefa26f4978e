from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationConfig(AppConfig):
    name = "integration"
    verbose_name = _("Integration")

    def ready(self) -> None:
        from integration.api import schema  # noqa: F401, PLC0415 - drf-spectacular finds it then
        from integration.metadata import forget_metadata, metadata_of  # noqa: PLC0415
        from integration.models import ApiClient, MallImport  # noqa: PLC0415 - models are loaded by now
        from members import closing, exports  # noqa: PLC0415
        from withdrawals.encryption_rotation import ENCRYPTED_FIELDS  # noqa: PLC0415

        closing.on_close(forget_metadata)
        exports.register("metadata", metadata_of)
        ENCRYPTED_FIELDS[MallImport] = ("findings_encrypted",)
        ENCRYPTED_FIELDS[ApiClient] = ("secret_encrypted", "old_secret_encrypted")
