"""Hold the core: documents, people, registers, processes and layout, free of any adapter."""
