"""The addresses of the pages."""

from django.urls import path

from h5.views import goods, landing, members

urlpatterns = [
    path("s/<str:code>", landing.landing, name="h5-landing"),
    path("p/<str:public_id>", goods.product, name="h5-product"),
    path("u/<str:code>", goods.home, name="h5-home"),
    path("join", members.join, name="h5-join"),
    path("materials", members.materials, name="h5-materials"),
    path("rewards", members.rewards, name="h5-rewards"),
    path("login", members.login, name="h5-login"),
]
