"""Tables of suspended certificates and of authorities that were imported."""

import sqlalchemy as sa

from storage.tables.base import Json, UtcDateTime, id_column, metadata, reference

certificate_hold = sa.Table(
    "certificate_hold",
    metadata,
    reference("certificate_id", "issued_certificate.id", key=True),
    sa.Column("held_at", UtcDateTime, primary_key=True),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("released_at", UtcDateTime),
    # A certificate is suspended once at a time.
    sa.Index(
        "ix_certificate_hold_open",
        "certificate_id",
        unique=True,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    ),
)

trusted_authority = sa.Table(
    "trusted_authority",
    metadata,
    id_column(),
    sa.Column("label", sa.String, nullable=False),
    sa.Column("der", sa.LargeBinary, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("not_after", UtcDateTime, nullable=False),
    sa.Column("is_anchor", sa.Boolean, nullable=False),
    sa.Column("purposes", Json, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date),
    sa.Column("basis", sa.String, nullable=False),
    sa.Column("crl_url", sa.String, nullable=False),
    sa.Column("ocsp_url", sa.String, nullable=False),
)

authority_crl = sa.Table(
    "authority_crl",
    metadata,
    reference("authority_id", "trusted_authority.id", key=True),
    sa.Column("der", sa.LargeBinary, nullable=False),
    # RFC 5280 lets a CRLNumber have twenty octets.
    sa.Column("number", sa.String, nullable=False),
    sa.Column("this_update", UtcDateTime, nullable=False),
    sa.Column("next_update", UtcDateTime, nullable=False),
    sa.Column("fetched_at", UtcDateTime, nullable=False),
)

certificate_import = sa.Table(
    "certificate_import",
    metadata,
    reference("certificate_id", "issued_certificate.id", key=True),
    reference("authority_id", "trusted_authority.id"),
    sa.Column("bound_from", UtcDateTime, nullable=False),
    sa.Column("basis", sa.String, nullable=False),
    sa.Column("imported_at", UtcDateTime, nullable=False),
    reference("imported_by", "person.id"),
)
