from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PromotionsConfig(AppConfig):
    name = "promotions"
    verbose_name = _("Promotions")

    def ready(self) -> None:
        from members import exports as members  # noqa: PLC0415 - these need the apps loaded
        from promotions import exports  # noqa: PLC0415

        members.register("coupons", exports.coupons_of)
