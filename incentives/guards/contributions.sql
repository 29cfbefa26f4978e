-- After the close of a period its contributions stay, unless the terms let refunds lower them.
CREATE FUNCTION incentives_refuse_after_close() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM incentives_periodclosing
        WHERE incentive_id = NEW.incentive_id
            AND (period_start = NEW.period_start
                OR TG_OP = 'UPDATE' AND period_start = OLD.period_start)
    ) THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.value <= OLD.value AND NEW.paid <= OLD.paid
            AND (NEW.member_id, NEW.period_start, NEW.version_id, NEW.counted)
                = (OLD.member_id, OLD.period_start, OLD.version_id, OLD.counted)
            AND (SELECT takes_back_after_close FROM incentives_version WHERE id = NEW.version_id)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the period % of incentive % is closed', NEW.period_start, NEW.incentive_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'contribution_fixed_at_close';
END $$;
CREATE TRIGGER fixed_at_close BEFORE INSERT OR UPDATE ON incentives_contribution
    FOR EACH ROW EXECUTE FUNCTION incentives_refuse_after_close();
