"""Say what a later revision may change; every judgement of a file uses these rules.

pyHanko 0.38 takes the appearance of a filled field for changed whenever it was not written in the
very revision that it compares with. After a seal that locks every field, the number filled in
before it would then speak against each later revision, evidence for the archive included.

Source: ISO 32000-1, clauses 12.8.2.2 (DocMDP) and 12.8.2.4 (FieldMDP).
"""

from collections.abc import Iterable

from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FieldComparisonContext,
    FieldComparisonSpec,
    FormUpdate,
    FormUpdatingRule,
    GenericFieldModificationRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    QualifiedWhitelistRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    XrefStreamRule,
)


class ChangedFieldRule(GenericFieldModificationRule):
    """Report changes of filled fields only where something has changed."""

    def check_form_field(
        self, fq_name: str, spec: FieldComparisonSpec, context: FieldComparisonContext
    ) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        """Yield what pyHanko would, but for objects no later revision has written."""
        written = context.new.reader.xrefs.get_last_change
        for level, update in super().check_form_field(fq_name, spec, context):
            if written(update.updated_ref) > context.old.revision:
                yield level, update


def _policy(*further: QualifiedWhitelistRule) -> StandardDiffPolicy:
    return StandardDiffPolicy(
        global_rules=[
            CatalogModificationRule(),  # type: ignore[no-untyped-call]
            XrefStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
            ObjectStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
            DSSCompareRule().as_qualified(ModificationLevel.LTA_UPDATES),
            *further,
        ],
        form_rule=FormUpdatingRule(
            field_rules=[
                SigFieldCreationRule(),  # type: ignore[no-untyped-call]
                SigFieldModificationRule(),
                ChangedFieldRule(),
            ]
        ),
    )


#: For updates that somebody signed, or a time-stamp authority.
SIGNED_POLICY = _policy(
    DocInfoRule().as_qualified(ModificationLevel.LTA_UPDATES),
    MetadataUpdateRule().as_qualified(  # type: ignore[no-untyped-call]
        ModificationLevel.LTA_UPDATES
    ),
)
#: For updates that nobody signed: metadata and document information may not change either.
UNSIGNED_POLICY = _policy()
