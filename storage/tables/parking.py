"""Table of the signatures that wait for a token at the official's computer."""

import sqlalchemy as sa

from storage.tables.base import Json, UtcDateTime, id_column, metadata, reference

parked_signature = sa.Table(
    "parked_signature",
    metadata,
    id_column(),
    sa.Column("nonce_digest", sa.String, nullable=False, unique=True),
    reference("intent_id", "signing_intent.id"),
    reference("document_id", "document.id"),
    reference("person_id", "person.id"),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("begun_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("items", Json, nullable=False),
    sa.Column("used_at", UtcDateTime),
    sa.Index(None, "document_id", "person_id", "begun_at"),
)
