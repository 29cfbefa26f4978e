"""Sessions and profiles of members."""

from django.urls import path

from members.api import account, agreements, profile, sessions, uploads, wechat

urlpatterns = [
    path("auth/refresh", sessions.Refresh.as_view()),
    path("auth/logout", sessions.Logout.as_view()),
    path("auth/embed", sessions.Embed.as_view()),
    path("auth/wechat/login", wechat.Login.as_view()),
    path("auth/wechat/authorize", wechat.Authorize.as_view()),
    path("auth/wechat/oauth", wechat.OAuth.as_view()),
    path("wechat/js-config", wechat.PageSignature.as_view()),
    path("agreements/<str:kind>", agreements.CurrentAgreement.as_view()),
    path("agreements/<str:kind>/accept", agreements.AcceptAgreement.as_view()),
    path("me", profile.Me.as_view()),
    path("me/data", account.OwnData.as_view()),
    path("me/close", account.Close.as_view()),
    path("me/phone", profile.Phone.as_view()),
    path("me/link-token", sessions.LinkToken.as_view()),
    path("me/sessions", sessions.Sessions.as_view()),
    path("me/sessions/<str:session_id>/revoke", sessions.RevokeSession.as_view()),
    path("uploads", uploads.Uploads.as_view()),
    path("uploads/<str:public_id>", uploads.OwnUpload.as_view()),
]
