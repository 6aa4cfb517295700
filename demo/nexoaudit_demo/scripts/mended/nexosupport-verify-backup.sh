#!/bin/bash
# A first look at the newest dump.
set -euo pipefail
umask 027
say() { printf '[%(%Y-%m-%d %H:%M:%S)T] %s\n' -1 "$*"; }
now=$(date +%Y%m%d_%H%M%S)
to=/var/backups/nexosupport/database
mkdir -p "$to"

newest=$(ls -1 "$to"/nexosupport_db_*.sql.gz | tail -n 1)
(cd "$to" && sha256sum --check --quiet "$newest.sha256")
gzip -t "$newest"
say "Database backup verification passed"
