"""Keep sealed originals provable: late time-stamps, evidence, archive time-stamps."""
