from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncentivesConfig(AppConfig):
    name = "incentives"
    verbose_name = _("Incentives")

    def ready(self) -> None:
        from incentives.ladder.exports import levels_of  # noqa: PLC0415 - needs the apps loaded
        from members import exports  # noqa: PLC0415

        exports.register("levels", levels_of)
