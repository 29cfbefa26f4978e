"""Every button is a dialog: looking at it changes nothing, pressing it needs the right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Product
from events.models import Delivery, Event
from members.models import User
from tests.admin.pages import Button, buttons

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

PRESS = {
    "_form_submitted": "True", "_confirmed": "on", "reason": "检查", "code": "Wang",
    "assignee": "boss", "note": "问过了", "content_hash": "0" * 64, "rejection": "odd",
    "until": "2027-06-01 12:00",
}  # fmt: skip
WRITES = ("INSERT", "UPDATE", "DELETE")
ALL = [pytest.param(each, id=str(each)) for each in buttons()]
# Who may press what; a new button is added here, with its right.
RIGHTS = {
    "alarms_alarm_close": "change_alarm",
    "alarms_alarm_mark_seen": "change_alarm",
    "catalog_product_put_on_sale": "change_product",
    "catalog_product_take_off_sale": "change_product",
    "catalog_product_fetch_again": "change_product",
    "catalog_productpicture_show_first": "change_productpicture",
    "catalog_productpicture_remove": "change_productpicture",
    "closing_adjustment_post": "decide_adjustment",
    "closing_adjustment_refuse": "decide_adjustment",
    "closing_statementline_explain": "post_documents",
    "closing_difference_close": "change_difference",
    "closing_difference_assign_to_me": "change_difference",
    "closing_treasurydocument_reverse": "post_documents",
    "commissions_claim_accept": "change_claim",
    "commissions_claim_reject": "change_claim",
    "commissions_commissionhold_credit_closed_order": "change_commissionhold",
    "commissions_commissionhold_retry": "change_commissionhold",
    "commissions_commissionhold_treat_as_refunded": "change_commissionhold",
    "commissions_conflictacceptance_agree": "decide_orderconflict",
    "commissions_conflictacceptance_refuse": "decide_orderconflict",
    "commissions_plan_new_version": "change_plan",
    "distribution_application_approve": "change_application",
    "distribution_application_reject": "change_application",
    "distribution_applicationform_publish": "change_applicationform",
    "distribution_binding_extend": "change_binding",
    "distribution_binding_leave": "change_binding",
    "distribution_binding_move": "change_binding",
    "distribution_distributor_activate": "change_distributor",
    "distribution_distributor_exit": "change_distributor",
    "distribution_distributor_freeze": "change_distributor",
    "distribution_distributor_set_segment": "change_distributor",
    "distribution_distributor_suspend": "change_distributor",
    "events_delivery_retry_delivery": "change_delivery",
    "incentives_distributorlevel_pin": "pin_level",
    "incentives_distributorlevel_unpin": "pin_level",
    "incentives_incentive_stop": "publish_version",
    "materials_announcement_publish": "change_announcement",
    "materials_announcement_withdraw": "change_announcement",
    "materials_course_publish": "change_course",
    "materials_course_withdraw": "change_course",
    "materials_material_publish": "change_material",
    "materials_material_withdraw": "change_material",
    "members_agreement_publish": "change_agreement",
    "members_member_lock": "lock_member",
    "members_member_unlock": "lock_member",
    "integration_apiclient_end_old_secret": "change_apiclient",
    "integration_apiclient_resume": "change_apiclient",
    "integration_apiclient_revoke": "change_apiclient",
    "integration_apiclient_switch_off": "change_apiclient",
    "integration_apiclient_switch_on": "change_apiclient",
    "members_membermerge_propose_told": "propose_merge",
    "members_membermerge_agree": "decide_merge",
    "members_membermerge_refuse": "decide_merge",
    "members_stafflinkproposal_agree": "change_stafflinkproposal",
    "members_stafflinkproposal_refuse": "change_stafflinkproposal",
    "notices_message_resend": "change_message",
    "orders_orderconflict_accept": "decide_orderconflict",
    "orders_orderconflict_dismiss": "decide_orderconflict",
    "promotions_coupon_copy": "add_coupon",
    "promotions_coupon_end": "publish_coupon",
    "promotions_coupon_publish": "publish_coupon",
    "promotions_coupongrant_revoke": "give_coupon",
    "risk_case_assign": "change_case",
    "risk_case_close": "change_case",
    "risk_case_note": "change_case",
    "risk_case_take": "change_case",
    "risk_hold_release": "change_hold",
    "sharing_homepage_clear": "change_homepage",
    "sharing_share_disable": "change_share",
    "sharing_share_enable": "change_share",
    "webhooks_webhookdelivery_redeliver": "change_webhookdelivery",
    "webhooks_webhookendpoint_remove": "change_webhookendpoint",
    "webhooks_webhookendpoint_send_test": "change_webhookendpoint",
    "webhooks_webhookendpoint_send_waiting": "change_webhookendpoint",
    "webhooks_webhookendpoint_switch_off": "change_webhookendpoint",
    "webhooks_webhookendpoint_switch_on": "change_webhookendpoint",
    "withdrawals_channel_pause": "change_channel",
    "withdrawals_channel_resume": "change_channel",
    "withdrawals_manualresolution_agree": "review_as_finance",
    "withdrawals_manualresolution_refuse": "review_as_finance",
    "withdrawals_withdrawal_approve_as_finance": "review_as_finance",
    "withdrawals_withdrawal_approve_as_operations": "review_as_operations",
    "withdrawals_withdrawal_poll_now": "review_as_finance",
    "withdrawals_withdrawal_start_payout": "review_as_finance",
    "withdrawals_withdrawal_cancel_at_provider": "review_as_finance",
    "withdrawals_withdrawal_fail": "review_as_finance",
    "withdrawals_withdrawal_mark_unpaid": "review_as_finance",
    "withdrawals_withdrawal_claim_manual_payouts": "review_as_finance",
    "withdrawals_withdrawal_reject": "review_as",  # either of the two
    "withdrawals_withdrawal_resend": "review_as_finance",
    "withdrawals_withdrawal_retry_with_new_number": "review_as_finance",
}
NEEDED_TO_LOOK = {
    "commissions_conflictacceptance_agree": "view_conflictacceptance",
    "commissions_conflictacceptance_refuse": "view_conflictacceptance",
    "orders_orderconflict_accept": "view_orderconflict",
    "orders_orderconflict_dismiss": "view_orderconflict",
    "commissions_claim_accept": "view_claim",
    "commissions_claim_reject": "view_claim",
    "commissions_commissionhold_credit_closed_order": "view_commissionhold",
    "commissions_commissionhold_retry": "view_commissionhold",
    "commissions_commissionhold_treat_as_refunded": "view_commissionhold",
    "events_delivery_retry_delivery": "view_delivery",
}


def writes(action: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        action()
    return [
        query["sql"]
        for query in queries
        if query["sql"].startswith(WRITES) and "django_session" not in query["sql"]
    ]


def test_every_button_is_known() -> None:
    assert {str(each) for each in buttons()} == set(RIGHTS)


@pytest.mark.slow
@pytest.mark.parametrize("button", ALL)
def test_looking_changes_nothing(as_boss: Client, button: Button) -> None:
    for method in (as_boss.get, as_boss.head, as_boss.options):
        answers = []
        assert writes(lambda: answers.append(method(button.url, PRESS))) == []  # noqa: B023
        assert answers[0].status_code == 200
        assert "HX-Redirect" not in answers[0].headers
    assert 'name="csrfmiddlewaretoken"' in as_boss.get(button.url).content.decode()


@pytest.mark.slow
@pytest.mark.parametrize("button", ALL)
def test_pressing_answers_htmx_with_a_message(as_boss: Client, button: Button) -> None:
    answer = as_boss.post(button.url, PRESS)
    assert answer.status_code == 200
    if "HX-Redirect" in answer.headers:
        assert answer.headers["HX-Redirect"].startswith("/admin/")
        assert list(get_messages(answer.wsgi_request))
    else:  # a refusal stays in the dialog, with what was typed
        shown = answer.content.decode()
        assert 'role="alert"' in shown or 'class="errors' in shown


@pytest.mark.parametrize("button", ALL)
def test_pressing_needs_the_token(boss: User, button: Button) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    answers = []
    assert writes(lambda: answers.append(client.post(button.url, PRESS))) == []
    assert answers[0].status_code == 403


@pytest.mark.parametrize("button", ALL)
def test_pressing_needs_the_right(as_qian: Client, qian: User, button: Button) -> None:
    needed = RIGHTS[str(button)]
    qian.user_permissions.set(Permission.objects.exclude(codename__startswith=needed))
    for method in (as_qian.get, as_qian.post):
        answers = []
        assert writes(lambda: answers.append(method(button.url, PRESS))) == []  # noqa: B023
        assert answers[0].status_code == 403
    looking = NEEDED_TO_LOOK.get(str(button), needed)
    enough = Permission.objects.filter(Q(codename__startswith=needed) | Q(codename=looking))
    qian.user_permissions.set(enough)
    assert as_qian.post(button.url, PRESS).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("button", ALL)
def test_a_row_that_is_gone_is_a_message(as_boss: Client, button: Button) -> None:
    gone = reverse(f"admin:{button.action.action_name}", args=[99_999])
    answer = as_boss.post(gone, PRESS)
    assert answer.headers["HX-Redirect"] == reverse(
        f"admin:{button.page.opts.app_label}_{button.page.opts.model_name}_changelist"
    )


def test_a_refusal_is_a_message_and_nothing_moves(as_boss: Client, nuts: Product) -> None:
    recorded = Event.objects.count()
    answer = as_boss.post(reverse("admin:catalog_product_put_on_sale", args=[nuts.pk]), PRESS)
    assert answer.headers["HX-Redirect"] == reverse("admin:catalog_product_change", args=[nuts.pk])
    [message] = get_messages(answer.wsgi_request)
    assert message.level_tag == "error"
    assert "在售" in str(message)
    assert Event.objects.count() == recorded


def test_taking_off_sale_is_recorded_with_who_did_it(as_boss: Client, nuts: Product) -> None:
    as_boss.post(reverse("admin:catalog_product_take_off_sale", args=[nuts.pk]), PRESS)
    nuts.refresh_from_db()
    assert nuts.status == Product.Status.OFF_SALE
    fact = Event.objects.latest("id")
    assert (fact.name, fact.actor_kind, fact.actor_id) == (
        "catalog.off_sale", "members.user", "boss",
    )  # fmt: skip


def test_only_what_the_status_allows_is_offered(as_boss: Client, nuts: Product) -> None:
    page = as_boss.get(reverse("admin:catalog_product_change", args=[nuts.pk])).content.decode()
    assert reverse("admin:catalog_product_take_off_sale", args=[nuts.pk]) in page
    assert reverse("admin:catalog_product_put_on_sale", args=[nuts.pk]) not in page


def test_trying_again_makes_a_waiting_delivery_due(as_boss: Client) -> None:
    waiting = Delivery.objects.latest("due_at")
    as_boss.post(reverse("admin:events_delivery_retry_delivery", args=[waiting.pk]), PRESS)
    assert Delivery.objects.get(pk=waiting.pk).due_at < waiting.due_at
