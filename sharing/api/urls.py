from django.urls import path

from sharing.api import homes, shares, visits

urlpatterns = [
    path("shares", shares.Shares.as_view()),
    path("shares/<str:code>", shares.OneShare.as_view()),
    path("shares/<str:code>/qr", shares.ShareQr.as_view()),
    path("visits", visits.Visits.as_view()),
    path("visits/<str:visit>/pages", visits.VisitPages.as_view()),
    path("distributor/home", homes.MyHome.as_view()),
    path("homes/<str:code>", homes.OneHome.as_view()),
]
