"""What Alembic runs around the steps: the connection and its transaction are `upgrade`'s."""

from alembic import context

from maild.store.fresh import INDEXED

context.configure(connection=context.config.attributes["connection"], target_metadata=INDEXED, render_as_batch=True)
context.run_migrations()
