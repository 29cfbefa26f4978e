from django.urls import path

from reports import api

urlpatterns = [
    path("distributor/workspace", api.WorkspaceView.as_view()),
    path("distributor/earnings", api.EarningsView.as_view()),
    path("distributor/leaderboard", api.LeaderboardView.as_view()),
]
