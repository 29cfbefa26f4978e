from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncentivesConfig(AppConfig):
    name = "incentives"
    verbose_name = _("Incentives")

    def ready(self) -> None:
        from commissions import plan_checks  # noqa: PLC0415 - these need the apps loaded
        from incentives import ledger_sources, member_awards, plan_limits  # noqa: PLC0415
        from incentives.ladder.exports import levels_of  # noqa: PLC0415
        from ledger import sources  # noqa: PLC0415
        from members import closing, exports  # noqa: PLC0415

        exports.register("awards", member_awards.awards_of)
        exports.register("levels", levels_of)
        exports.register("proofs", member_awards.proofs_of)
        closing.register(member_awards.close_blockers)
        plan_checks.register(plan_limits.worst_case_findings)
        sources.register("incentives.award", ledger_sources.awards)
