-- Questions of a published form do not change. The lock waits for who publishes it at this moment.
CREATE FUNCTION distribution_keep_questions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    forms bigint[] := ARRAY[]::bigint[];
BEGIN
    IF TG_OP <> 'INSERT' THEN
        forms := forms || OLD.form_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        forms := forms || NEW.form_id;
    END IF;
    PERFORM FROM distribution_applicationform WHERE id = ANY (forms) ORDER BY id FOR SHARE;
    IF EXISTS (
        SELECT FROM distribution_applicationform
        WHERE id = ANY (forms) AND published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a published form does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'question_published_final';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_questions BEFORE INSERT OR UPDATE OR DELETE ON distribution_question
    FOR EACH ROW EXECUTE FUNCTION distribution_keep_questions();
