#!/bin/bash
# The daily dump: complete objects, a position, and failure that is noticed.
set -euo pipefail
umask 027
say() { printf '[%(%Y-%m-%d %H:%M:%S)T] %s\n' -1 "$*"; }
now=$(date +%Y%m%d_%H%M%S)
to=/var/backups/nexosupport/database
mkdir -p "$to"

file=$to/nexosupport_db_$now.sql.gz
say "Starting database backup..."
trap 'rm -f "$file.part"; say "Database backup FAILED"' ERR

# pipefail: a dump that breaks off must not become a backup. The position makes replay possible.
mariadb-dump --defaults-file=/etc/nexosupport/backup.cnf --default-character-set=utf8mb4 \
    --single-transaction --quick --routines --triggers --events --master-data=2 \
    nexosupport | gzip -1 > "$file.part"
zcat "$file.part" | tail -n 1 | grep -q '^-- Dump completed on '
mv "$file.part" "$file"
(cd "$to" && sha256sum "${file##*/}" > "${file##*/}.sha256")
say "Database backup successful: ${file##*/}"

find "$to" -name 'nexosupport_db_*.sql.gz' -mtime +30 -delete
find "$to" -name 'nexosupport_db_*.sha256' -mtime +30 -delete
