#!/bin/bash
# Everything a new machine needs, in one archive a week.
set -euo pipefail
umask 027
say() { printf '[%(%Y-%m-%d %H:%M:%S)T] %s\n' -1 "$*"; }
now=$(date +%Y%m%d_%H%M%S)
to=/var/backups/nexosupport/system
mkdir -p "$to"

name=nexosupport_system_$now.tar.gz
dump=$(ls -1 /var/backups/nexosupport/database/nexosupport_db_*.sql.gz | tail -n 1)
tar -czf "$to/$name" --exclude=/var/www/nexosupport/{cache,tmp,sessions,logs,vendor,.git} \
    /etc/apache2/sites-available /etc/php/8.2/apache2/php.ini /etc/cron.d/nexosupport-backup \
    /etc/ssl/certs/nexosupport.pem /etc/ssl/private/nexosupport.key \
    /var/www/nexosupport "$dump" "$dump.sha256"
(cd "$to" && sha256sum "$name" > "$name.sha256")
say "System backup completed: $name"
find "$to" -name 'nexosupport_system_*' -mtime +28 -delete
