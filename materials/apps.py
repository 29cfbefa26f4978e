from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MaterialsConfig(AppConfig):
    name = "materials"
    verbose_name = _("Materials")

    def ready(self) -> None:
        from materials import exports, services  # noqa: PLC0415 - these need the apps loaded
        from materials.targets import register_kind  # noqa: PLC0415
        from members import closing  # noqa: PLC0415
        from members import exports as members  # noqa: PLC0415

        closing.on_close(services.forget_user_of_materials)
        members.register("materials", exports.uses_of)
        members.register("courses", exports.readings_of)
        register_kind()
