#!/bin/bash
# The configuration after a change, certificates included.
set -euo pipefail
umask 027
say() { printf '[%(%Y-%m-%d %H:%M:%S)T] %s\n' -1 "$*"; }
now=$(date +%Y%m%d_%H%M%S)
to=/var/backups/nexosupport/config
mkdir -p "$to"

file=$to/config_$now.tar.gz
# No complaint is thrown away: a path that is missing is a failure.
tar -czf "$file" \
    /var/www/nexosupport/lib/config.php /var/www/nexosupport/modules/*/config.php \
    /var/www/nexosupport/admin/tool/*/config.php /var/www/nexosupport/theme/*/config.php \
    /etc/apache2/sites-available/nexosupport.conf /etc/php/8.2/apache2/php.ini \
    /etc/cron.d/nexosupport-backup \
    /etc/mysql/mariadb.conf.d/60-nexosupport.cnf /etc/nexosupport/accounts.sql \
    /etc/ssl/certs/nexosupport.pem /etc/ssl/private/nexosupport.key
(cd "$to" && sha256sum "${file##*/}" > "${file##*/}.sha256")
say "Configuration backup completed: ${file##*/}"
find "$to" -name 'config_*' -mtime +365 -delete
