"""Keep delegations, fields of work, and for whom somebody acted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage import append_only

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

#: Powers of the tasks that were open before: what their rules name from this release on.
_POWERS = {
    ("outgoing", "review"): "review",
    ("outgoing", "sign"): "sign",
    ("incoming", "direct"): "direct",
    ("incoming", "handle"): "handle",
}


def upgrade() -> None:
    _create_fields()
    _create_delegations()
    op.add_column("authority", sa.Column("fields", JSON, nullable=False, server_default="[]"))
    op.add_column("document", sa.Column("field_id", sa.String()))
    op.add_column("work_item", sa.Column("power", sa.String()))
    op.add_column("history", sa.Column("on_behalf_of", sa.String()))
    op.add_column(
        "history", sa.Column("on_behalf_of_name", sa.String(), nullable=False, server_default="")
    )
    _name_powers()
    _index_lists(role_ends=["unit_id", "power"], person_ends=["power", "agency_id"])
    for statement in append_only.delegation_statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for act in ("update", "delete"):
        op.execute(f"DROP TRIGGER authority_no_{act}")
    _index_lists(role_ends=["unit_id"], person_ends=[])
    for table, column in (
        ("history", "on_behalf_of_name"),
        ("history", "on_behalf_of"),
        ("work_item", "power"),
        ("document", "field_id"),
        ("authority", "fields"),
    ):
        op.drop_column(table, column)
    # Their own triggers fall with the tables.
    op.drop_table("delegation")
    op.drop_table("field")


def _create_fields() -> None:
    op.create_table(
        "field",
        _text("id"),
        _text("agency_id"),
        _text("name"),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        _reference("field", "agency_id", "agency"),
        sa.PrimaryKeyConstraint("id", name="pk_field"),
    )
    op.create_index("ix_field_agency_id", "field", ["agency_id"])


def _create_delegations() -> None:
    op.create_table(
        "delegation",
        _text("id"),
        _text("agency_id"),
        _text("post_id"),
        _text("giver_id"),
        _text("giver_name"),
        _text("delegate_id"),
        _text("delegate_name"),
        sa.Column("powers", JSON, nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        _text("basis"),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.String()),
        _text("ended_by_name"),
        sa.Column("end_reason", sa.Text(), nullable=False),
        _reference("delegation", "agency_id", "agency"),
        _reference("delegation", "post_id", "post"),
        _reference("delegation", "giver_id", "person"),
        _reference("delegation", "delegate_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_delegation"),
    )
    for columns in (
        ["delegate_id", "until"],
        ["giver_id", "until"],
        ["agency_id", "given_at", "id"],
    ):
        op.create_index(f"ix_delegation_{'_'.join(columns)}", "delegation", columns)


def _index_lists(*, role_ends: list[str], person_ends: list[str]) -> None:
    """Let the walks of the work lists, those for others too, stay within their index."""
    place = ["state", "basket", "priority", "opened_at", "id"]
    op.drop_index("ix_work_item_role", "work_item")
    op.create_index(
        "ix_work_item_role",
        "work_item",
        ["agency_id", "role", "person_id", *place, *role_ends],
    )
    op.drop_index("ix_work_item_person", "work_item")
    op.create_index("ix_work_item_person", "work_item", ["person_id", *place, *person_ends])


def _name_powers() -> None:
    item = sa.table(
        "work_item", *(sa.column(name) for name in ("procedure_id", "rule", "state", "power"))
    )
    for (procedure_id, rule), power in _POWERS.items():
        op.execute(
            sa.update(item)
            .where(
                item.c.procedure_id == procedure_id,
                item.c.rule == rule,
                item.c.state == "open",
            )
            .values(power=power)
        )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")
