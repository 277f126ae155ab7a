-- The tables of a database, each as it is shown and as its SQL names it.

-- name: tables_of_sqlite
SELECT
    name,
    '"' || replace(name, '"', '""') || '"' AS quoted
FROM sqlite_master
WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
ORDER BY name;

-- name: tables_of_duckdb
SELECT
    CASE schema_name WHEN 'main' THEN '' ELSE schema_name || '.' END || name AS shown,
    format('attached_source."{}"."{}"', schema_name, replace(name, '"', '""')) AS quoted
FROM (
    SELECT
        database_name,
        schema_name,
        table_name AS name
    FROM duckdb_tables()
    UNION ALL
    SELECT
        database_name,
        schema_name,
        view_name AS name
    FROM duckdb_views()
    WHERE NOT internal
) AS told
WHERE database_name = 'attached_source'
ORDER BY shown;

-- name: tables_of_postgresql
SELECT
    CASE schemas.nspname WHEN current_schema() THEN '' ELSE schemas.nspname || '.' END
    || tables.relname AS shown,
    format('%I.%I', schemas.nspname, tables.relname) AS quoted
FROM pg_class AS tables
JOIN pg_namespace AS schemas ON tables.relnamespace = schemas.oid
WHERE
    tables.relkind IN ('r', 'v', 'm', 'p', 'f')
    AND NOT tables.relispartition
    AND schemas.nspname <> 'information_schema'
    AND schemas.nspname NOT LIKE 'pg!_%' ESCAPE '!'
    AND has_schema_privilege(schemas.oid, 'USAGE')
    AND has_table_privilege(tables.oid, 'SELECT')
ORDER BY shown;

-- name: tables_of_mysql
SELECT
    table_name,
    concat('`', replace(table_name, '`', '``'), '`') AS quoted
FROM information_schema.tables
WHERE table_schema = database()
ORDER BY table_name;
