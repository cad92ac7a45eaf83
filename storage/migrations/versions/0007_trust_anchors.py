"""Suspend certificates; keep the authorities that are trusted, each for its purposes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_hold",
        sa.Column("certificate_id", sa.String(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["issued_certificate.id"],
            name="fk_certificate_hold_certificate_id",
        ),
        sa.PrimaryKeyConstraint("certificate_id", "held_at", name="pk_certificate_hold"),
    )
    op.create_index(
        "ix_certificate_hold_open",
        "certificate_hold",
        ["certificate_id"],
        unique=True,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "trusted_authority",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_anchor", sa.Boolean(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("crl_url", sa.String(), nullable=False),
        sa.Column("ocsp_url", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trusted_authority"),
    )
    op.create_table(
        "authority_crl",
        sa.Column("authority_id", sa.String(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("this_update", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_update", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["trusted_authority.id"], name="fk_authority_crl_authority_id"
        ),
        sa.PrimaryKeyConstraint("authority_id", name="pk_authority_crl"),
    )
    op.create_table(
        "certificate_import",
        sa.Column("certificate_id", sa.String(), nullable=False),
        sa.Column("authority_id", sa.String(), nullable=False),
        sa.Column("bound_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["issued_certificate.id"],
            name="fk_certificate_import_certificate_id",
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["trusted_authority.id"], name="fk_certificate_import_authority_id"
        ),
        sa.ForeignKeyConstraint(
            ["imported_by"], ["person.id"], name="fk_certificate_import_imported_by"
        ),
        sa.PrimaryKeyConstraint("certificate_id", name="pk_certificate_import"),
    )


#: The release below knows no suspension: one that lasts must not end by itself.
_KEEP_HOLDS = sa.text(
    "INSERT INTO revocation (certificate_id, revoked_at, reason)"
    " SELECT certificate_id, held_at, 'certificate_hold' FROM certificate_hold"
    " WHERE released_at IS NULL"
    " AND certificate_id NOT IN (SELECT certificate_id FROM revocation)"
)
#: Nor does it know other authorities: it would take their certificates for its own, and choose
#: them for signatures that its gate then refuses.
_END_IMPORTS = sa.text(
    "INSERT INTO revocation (certificate_id, revoked_at, reason)"
    " SELECT certificate_id, CURRENT_TIMESTAMP, 'cessation_of_operation' FROM certificate_import"
    " WHERE certificate_id NOT IN (SELECT certificate_id FROM revocation)"
)


def downgrade() -> None:
    op.execute(_KEEP_HOLDS)
    op.execute(_END_IMPORTS)
    op.drop_table("certificate_import")
    op.drop_table("authority_crl")
    op.drop_table("trusted_authority")
    op.drop_index("ix_certificate_hold_open", "certificate_hold")
    op.drop_table("certificate_hold")
