from django.urls import path

from distribution.api import distributors, forms, referrers

urlpatterns = [
    path("distributor", distributors.MyDistributor.as_view()),
    path("distributor/application", distributors.MyApplication.as_view()),
    path("distributor/application/form", forms.MyForm.as_view()),
    path("me/referrer", referrers.MyReferrer.as_view()),
    path("me/referrer/leave", referrers.LeaveReferrer.as_view()),
]
