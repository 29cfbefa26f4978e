"""Sessions and profiles of members."""

from django.urls import path

from members.api import profile, sessions, wechat

urlpatterns = [
    path("auth/refresh", sessions.Refresh.as_view()),
    path("auth/logout", sessions.Logout.as_view()),
    path("auth/wechat/login", wechat.Login.as_view()),
    path("auth/wechat/authorize", wechat.Authorize.as_view()),
    path("auth/wechat/oauth", wechat.OAuth.as_view()),
    path("wechat/js-config", wechat.PageSignature.as_view()),
    path("me", profile.Me.as_view()),
    path("me/phone", profile.Phone.as_view()),
    path("me/sessions", sessions.Sessions.as_view()),
    path("me/sessions/<str:session_id>/revoke", sessions.RevokeSession.as_view()),
]
