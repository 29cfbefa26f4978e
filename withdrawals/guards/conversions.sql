-- The ledger pays into store credit, and nothing else does: no withdrawal can be paid both ways.
CREATE FUNCTION withdrawals_check_gateway() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE channel text;
BEGIN
    SELECT payee.channel INTO channel FROM withdrawals_withdrawal AS withdrawal
    JOIN withdrawals_payee AS payee ON payee.id = withdrawal.payee_id
    WHERE withdrawal.id = NEW.withdrawal_id;
    IF (channel = 'store_credit') <> (NEW.gateway = 'ledger') THEN
        RAISE EXCEPTION 'withdrawal % is not paid through %', NEW.withdrawal_id, NEW.gateway
            USING ERRCODE = 'check_violation', CONSTRAINT = 'attempt_gateway_pays_channel';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pays_channel BEFORE INSERT ON withdrawals_attempt FOR EACH ROW
    EXECUTE FUNCTION withdrawals_check_gateway();

-- Into store credit or out of the shop: that is part of the request.
CREATE FUNCTION withdrawals_check_conversion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM withdrawals_payee AS before, withdrawals_payee AS after
        WHERE before.id = OLD.payee_id AND after.id = NEW.payee_id
            AND (before.channel = 'store_credit') <> (after.channel = 'store_credit')
    ) THEN
        RAISE EXCEPTION 'withdrawal % was requested for another kind of channel', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'withdrawal_conversion_immutable';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER conversion_immutable BEFORE UPDATE OF payee_id ON withdrawals_withdrawal
    FOR EACH ROW WHEN (OLD.payee_id <> NEW.payee_id)
    EXECUTE FUNCTION withdrawals_check_conversion();
