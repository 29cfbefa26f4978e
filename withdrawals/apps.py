from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WithdrawalsConfig(AppConfig):
    name = "withdrawals"
    verbose_name = _("Withdrawals")

    def ready(self) -> None:
        from members import closing, exports  # noqa: PLC0415 - models are ready only now
        from withdrawals import member_data  # noqa: PLC0415
        from withdrawals.payouts.authorization_polls import end_authorizations  # noqa: PLC0415

        exports.register("withdrawals", member_data.withdrawals_of)
        exports.register("payees", member_data.payees_of)
        exports.register("real_identities", member_data.identities_of)
        closing.register(member_data.close_blockers)
        closing.on_close(end_authorizations)
