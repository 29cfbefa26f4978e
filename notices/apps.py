from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from members import closing, exports, wechat_events  # noqa: PLC0415 - models are loaded by now
        from notices import consents, scenes  # noqa: PLC0415

        checks.register(scenes.templates_fit)
        closing.on_close(consents.delete_consents)
        exports.register("subscriptions", consents.consents)
        wechat_events.register("subscribe_msg_popup_event", consents.on_popup)
        wechat_events.register("subscribe_msg_change_event", consents.on_change)
        wechat_events.register("subscribe_msg_sent_event", consents.on_sent)
