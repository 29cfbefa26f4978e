from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SharingConfig(AppConfig):
    name = "sharing"
    verbose_name = _("Sharing")

    def ready(self) -> None:
        from members import closing  # noqa: PLC0415 - these need the apps loaded
        from members import exports as members  # noqa: PLC0415
        from sharing import checks, exports  # noqa: F401, PLC0415
        from sharing.kinds import register_kinds  # noqa: PLC0415

        register_kinds()
        closing.on_close(exports.forget)
        members.register("shares", exports.shares_of)
        members.register("visits", exports.visits_of)
        members.register("home_pages", exports.home_of)
