from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DistributionConfig(AppConfig):
    name = "distribution"
    verbose_name = _("Distribution")

    def ready(self) -> None:
        from distribution import exports  # noqa: PLC0415 - these need the apps loaded
        from distribution.closing import close_blockers  # noqa: PLC0415
        from members import closing  # noqa: PLC0415
        from members import exports as members  # noqa: PLC0415

        closing.register(close_blockers)
        closing.on_close(exports.forget_answers)
        members.register("applications", exports.applications_of)
