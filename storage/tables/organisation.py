"""Tables of agencies, units, posts, people, authority, sign-in and certificates."""

import sqlalchemy as sa

from engine.model.keys import KeyHome
from engine.model.organisation import AgencyKind, AuthorityForm, Profile, Role
from engine.ports_signing import HolderKind
from storage.tables.base import EnumText, Json, UtcDateTime, id_column, metadata, reference


def _period() -> tuple[sa.Column[object], sa.Column[object]]:
    return (
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date),
    )


agency = sa.Table(
    "agency",
    metadata,
    id_column(),
    sa.Column("code", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("symbol", sa.String, nullable=False),
    sa.Column("kind", EnumText(AgencyKind), nullable=False),
    reference("parent_id", "agency.id", nullable=True, deferred=True),
    sa.Column("place", sa.String, nullable=False),
    sa.Column("letterhead_parent", Json, nullable=False),
    sa.Column("letterhead_name", Json, nullable=False),
    sa.Column("profile", EnumText(Profile), nullable=False),
    sa.Column("seal_diameter_mm", sa.Float, nullable=False),
    *_period(),
)

unit = sa.Table(
    "unit",
    metadata,
    id_column(),
    reference("agency_id", "agency.id"),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("symbol", sa.String, nullable=False),
    *_period(),
    sa.Index(None, "agency_id"),
)

person = sa.Table(
    "person",
    metadata,
    id_column(),
    sa.Column("login", sa.String, nullable=False, unique=True),
    sa.Column("full_name", sa.String, nullable=False),
)

post = sa.Table(
    "post",
    metadata,
    id_column(),
    reference("agency_id", "agency.id"),
    reference("unit_id", "unit.id", nullable=True),
    reference("person_id", "person.id"),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("role", EnumText(Role), nullable=False),
    *_period(),
    sa.Index(None, "agency_id", "role"),
    sa.Index(None, "person_id"),
)

authority = sa.Table(
    "authority",
    metadata,
    id_column(),
    reference("agency_id", "agency.id"),
    reference("post_id", "post.id"),
    sa.Column("form", EnumText(AuthorityForm), nullable=False),
    sa.Column("lines", Json, nullable=False),
    sa.Column("kinds", Json, nullable=False),
    sa.Column("basis", sa.String, nullable=False),
    sa.Column("fields", Json, nullable=False, server_default="[]"),
    *_period(),
    sa.Index(None, "agency_id"),
)

account = sa.Table(
    "account",
    metadata,
    reference("person_id", "person.id", key=True),
    sa.Column("login", sa.String, nullable=False, unique=True),
    sa.Column("password_hash", sa.String, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", UtcDateTime),
)

session = sa.Table(
    "session",
    metadata,
    id_column("token_digest"),
    reference("person_id", "person.id"),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Index(None, "expires_at"),
)

issued_certificate = sa.Table(
    "issued_certificate",
    metadata,
    id_column(),
    sa.Column("holder_kind", EnumText(HolderKind), nullable=False),
    # A person, an agency or the time-stamp authority, so no foreign key.
    sa.Column("holder_id", sa.String, nullable=False),
    sa.Column("common_name", sa.String, nullable=False),
    sa.Column("issuer", sa.String, nullable=False),
    sa.Column("der", sa.LargeBinary, nullable=False),
    sa.Column("sha256", sa.String, nullable=False, unique=True),
    sa.Column("not_before", UtcDateTime, nullable=False),
    sa.Column("not_after", UtcDateTime, nullable=False),
    sa.Column("key_home", EnumText(KeyHome), nullable=False, server_default=KeyHome.SOFTWARE),
    sa.Column("key_ref", sa.String, nullable=False, server_default=""),
    sa.Index(None, "holder_kind", "holder_id", "not_before"),
)

revocation = sa.Table(
    "revocation",
    metadata,
    reference("certificate_id", "issued_certificate.id", key=True),
    sa.Column("revoked_at", UtcDateTime, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
)
