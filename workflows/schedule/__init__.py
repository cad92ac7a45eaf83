"""Plan the week of an agency's leaders: gather, consolidate, approve, seal, publish, change."""
