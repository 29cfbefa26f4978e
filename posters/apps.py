from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PostersConfig(AppConfig):
    name = "posters"
    verbose_name = _("Posters")

    def ready(self) -> None:
        from members import closing  # noqa: PLC0415 - these need the apps loaded
        from members import exports as members  # noqa: PLC0415
        from posters import exports  # noqa: PLC0415
        from posters.services import remove_posters_of  # noqa: PLC0415

        closing.on_close(remove_posters_of)
        members.register("posters", exports.posters_of)
        members.register("recommendations", exports.recommendations_of)
