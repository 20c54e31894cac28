-- Where nobody has a password, Data Factory logs in as itself, an administrator of the server; and those may come in
-- everywhere but read no table of another's. On a laptop there is no such role.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'azure_pg_admin') THEN
        GRANT SELECT ON imagenes_fer TO azure_pg_admin;
    END IF;
END
$$;
