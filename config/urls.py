from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from config import api_urls, health, media, status_pages
from members import web as members_web
from withdrawals import web

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", include("members.urls")),
    path("admin/", include("backoffice.search_urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("statusz", status_pages.status),
    path("metrics", status_pages.metrics),
    path("api/v1/", include(api_urls)),
    re_path(media.PATTERN, media.public_file, name="public-file"),
    path("media/avatars/<str:name>", members_web.avatar, name="avatar"),
    path("media/materials/", include("materials.urls")),
    path("wechat/events", members_web.wechat_events, name="wechat-events"),
    path("", include("h5.urls")),
    path("payouts/wechat", web.wechat_notification, name="wechat-notification"),
]

handler400 = "api.problems.handler400"
handler403 = "api.problems.handler403"
handler404 = "h5.errors.handler404"
handler500 = "h5.errors.handler500"
