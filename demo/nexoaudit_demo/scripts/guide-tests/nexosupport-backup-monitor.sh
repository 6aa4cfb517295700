#!/bin/bash
# Knows the age of the newest files by their times, and nothing else of them.
WHOM=admin@example.org
for KIND in database/*.sql.gz files/*.tar.gz; do
    F=$(find /var/backups/nexosupport/${KIND%/*} -name "${KIND#*/}" -type f -printf '%T@ %p\n' | sort -rn | head -1 | cut -d' ' -f2)
    HOURS=$(( ($(date +%s) - $(stat -c %Y "$F")) / 3600 ))
    if [ $HOURS -gt 25 ]; then
        echo "WARNING: newest backup in ${KIND%/*} is $HOURS hours old" | mail -s 'Backup alert' $WHOM
    fi
done
