"""Tables of what is known about keys and their PINs."""

import sqlalchemy as sa

from storage.tables.base import UtcDateTime, metadata, reference

pin_counter = sa.Table(
    "pin_counter",
    metadata,
    reference("certificate_id", "issued_certificate.id", key=True),
    reference("person_id", "person.id", key=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("locked_at", UtcDateTime),
)
