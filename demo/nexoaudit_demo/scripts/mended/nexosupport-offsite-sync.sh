#!/bin/bash
# The transfer to the second site; hard links stay links.
set -euo pipefail
umask 027
say() { printf '[%(%Y-%m-%d %H:%M:%S)T] %s\n' -1 "$*"; }
now=$(date +%Y%m%d_%H%M%S)
to=/var/backups/nexosupport

# With no fresh dump here the other side keeps what it has.
[ -n "$(find "$to/database" -name 'nexosupport_db_*.sql.gz' -mtime -2 -print -quit)" ]
rsync -aH --delete "$to/" backup@offsite.example.org:/backup/nexosupport/
say "Off-site rsync completed"
