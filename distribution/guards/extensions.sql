-- Checked in the transaction that has just moved the expiry: a row says what the binding says.
CREATE FUNCTION distribution_guard_extension() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM distribution_binding
        WHERE id = NEW.binding_id AND ended_at IS NULL AND expires_at = NEW.expires_at
    ) THEN
        RAISE EXCEPTION 'the binding does not expire then'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_extension_proven';
    END IF;
    IF EXISTS (
        SELECT FROM distribution_binding AS binding
        JOIN distribution_distributor AS upline ON upline.id = binding.distributor_id
        WHERE binding.id = NEW.binding_id AND NEW.by_member IN (binding.member_id, upline.member_id)
    ) THEN
        RAISE EXCEPTION 'nobody extends a binding of their own'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'binding_extension_not_own';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_extension BEFORE INSERT ON distribution_bindingextension
    FOR EACH ROW EXECUTE FUNCTION distribution_guard_extension();
