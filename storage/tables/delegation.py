"""Tables of fields of work and of delegations."""

import sqlalchemy as sa

from storage.tables.base import Json, UtcDateTime, id_column, metadata, reference

field = sa.Table(
    "field",
    metadata,
    id_column(),
    reference("agency_id", "agency.id"),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date),
    sa.Index(None, "agency_id"),
)

delegation = sa.Table(
    "delegation",
    metadata,
    id_column(),
    reference("agency_id", "agency.id"),
    reference("post_id", "post.id"),
    reference("giver_id", "person.id"),
    sa.Column("giver_name", sa.String, nullable=False),
    reference("delegate_id", "person.id"),
    sa.Column("delegate_name", sa.String, nullable=False),
    sa.Column("powers", Json, nullable=False),
    sa.Column("kinds", Json, nullable=False),
    sa.Column("basis", sa.String, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date, nullable=False),
    sa.Column("given_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("ended_by", sa.String),
    sa.Column("ended_by_name", sa.String, nullable=False),
    sa.Column("end_reason", sa.Text, nullable=False),
    # Every request asks for whom its person acts today.
    sa.Index(None, "delegate_id", "until"),
    sa.Index(None, "giver_id", "until"),
    sa.Index(None, "agency_id", "given_at", "id"),
)
