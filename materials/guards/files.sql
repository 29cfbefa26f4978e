-- The files of a published material do not change. The lock waits for who publishes it at this
-- moment. Files that are removed already may go.
CREATE FUNCTION materials_keep_files() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owners bigint[] := ARRAY[]::bigint[];
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.status = 'stored' THEN
        owners := owners || OLD.material_id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.status = 'stored' THEN
        owners := owners || NEW.material_id;
    END IF;
    PERFORM FROM materials_material WHERE id = ANY (owners) ORDER BY id FOR SHARE;
    IF EXISTS (
        SELECT FROM materials_material WHERE id = ANY (owners) AND status = 'published'
    ) THEN
        RAISE EXCEPTION 'the files of a published material do not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'material_file_published_final';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_files BEFORE INSERT OR UPDATE OR DELETE ON materials_materialfile
    FOR EACH ROW EXECUTE FUNCTION materials_keep_files();
