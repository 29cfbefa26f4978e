from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommissionsConfig(AppConfig):
    name = "commissions"
    verbose_name = _("Commissions")

    def ready(self) -> None:
        from commissions import exports  # noqa: PLC0415 - these need the apps loaded
        from commissions.closing import close_blockers  # noqa: PLC0415
        from members import closing  # noqa: PLC0415
        from members import exports as members  # noqa: PLC0415

        closing.register(close_blockers)
        members.register("commissions", exports.commissions_of)
        members.register("claims", exports.claims_of)
