"""Run BPMN processes: definitions, state, work items, expressions."""
