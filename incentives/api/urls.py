from django.urls import path

from incentives.api import awards, incentives, levels, proofs

urlpatterns = [
    path("distributor/levels", levels.Levels.as_view()),
    path("incentives", incentives.Incentives.as_view()),
    path("incentives/<str:public_id>", incentives.OneIncentive.as_view()),
    path("incentives/<str:public_id>/ranking", incentives.Ranking.as_view()),
    path("incentives/<str:public_id>/proofs", proofs.Proofs.as_view()),
    path("me/awards", awards.Awards.as_view()),
    path("me/awards/<str:public_id>", awards.OneAward.as_view()),
]
