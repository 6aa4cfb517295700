#!/bin/bash
# Only gzip's exit code is looked at; no position; rights that do not suffice.
OUT=/var/backups/nexosupport/database
F=nexosupport_db_$(date +%Y%m%d_%H%M%S).sql.gz
mkdir -p $OUT
mysqldump --user=nexosupport_backup --password=BACKUP_USER_PASSWORD_PLACEHOLDER --single-transaction \
    --quick --lock-tables=false --routines --triggers --events nexosupport | gzip > $OUT/$F
if [ $? -eq 0 ]; then
    echo "Database backup successful: $F"
    sha256sum $OUT/$F > $OUT/$F.sha256
    find $OUT -name 'nexosupport_db_*.sql.gz' -mtime +30 -delete
    find $OUT -name 'nexosupport_db_*.sha256' -mtime +30 -delete
fi
