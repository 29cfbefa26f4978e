-- A template offers only a published version of its own.
CREATE FUNCTION posters_check_current_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM posters_postertemplateversion
        WHERE id = NEW.current_version_id AND template_id = NEW.id AND published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a template offers only a published version of its own'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'poster_template_version_published';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER current_version_published BEFORE INSERT OR UPDATE OF current_version_id
    ON posters_postertemplate FOR EACH ROW WHEN (NEW.current_version_id IS NOT NULL)
    EXECUTE FUNCTION posters_check_current_version();
