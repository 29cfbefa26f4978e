"""What the database itself refuses of orders: a fact that is known never changes."""

from django.db import migrations

from common.only_one import insert_row

FORWARD = """
CREATE FUNCTION orders_keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a fact that is known does not change'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'fact_is_set_once';
END $$;
CREATE TRIGGER facts_once BEFORE UPDATE ON orders_order FOR EACH ROW WHEN (
    OLD.paid_at IS NOT NULL AND NEW.paid_at IS DISTINCT FROM OLD.paid_at
    OR OLD.shipped_at IS NOT NULL AND NEW.shipped_at IS DISTINCT FROM OLD.shipped_at
    OR OLD.received_at IS NOT NULL AND NEW.received_at IS DISTINCT FROM OLD.received_at
    OR OLD.release_at IS NOT NULL AND NEW.release_at IS DISTINCT FROM OLD.release_at
    OR OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at
    OR OLD.completed_at IS NOT NULL AND NEW.completed_at IS DISTINCT FROM OLD.completed_at
) EXECUTE FUNCTION orders_keep_facts();
CREATE TRIGGER frozen BEFORE UPDATE OF id, public_id, number, buyer_id, placed_at, contact
    ON orders_order FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON orders_order
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER frozen BEFORE UPDATE OF
    id, order_id, number, sku_id, product_id, categories, quantity, unit_price, discount, shipping,
    unit_cost
    ON orders_orderline FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refunds_add_up BEFORE UPDATE ON orders_orderline FOR EACH ROW WHEN (
    NEW.refunded_quantity < OLD.refunded_quantity OR NEW.refunded_amount < OLD.refunded_amount
) EXECUTE FUNCTION orders_keep_facts();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON orders_orderline
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who is paid is written last: from then on the order is complete. Its plan is kept for a session,
-- which may begin while the tables are empty: hence enable_seqscan.
CREATE FUNCTION orders_keep_complete() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT FROM inserted JOIN orders_attribution USING (order_id)) THEN
        RAISE EXCEPTION 'an order that is placed gets no more lines'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_lines_complete';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER complete AFTER INSERT ON orders_orderline REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION orders_keep_complete();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON orders_attribution
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER facts_once BEFORE UPDATE ON orders_refund FOR EACH ROW WHEN (
    OLD.approved_at IS NOT NULL AND NEW.approved_at IS DISTINCT FROM OLD.approved_at
    OR OLD.done_at IS NOT NULL AND NEW.done_at IS DISTINCT FROM OLD.done_at
    OR OLD.rejected_at IS NOT NULL AND NEW.rejected_at IS DISTINCT FROM OLD.rejected_at
    OR OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at
) EXECUTE FUNCTION orders_keep_facts();
CREATE TRIGGER frozen BEFORE UPDATE OF
    id, public_id, number, line_id, quantity, amount, freight, requested_at
    ON orders_refund FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON orders_refund
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

BACKWARD = """
DROP TRIGGER never_deleted ON orders_refund;
DROP TRIGGER frozen ON orders_refund;
DROP TRIGGER facts_once ON orders_refund;
DROP TRIGGER append_only ON orders_attribution;
DROP TRIGGER complete ON orders_orderline;
DROP FUNCTION orders_keep_complete;
DROP TRIGGER never_deleted ON orders_orderline;
DROP TRIGGER refunds_add_up ON orders_orderline;
DROP TRIGGER frozen ON orders_orderline;
DROP TRIGGER never_deleted ON orders_order;
DROP TRIGGER frozen ON orders_order;
DROP TRIGGER facts_once ON orders_order;
DROP FUNCTION orders_keep_facts;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("events", "0002_append_only")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(insert_row("orders", "Policy"), migrations.RunPython.noop),
    ]
