"""The sign-in pages, which replace the admin's own, and the pictures of members."""

from django.contrib import admin
from django.urls import path

from members import web
from members.sign_in import views

urlpatterns = [
    path(
        "uploads/<str:public_id>",
        admin.site.admin_view(web.upload_for_staff),
        name="member_upload",
    ),
    path("password_change/", admin.site.admin_view(views.PasswordChangeView.as_view())),
    path("second_factor/", views.SecondFactorView.as_view(), name="second_factor"),
    path("password_reset/", views.PasswordResetView.as_view(), name="admin_password_reset"),
    path("password_reset/done/", views.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "password_reset/<uidb64>/<token>/",
        views.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "password_reset/complete/",
        views.PasswordResetCompleteView.as_view(),
        name="password_reset_complete",
    ),
]
