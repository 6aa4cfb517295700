"""A configuration without a fault."""

GOOD = """\
[site]
name = "example"
timezone = "Europe/Madrid"

[location.local]
path = "/backups"
failure_domain = "server"

[component.database]
kind = "database"
schedule = "0 2 * * *"
window = "02:00-04:30"
grace = "1h"
rpo = "24h"
since = 2026-11-01
[[component.database.series]]
pattern = "db_{time:%Y%m%d_%H%M%S}.sql.gz"
keep = "30d"
locations = ["local"]
[component.database.expect]
min_rows = { users = 10 }

[scenario.fire]
rpo = "24h"
rto = "8h"
destroys = ["server"]
"""
