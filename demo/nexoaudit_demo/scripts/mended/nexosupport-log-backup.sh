#!/bin/bash
# The weekly archive of the logs.
set -euo pipefail
umask 027
say() { printf '[%(%Y-%m-%d %H:%M:%S)T] %s\n' -1 "$*"; }
now=$(date +%Y%m%d_%H%M%S)
to=/var/backups/nexosupport/logs
mkdir -p "$to"

name=nexosupport_logs_$now.tar.gz
tar -czf "$to/$name" /var/log/apache2
(cd "$to" && sha256sum "$name" > "$name.sha256")
say "Log archive completed: $name"
find "$to" -name 'nexosupport_logs_*' -mtime +90 -delete
