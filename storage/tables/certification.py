"""Tables of applications for certificates, and of what became of earlier certificates."""

import sqlalchemy as sa

from engine.model.certification import ApplicationKind, ApplicationState
from engine.model.keys import KeyHome, KeyType
from engine.ports_signing import HolderKind
from storage.tables.base import EnumText, UtcDateTime, id_column, metadata, reference

_ASKED = sa.text("closed_at IS NULL AND procedure_id = 'certificate'")

certificate_application = sa.Table(
    "certificate_application",
    metadata,
    id_column(),
    sa.Column("kind", EnumText(ApplicationKind), nullable=False),
    sa.Column("state", EnumText(ApplicationState), nullable=False),
    # Follows from the kind; the index below needs it.
    sa.Column("procedure_id", sa.String, nullable=False),
    sa.Column("holder_kind", EnumText(HolderKind), nullable=False),
    # A person or an agency, so no foreign key.
    sa.Column("holder_id", sa.String, nullable=False),
    sa.Column("holder_name", sa.String, nullable=False),
    reference("agency_id", "agency.id"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("asked_by", sa.String, nullable=False),
    sa.Column("asked_by_name", sa.String, nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("certificate_id", sa.String, nullable=False),
    sa.Column("approved_by", sa.String, nullable=False),
    sa.Column("allowed_by", sa.String, nullable=False),
    sa.Column("key_home", EnumText(KeyHome)),
    sa.Column("key_type", EnumText(KeyType)),
    sa.Column("key_name", sa.String, nullable=False),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("issued_id", sa.String, nullable=False),
    sa.Column("claimed_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index(None, "holder_kind", "holder_id", "asked_at"),
    # One certificate at a time is asked for; several may be suspended, each once by its own row.
    sa.Index(
        "ix_certificate_application_open",
        "holder_kind",
        "holder_id",
        unique=True,
        sqlite_where=_ASKED,
        postgresql_where=_ASKED,
    ),
)

#: An earlier certificate stays for verification; it never signs again.
certificate_succession = sa.Table(
    "certificate_succession",
    metadata,
    reference("certificate_id", "issued_certificate.id", key=True),
    reference("successor_id", "issued_certificate.id"),
    sa.Column("at", UtcDateTime, nullable=False),
)

#: Whose certificates are suspended when the post has ended; the row goes when that is done.
later_stop = sa.Table(
    "later_stop",
    metadata,
    reference("post_id", "post.id", key=True),
    sa.Column("reason", sa.Text, nullable=False),
    reference("asked_by", "person.id"),
    sa.Column("asked_at", UtcDateTime, nullable=False),
)

#: Days before the end of a certificate; the defaults of the house while it is empty.
expiry_threshold = sa.Table(
    "expiry_threshold",
    metadata,
    sa.Column("days", sa.Integer, primary_key=True, autoincrement=False),
)
