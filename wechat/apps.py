from django.apps import AppConfig


class WeChatConfig(AppConfig):
    name = "wechat"
