from django.urls import path

from reports.api import figures, months, posters, shares, team, wallets

urlpatterns = [
    path("distributor/workspace", figures.WorkspaceView.as_view()),
    path("distributor/earnings", figures.EarningsView.as_view()),
    path("distributor/leaderboard", figures.LeaderboardView.as_view()),
    path("distributor/months", months.Months.as_view()),
    path("distributor/months/<str:month>.csv", months.MonthCsv.as_view()),
    path("distributor/months/<str:month>.html", months.MonthPage.as_view()),
    path("distributor/months/<str:month>", months.OneMonth.as_view()),
    path("distributor/team", team.Team.as_view()),
    path("distributor/team/summary", team.TeamSummary.as_view()),
    path("posters", posters.PostersWithFigures.as_view()),
    path("shares/<str:code>/figures", shares.FiguresOfShare.as_view()),
    path("me/wallets", wallets.Wallets.as_view()),
]
