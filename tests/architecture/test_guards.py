"""The database's guards agree with the models: a change of one needs a change of the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import connection, models, transaction

from common import guards
from common.base_models import Proposal
from tests.cast import NOON

LIVES = [model for model in apps.get_models() if hasattr(model, "COMES_FROM")]

# As PostgreSQL spells it: (status)::text = 'open'::text, … = ANY ((ARRAY['open'::…])::text[])
COMPARED = re.compile(
    r"\((?P<column>\w+)\)::text (?:=|<>) (?:ANY|ALL)? ?"
    r"(?P<values>\(+ARRAY\[[^\]]*\]|'[^']*'::text)"
)


def ask(sql: str, *values: object) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def installed(table: str) -> tuple[str, str]:
    """The definition of the table's guard of its status, and the constraint that it names."""
    ((definition, arguments),) = ask(
        "SELECT pg_get_triggerdef(oid), encode(tgargs, 'escape') FROM pg_trigger"
        " WHERE tgrelid = %s::regclass AND tgname = 'status_transitions' AND tgenabled <> 'D'",
        table,
    )
    return definition, arguments.removesuffix("\\000")


@pytest.mark.parametrize("model", LIVES, ids=lambda model: model.__name__)
def test_a_status_moves_as_comes_from_says(db: None, model: type[models.Model]) -> None:
    table = model._meta.db_table
    before, constraint = installed(table)
    of_today = guards.transitions(
        table,
        statuses=dict(model._meta.get_field("status").flatchoices),
        comes_from=model.COMES_FROM,
        editable_in=getattr(model, "EDITABLE_IN", None),
        constraint=constraint,
    )

    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER status_transitions ON {table}; {of_today}")

    assert installed(table)[0] == before


# Blocks that alter functions after their creation.
BLOCK = re.compile(r"^DO \$\$.*?^END \$\$;", re.MULTILINE | re.DOTALL)
SQL_FILES = sorted(Path(settings.BASE_DIR).glob("*/guards/*.sql"))
FUNCTION = re.compile(r"^CREATE (FUNCTION (\w+)\(.*?\$\$.*?\$\$;)", re.MULTILINE | re.DOTALL)
TRIGGER = re.compile(r"^CREATE (?:CONSTRAINT )?TRIGGER (\w+)[^;]*? ON (\w+)[^;]*;", re.MULTILINE)


def definitions(path: Path) -> list[tuple[str, ...]]:
    """The functions and triggers of a file as the database has them."""
    sql = path.read_text(encoding="utf-8")
    functions = [name for _, name in FUNCTION.findall(sql)]
    found = ask(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = ANY(%s) ORDER BY 1", functions
    )
    assert len(found) == len(functions)
    for name, table in TRIGGER.findall(sql):
        found += ask(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgenabled <> 'D'"
            " AND tgname = %s AND tgrelid = %s::regclass",
            name,
            table,
        )
    assert len(found) == sql.count("\nCREATE ") + sql.startswith("CREATE ")
    return found


@pytest.mark.parametrize(
    "path", SQL_FILES, ids=lambda path: f"{path.parent.parent.name}_{path.stem}"
)
def test_a_guard_is_installed_as_its_file_says(db: None, path: Path) -> None:
    before = definitions(path)
    sql = path.read_text(encoding="utf-8")

    with connection.cursor() as cursor:
        for definition, _ in FUNCTION.findall(sql):
            cursor.execute(f"CREATE OR REPLACE {definition}")
        for block in BLOCK.findall(sql):
            cursor.execute(block)
        for trigger in TRIGGER.finditer(sql):
            cursor.execute(f"DROP TRIGGER {trigger[1]} ON {trigger[2]}; {trigger[0]}")

    assert definitions(path) == before


def compared(table: str) -> Iterator[tuple[str, str, set[str]]]:
    """Each CHECK of the table: its name, a column that it compares, and with which texts."""
    for name, definition in ask(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'c'",
        table,
    ):
        texts: dict[str, set[str]] = {}
        for found in COMPARED.finditer(definition):
            texts.setdefault(found["column"], set()).update(
                re.findall(r"'([^']*)'::", found["values"])
            )
        yield from ((name, column, values) for column, values in texts.items())


@pytest.mark.parametrize("model", LIVES, ids=lambda model: model.__name__)
def test_a_check_knows_every_status_and_no_other(db: None, model: type[models.Model]) -> None:
    known = set(dict(model._meta.get_field("status").flatchoices))

    lists = [values for _, column, values in compared(model._meta.db_table) if column == "status"]

    assert known in lists


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_checks_name_choices_only(db: None, model: type[models.Model]) -> None:
    choices = {
        field.column: {str(value) for value, _ in field.flatchoices}
        for field in model._meta.concrete_fields
        if field.choices and isinstance(field, models.CharField)
    }

    wrong = [
        (name, column, values)
        for name, column, values in compared(model._meta.db_table)
        if column in choices
        and (
            not values <= choices[column] | {""}
            or (name.endswith("_is_known") and values != choices[column])
        )
    ]

    assert wrong == []


def test_a_refusal_of_a_transition_names_both(db: None) -> None:
    product = apps.get_model("catalog", "Product")
    category = apps.get_model("catalog", "Category").objects.create(code="tea", name="茶")
    row = product.objects.create(name="茶", category=category)

    with (
        pytest.raises(Exception, match="from draft to off_sale") as refusal,
        transaction.atomic(),
    ):
        product.objects.filter(pk=row.pk).update(status="off_sale")

    assert refusal.value.__cause__.diag.constraint_name == "product_status_transitions"


def test_guards_can_be_undone() -> None:
    operation = guards.install(
        guards.append_only("a"),
        "CREATE FUNCTION f() RETURNS trigger AS $$ $$;\n"
        "CREATE CONSTRAINT TRIGGER g AFTER INSERT OR UPDATE ON b\n    DEFERRABLE;",
        "ALTER TABLE c ADD CONSTRAINT h CHECK (true);",
    )

    assert operation.reverse_sql.splitlines() == [
        "ALTER TABLE c DROP CONSTRAINT h;",
        "DROP TRIGGER g ON b;",
        "DROP FUNCTION f;",
        "DROP TRIGGER append_only ON a;",
    ]


# The status to which a button moves its row; a new button is added here or below.
MOVES = {
    "alarms_alarm_close": "closed",
    "alarms_alarm_mark_seen": "seen",
    "catalog_product_put_on_sale": "on_sale",
    "catalog_product_take_off_sale": "off_sale",
    "closing_adjustment_post": "posted",
    "closing_adjustment_refuse": "refused",
    "closing_statementline_explain": "cleared",
    "commissions_claim_accept": "accepted",
    "commissions_claim_reject": "rejected",
    "commissions_conflictacceptance_agree": "agreed",
    "commissions_conflictacceptance_refuse": "refused",
    "distribution_application_approve": "approved",
    "distribution_application_reject": "rejected",
    "distribution_distributor_activate": "active",
    "distribution_distributor_exit": "exited",
    "distribution_distributor_freeze": "frozen",
    "distribution_distributor_suspend": "suspended",
    "materials_announcement_publish": "published",
    "materials_announcement_withdraw": "withdrawn",
    "materials_course_publish": "published",
    "materials_course_withdraw": "withdrawn",
    "materials_material_publish": "published",
    "materials_material_withdraw": "withdrawn",
    "members_membermerge_agree": "agreed",
    "members_membermerge_propose_told": "refused",
    "members_membermerge_refuse": "refused",
    "members_stafflinkproposal_agree": "agreed",
    "members_stafflinkproposal_refuse": "refused",
    "notices_message_resend": "waiting",
    "orders_orderconflict_accept": "accepted",
    "orders_orderconflict_dismiss": "dismissed",
    "promotions_coupon_end": "ended",
    "promotions_coupon_publish": "published",
    "risk_case_close": "closed",
    "webhooks_webhookendpoint_remove": "removed",
    "webhooks_webhookendpoint_switch_off": "off",
    "webhooks_webhookendpoint_switch_on": "active",
    "withdrawals_manualresolution_agree": "agreed",
    "withdrawals_manualresolution_refuse": "refused",
    "withdrawals_withdrawal_approve_as_finance": "finance_approved",
    "withdrawals_withdrawal_approve_as_operations": "ops_approved",
    "withdrawals_withdrawal_claim_manual_payouts": "paying",
    "withdrawals_withdrawal_fail": "failed",
    "withdrawals_withdrawal_reject": "rejected",
    "withdrawals_withdrawal_start_payout": "paying",
}
# They leave the status to their row's answer, such as the provider's, or do not touch it.
STAY = {
    "catalog_product_fetch_again",
    "catalog_productpicture_remove",
    "catalog_productpicture_show_first",
    "commissions_plan_new_version",
    "distribution_distributor_set_segment",
    "incentives_distributorlevel_pin",
    "incentives_distributorlevel_unpin",
    "promotions_coupon_copy",
    "risk_case_assign",
    "risk_case_note",
    "risk_case_take",
    "webhooks_webhookendpoint_send_test",
    "webhooks_webhookendpoint_send_waiting",
    "withdrawals_withdrawal_cancel_at_provider",
    "withdrawals_withdrawal_mark_unpaid",
    "withdrawals_withdrawal_poll_now",
    "withdrawals_withdrawal_resend",
    "withdrawals_withdrawal_retry_with_new_number",
}
BUTTONS = {
    action.action_name: (page, action.path)
    for page in admin.site._registry.values()
    if page.model in LIVES
    for action in page._get_base_actions_detail()
}


def test_every_button_is_listed() -> None:
    assert set(BUTTONS) == MOVES.keys() | STAY


def _row(model: type[models.Model], status: str) -> models.Model:
    row = model(status=status)
    if issubclass(model, Proposal) and status != "proposed":
        row.decided_at = NOON
    return row


@pytest.mark.parametrize("button", MOVES)
def test_a_button_is_offered_where_its_status_may_come_from(button: str) -> None:
    page, path = BUTTONS[button]
    model = page.model
    open_statuses = {
        status
        for status in dict(model._meta.get_field("status").flatchoices)
        if page.is_open(_row(model, status))
    }

    offered = open_statuses & set(page.button_statuses.get(path, open_statuses))

    assert offered
    assert offered <= set(model.COMES_FROM[MOVES[button]])
