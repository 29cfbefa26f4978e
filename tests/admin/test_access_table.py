"""Who may call which address: a table of all of them, and what everybody else gets.

Buttons have a table of their own in ``test_buttons``, office pages declare their permission and are
opened with every role by ``test_office_access``.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice import office
from backoffice.panels import PanelsMixin
from config.roles import ROLES
from members.models import User
from tests.admin.pages import PAGES, name, row, url
from tests.admin.routes import RequestOf, Route, custom_routes
from tests.admin.test_buttons import RIGHTS
from tests.admin.test_office_access import needed, with_role

pytestmark = [pytest.mark.usefixtures("shop", "db", "no_static_files"), pytest.mark.slow]

PLANS = ("commissions.add_plan", "commissions.change_plan", "commissions.publish_plan")
INCENTIVES = ("incentives.change_version", "incentives.publish_version")
# Any of these permissions is enough. A new address is added here, with its permissions.
TABLE: dict[str, tuple[str, ...]] = {
    "catalog_product_add_pictures": ("catalog.add_productpicture",),
    "catalog_product_picture_order": ("catalog.change_productpicture",),
    "closing_adjustment_propose": ("closing.propose_adjustment",),
    "closing_payroll_export": ("closing.export_payroll",),
    "closing_payroll_hand_over": ("closing.export_payroll",),
    "closing_providerstatement_import": ("closing.import_bill",),
    "closing_treasurydocument_book_batch": ("closing.post_documents",),
    "closing_treasurydocument_book_payment": ("closing.post_documents",),
    "closing_treasurydocument_book_return": ("closing.post_documents",),
    "closing_treasurydocument_remit_tax": ("closing.post_documents",),
    "closing_treasurydocument_top_up": ("closing.post_documents",),
    "closing_treasurydocument_write_off": ("closing.post_documents",),
    "commissions_plan_back_test": PLANS,
    "commissions_plan_back_test_progress": PLANS,
    "commissions_plan_check": ("commissions.add_plan", "commissions.change_plan"),
    "commissions_plan_compare": ("commissions.view_plan", *PLANS),
    "commissions_plan_propose": ("commissions.change_plan",),
    "commissions_plan_publish": ("commissions.publish_plan",),
    "commissions_plan_return": PLANS,
    "commissions_plan_simulate": PLANS,
    "commissions_plan_submit": ("commissions.change_plan",),
    "distribution_binding_assign": ("distribution.add_binding",),
    "incentives_incentive_copy": ("incentives.change_version",),
    "incentives_incentive_revise": ("incentives.change_version",),
    "incentives_version_back_test": INCENTIVES,
    "incentives_version_back_test_progress": INCENTIVES,
    "incentives_version_check": ("incentives.change_version",),
    "incentives_version_compare": ("incentives.view_version", *INCENTIVES),
    "incentives_version_publish": ("incentives.publish_version",),
    "incentives_version_return": INCENTIVES,
    "incentives_version_simulate": INCENTIVES,
    "incentives_version_submit": ("incentives.change_version",),
    "integration_apiclient_create": ("integration.change_apiclient",),
    "integration_apiclient_rotate": ("integration.change_apiclient",),
    "integration_apiclient_scopes": ("integration.change_apiclient",),
    "ledger_period_sign": ("ledger.sign_period",),
    "ledger_period_statement": ("ledger.view_transfer",),
    "ledger_period_withholding": ("withdrawals.view_taxentry",),
    "materials_file": ("materials.view_material", "materials.change_material"),
    "materials_material_upload": ("materials.change_material",),
    "member_upload": ("members.view_upload",),
    "members_member_unmask_phone": ("members.unmask_contact",),
    "members_membermerge_propose": ("members.propose_merge",),
    "members_user_password_link": ("members.change_user",),
    "members_user_propose_link": ("members.change_user",),
    "members_user_remove_second_factor": ("members.change_user",),
    "posters_postertemplate_editor": ("posters.view_postertemplate",),
    "posters_postertemplate_editor_check": ("posters.view_postertemplate",),
    "posters_postertemplate_editor_preview": ("posters.view_postertemplate",),
    "posters_postertemplate_editor_publish": ("posters.publish_postertemplate",),
    "posters_postertemplate_editor_save": ("posters.change_postertemplate",),
    "posters_postertemplate_editor_version": ("posters.view_postertemplate",),
    "promotions_coupon_check": ("promotions.add_coupon", "promotions.change_coupon"),
    "promotions_coupon_give": ("promotions.give_coupon",),
    "webhooks_webhookendpoint_create": ("webhooks.change_webhookendpoint",),
    "webhooks_webhookendpoint_edit": ("webhooks.change_webhookendpoint",),
    "webhooks_webhookendpoint_redeliver_days": ("webhooks.change_webhookendpoint",),
    "webhooks_webhookendpoint_rotate": ("webhooks.change_webhookendpoint",),
    "withdrawals_channel_pause_channel": ("withdrawals.change_channel",),
    "withdrawals_evidence_open": ("withdrawals.review_as_finance",),
    "withdrawals_person_unmask": ("withdrawals.unmask_person",),
    "withdrawals_withdrawal_mark_paid": ("withdrawals.review_as_finance",),
    "withdrawals_withdrawal_mark_returned": ("withdrawals.review_as_finance",),
    "withdrawals_withdrawal_resolve_manually": ("withdrawals.review_as_finance",),
}
# A panel needs the right to see its page; its own right is that of tests/backoffice/test_panels.
TABLE |= {
    f"{page.opts.app_label}_{page.opts.model_name}_panel": tuple(
        f"{page.opts.app_label}.{verb}_{page.opts.model_name}"
        for verb in ("view", "change")
        if verb in page.opts.default_permissions
    )
    for page in PAGES
    if isinstance(page, PanelsMixin)
}
# For all staff, who see only what they may: pick and autocomplete ask the right of a source.
STAFF = {
    "app_list", "autocomplete", "backoffice_find", "backoffice_pick", "index", "jsi18n", "logout",
    "password_change", "password_change_done", "search", "view_on_site",
}  # fmt: skip
# For everybody: the door.
DOOR = {
    "admin_password_reset", "login", "password_reset_complete", "password_reset_confirm",
    "password_reset_done", "second_factor",
}  # fmt: skip
OFFICE = {f"office_{page.name}" for page in office.pages()}
ROUTES = {route.name: route for route in custom_routes()}
WRITES = ("INSERT", "UPDATE", "DELETE", "SELECT PG_ADVISORY")
PRESS = {"reason": "检查", "note": "问过", "month": "2026-11", "action": "x", "confirm": "on"}


def changes(client: Client, method: str, address: str) -> tuple[int, list[str]]:
    """Return the status of a request and what it wrote, besides the person's own session."""
    with CaptureQueriesContext(connection) as seen:
        answer = getattr(client, method)(address, PRESS)
    return answer.status_code, writes(seen)


def writes(seen: Any) -> list[str]:
    statements = [query["sql"] for query in seen]
    return [
        sql for sql in statements if sql.upper().startswith(WRITES) and "django_session" not in sql
    ]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_every_address_is_in_the_table() -> None:
    known = {*TABLE, *STAFF, *DOOR, *OFFICE, *RIGHTS}

    assert set(ROUTES) - known == set(), "add the address, with its permissions"
    assert {*TABLE} - set(ROUTES) == set()


def test_the_permissions_of_the_table_exist() -> None:
    existing = {
        f"{app}.{code}"
        for app, code in Permission.objects.values_list("content_type__app_label", "codename")
    }
    assert {right for rights in TABLE.values() for right in rights} - existing == set()


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_only_those_with_the_right_get_in(role: str) -> None:
    user = with_role(role)
    client, wrong = signed_in(user), []
    for route, rights in TABLE.items():
        allowed = any(map(user.has_perm, rights))
        for method in ("get", "post"):
            status, wrote = changes(client, method, ROUTES[route].address())
            if allowed and status == 403:
                wrong.append(f"{route} {method}: refused")
            if not allowed and (status not in (403, 404, 405) or wrote):
                wrong.append(f"{route} {method}: {status} {wrote}")

    assert wrong == []


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_a_forged_post_to_an_office_page_changes_nothing(role: str) -> None:
    user = with_role(role)
    client, wrong = signed_in(user), []
    for page in office.pages():
        if not needed(page) or any(map(user.has_perm, needed(page))):
            continue
        for method in ("post", "put", "delete", "patch"):
            status, wrote = changes(client, method, ROUTES[f"office_{page.name}"].address())
            if status != 403 or wrote:
                wrong.append(f"{page.name} {method}: {status} {wrote}")

    assert wrong == []


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_a_forged_post_to_a_button_changes_nothing(role: str) -> None:
    user = with_role(role)
    client, wrong = signed_in(user), []
    held = {permission.rpartition(".")[2] for permission in user.get_all_permissions()}
    for button, right in RIGHTS.items():
        if any(each.startswith(right) for each in held):
            continue
        status, wrote = changes(client, "post", ROUTES[button].address())
        if status != 403 or wrote:
            wrong.append(f"{button}: {status} {wrote}")

    assert wrong == []


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_forms_refuse_those_without_the_right(role: str) -> None:
    user = with_role(role)
    client, wrong = signed_in(user), []
    for page, what in product(PAGES, ("add", "change", "delete")):
        address, allowed = _form(page, what, user)
        right = f"{page.opts.app_label}.{what}_{page.opts.model_name}"
        if allowed and not user.has_perm(right) and name(page) not in OWN_RULES:
            wrong.append(f"{address}: allowed without {right}")
        if not allowed:
            status, wrote = changes(client, "post", address)
            if status < 400 and wrote:
                wrong.append(f"{address}: {status} {wrote}")

    assert wrong == []


def _form(page: Any, what: str, user: User) -> tuple[str, bool]:
    """Return the address of a form, and whether the page lets this person have it."""
    of_row = () if what == "add" else (row(page),)
    may = getattr(page, f"has_{what}_permission")(RequestOf(user), *of_row)
    return url(page, what, *(found.pk for found in of_row)), bool(may)


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_actions_that_a_list_does_not_offer_change_nothing(role: str) -> None:
    """Their names are no secret."""
    user = with_role(role)
    client, wrong = signed_in(user), []
    for page in PAGES:
        for action in set(page.actions or ()) - set(page.get_actions(RequestOf(user))):
            chosen = {**PRESS, "action": action, "_selected_action": row(page).pk}
            with CaptureQueriesContext(connection) as seen:
                client.post(url(page, "changelist"), chosen)
            wrong += [f"{name(page)} {action}: {sql}" for sql in writes(seen)]

    assert wrong == []


OWN_RULES = {"materials.material", "members.agreement"}
"""Pages whose right to add, change or delete has another name."""


@pytest.mark.parametrize("route", [*TABLE, *sorted(STAFF - {"logout", "jsi18n"}), *sorted(OFFICE)])
def test_strangers_are_sent_to_the_sign_in(client: Client, route: str) -> None:
    found: Route = ROUTES[route]
    for method in ("get", "post"):
        status, wrote = changes(client, method, found.address().replace("^(?P", "(?P"))
        assert status in (302, 404), found
        assert wrote == []


def test_a_member_without_an_account_of_the_staff_gets_nothing(client: Client) -> None:
    user = User.objects.create_user("customer")
    user.user_permissions.set(Permission.objects.all())
    client.force_login(user)
    for route in {*TABLE, *OFFICE}:
        assert client.get(ROUTES[route].address()).status_code == 302, route
