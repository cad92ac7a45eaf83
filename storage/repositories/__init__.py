"""Keep the aggregates as rows, one module for each port; none of them commits."""
