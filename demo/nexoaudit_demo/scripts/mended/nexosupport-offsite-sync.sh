#!/bin/bash
# The transfer to the second site; hard links stay links.
set -euo pipefail
umask 027
say() { printf '[%(%Y-%m-%d %H:%M:%S)T] %s\n' -1 "$*"; }
now=$(date +%Y%m%d_%H%M%S)
to=/var/backups/nexosupport/
mkdir -p "$to"

rsync -aH --delete "$to" backup@offsite.example.org:/backup/nexosupport/
say "Off-site rsync completed"
