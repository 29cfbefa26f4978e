from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from members import exports as members  # noqa: PLC0415 - these need the apps loaded
        from orders import exports  # noqa: PLC0415

        members.register("orders", exports.orders_of)
