from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PostersConfig(AppConfig):
    name = "posters"
    verbose_name = _("Posters")

    def ready(self) -> None:
        from posters import checks  # noqa: F401, PLC0415
