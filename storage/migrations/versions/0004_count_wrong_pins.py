"""Say where keys live, count wrong PINs, and let undertakings wait for their time-stamp."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OPEN = "ix_signing_intent_open"


def upgrade() -> None:
    op.add_column(
        "issued_certificate",
        sa.Column("key_home", sa.String(), nullable=False, server_default="software"),
    )
    op.add_column(
        "issued_certificate",
        sa.Column("key_ref", sa.String(), nullable=False, server_default=""),
    )
    op.add_column(
        "signing_intent", sa.Column("task_id", sa.String(), nullable=False, server_default="")
    )
    op.add_column(
        "signing_intent", sa.Column("parked", sa.JSON(), nullable=False, server_default="[]")
    )
    _index_open("state IN ('begun', 'awaiting_stamp')")
    op.create_table(
        "pin_counter",
        sa.Column("certificate_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["issued_certificate.id"], name="fk_pin_counter_certificate_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_pin_counter_person_id"),
        sa.PrimaryKeyConstraint("certificate_id", "person_id", name="pk_pin_counter"),
    )


def downgrade() -> None:
    op.drop_table("pin_counter")
    # What waits for its time-stamp is unknown to the release before: it may be signed anew.
    op.execute(
        "UPDATE signing_intent SET state = 'voided', reason = 'downgrade'"
        " WHERE state = 'awaiting_stamp'"
    )
    _index_open("state = 'begun'")
    op.drop_column("signing_intent", "parked")
    op.drop_column("signing_intent", "task_id")
    op.drop_column("issued_certificate", "key_ref")
    op.drop_column("issued_certificate", "key_home")


def _index_open(condition: str) -> None:
    op.drop_index(_OPEN, "signing_intent")
    op.create_index(
        _OPEN,
        "signing_intent",
        ["document_id", "stage"],
        unique=True,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )
