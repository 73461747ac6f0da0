"""What alembic runs to write the statements of a migration; `schema` hands them to the database itself."""

from __future__ import annotations

from alembic import context

from tocsin.announce.views.schema import SCHEMA

# One transaction around all of them is opened where they are run.
context.configure(dialect_name="postgresql", version_table_schema=SCHEMA, transactional_ddl=False)
with context.begin_transaction():
    context.run_migrations()
