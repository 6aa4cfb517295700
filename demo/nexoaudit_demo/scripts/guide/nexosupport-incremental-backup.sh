#!/bin/bash
# The third run moves a tree into the one before.
OUT=/var/backups/nexosupport/incremental
if [ -d $OUT/current ]; then
    mv $OUT/current $OUT/previous
fi
rsync -a --delete --link-dest=$OUT/previous --exclude 'cache/*' --exclude 'logs/*' \
    /var/www/nexosupport/ $OUT/current/
echo "Incremental backup completed at $(date +%Y%m%d_%H%M%S)"
