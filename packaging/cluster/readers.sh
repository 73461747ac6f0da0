# Who reads the views and writes nothing: the account of front ends. Once, by who made the database, before the nodes make
# their tables; compose.yml lets PostgreSQL run it at its first start.
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v password="$FRONT_PASSWORD" <<'SQL'
CREATE ROLE front LOGIN PASSWORD :'password';
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin GRANT USAGE ON SCHEMAS TO front;
ALTER DEFAULT PRIVILEGES FOR ROLE tocsin GRANT SELECT ON TABLES TO front;
SQL
