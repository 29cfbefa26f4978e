from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from reports.queries import first_credit  # noqa: PLC0415 - models are loaded by now
        from withdrawals import first_credits  # noqa: PLC0415

        first_credits.register(first_credit)
