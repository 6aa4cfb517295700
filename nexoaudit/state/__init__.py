"""`state.json`: what the rules need, as the auditor publishes it and the checks read it."""
