from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncentivesConfig(AppConfig):
    name = "incentives"
    verbose_name = _("Incentives")

    def ready(self) -> None:
        from incentives.ledger_sources import awards  # noqa: PLC0415 - models are loaded by now
        from ledger import sources  # noqa: PLC0415

        sources.register("incentives.award", awards)
