"""Pure rules: (state, now) -> verdicts. No I/O, no clock."""
