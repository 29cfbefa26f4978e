from django.urls import path

from withdrawals.api import authorizations, payees, wallets, withdrawals

urlpatterns = [
    path("withdrawals", withdrawals.Withdrawals.as_view()),
    path("withdrawals/options", withdrawals.WithdrawalOptions.as_view()),
    path("withdrawals/quote", withdrawals.WithdrawalQuote.as_view()),
    path("withdrawals/<str:public_id>", withdrawals.OneWithdrawal.as_view()),
    path("withdrawals/<str:public_id>/cancel", withdrawals.CancelWithdrawal.as_view()),
    path("withdrawals/<str:public_id>/collect", withdrawals.CollectWithdrawal.as_view()),
    path("withdrawals/<str:public_id>/check", withdrawals.CheckWithdrawal.as_view()),
    path("me/identity", payees.MyIdentity.as_view()),
    path("me/payees/<str:channel>", payees.MyPayee.as_view()),
    path("me/payees/wechat/authorization", authorizations.MyAuthorization.as_view()),
    path("me/payees/wechat/authorization/check", authorizations.CheckAuthorization.as_view()),
    path("me/payees/wechat/authorization/close", authorizations.CloseAuthorization.as_view()),
    path("me/wallets/<str:kind>/transfers", wallets.WalletTransfers.as_view()),
]
