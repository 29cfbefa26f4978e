from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SharingConfig(AppConfig):
    name = "sharing"
    verbose_name = _("Sharing")

    def ready(self) -> None:
        from sharing.kinds import register_kinds  # noqa: PLC0415 - it needs the apps loaded

        register_kinds()
