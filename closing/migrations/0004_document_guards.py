"""A document stays as it was posted; it may be reversed once."""

from django.db import migrations

FORWARD = """
DROP TRIGGER append_only ON closing_document;
CREATE TRIGGER frozen BEFORE UPDATE OF id, kind, number, turn, amount, member_id, attempt_id, note,
    by_id, at ON closing_document
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON closing_document
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ended_for_good BEFORE UPDATE ON closing_document FOR EACH ROW
    WHEN (OLD.reversed_at IS NOT NULL) EXECUTE FUNCTION closing_keep_ended();
"""

BACKWARD = """
DROP TRIGGER ended_for_good ON closing_document;
DROP TRIGGER never_deleted ON closing_document;
DROP TRIGGER frozen ON closing_document;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON closing_document
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("closing", "0003_reversals_and_returns")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
