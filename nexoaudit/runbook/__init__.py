"""The runbook: the commands that recover each scenario now, as text; nothing of it is ever run."""
