#!/bin/bash
# The hourly copy of closed binary logs, times kept, seven days of them.
set -euo pipefail
umask 027
say() { printf '[%(%Y-%m-%d %H:%M:%S)T] %s\n' -1 "$*"; }
now=$(date +%Y%m%d_%H%M%S)
to=/var/backups/nexosupport/binlog
mkdir -p "$to"

# Root logs in by its socket; no password is asked for where no terminal is.
mariadb -e 'FLUSH BINARY LOGS'
mapfile -t logs < /var/log/mysql/mysql-bin.index
for log in "${logs[@]::${#logs[@]}-1}"; do
    [ -e "$to/${log##*/}" ] || cp -p "$log" "$to/"
done
cp -p /var/log/mysql/mysql-bin.index "$to/"
find "$to" -name 'mysql-bin.[0-9]*' -mmin +10079 -delete
say "Binary log backup completed at $now"
