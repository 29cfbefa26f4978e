from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config import health, status_pages
from withdrawals import web

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", include("members.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("statusz", status_pages.status),
    path("metrics", status_pages.metrics),
    path("payouts/wechat", web.wechat_notification, name="wechat-notification"),
]
