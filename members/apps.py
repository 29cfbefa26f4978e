from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("People")

    def ready(self) -> None:
        from members.sessions import schema  # noqa: F401, PLC0415 - drf-spectacular finds it then
