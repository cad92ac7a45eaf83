"""Keep applications for certificates, who succeeded whom, and when people are warned."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OPEN = sa.text("closed_at IS NULL AND procedure_id = 'certificate'")


def upgrade() -> None:
    op.create_table(
        "certificate_application",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("procedure_id", sa.String(), nullable=False),
        sa.Column("holder_kind", sa.String(), nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("holder_name", sa.String(), nullable=False),
        sa.Column("agency_id", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_by_name", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("certificate_id", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("allowed_by", sa.String(), nullable=False),
        sa.Column("key_home", sa.String()),
        sa.Column("key_type", sa.String()),
        sa.Column("key_name", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("issued_id", sa.String(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name="fk_certificate_application_agency_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_application"),
    )
    op.create_index(
        "ix_certificate_application_holder_kind_holder_id_asked_at",
        "certificate_application",
        ["holder_kind", "holder_id", "asked_at"],
    )
    op.create_index(
        "ix_certificate_application_open",
        "certificate_application",
        ["holder_kind", "holder_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "certificate_succession",
        sa.Column("certificate_id", sa.String(), nullable=False),
        sa.Column("successor_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], ["issued_certificate.id"], name=f"fk_certificate_succession_{name}"
            )
            for name in ("certificate_id", "successor_id")
        ),
        sa.PrimaryKeyConstraint("certificate_id", name="pk_certificate_succession"),
    )
    op.create_table(
        "expiry_threshold",
        sa.Column("days", sa.Integer(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("days", name="pk_expiry_threshold"),
    )
    op.create_table(
        "later_stop",
        sa.Column("post_id", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_later_stop_post_id"),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name="fk_later_stop_asked_by"),
        sa.PrimaryKeyConstraint("post_id", name="pk_later_stop"),
    )


def downgrade() -> None:
    op.drop_table("later_stop")
    op.drop_table("expiry_threshold")
    op.drop_table("certificate_succession")
    op.drop_table("certificate_application")
