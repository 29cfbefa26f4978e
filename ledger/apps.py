from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = _("Money")

    def ready(self) -> None:
        from ledger import member_accounts  # noqa: PLC0415 - these need the apps loaded
        from members import closing, exports  # noqa: PLC0415

        exports.register("wallets", member_accounts.wallets_of)
        closing.register(member_accounts.close_blockers)
