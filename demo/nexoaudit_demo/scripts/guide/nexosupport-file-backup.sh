#!/bin/bash
# Excludes that match anywhere; sessions and vendor code go along.
OUT=/var/backups/nexosupport/files
N=nexosupport_files_$(date +%Y%m%d_%H%M%S)
mkdir -p $OUT/$N
rsync -a --delete --exclude 'cache/*' --exclude 'logs/*' --exclude 'tmp/*' --exclude .git \
    /var/www/nexosupport/ $OUT/$N/
cd $OUT
tar -czf $N.tar.gz $N
sha256sum $N.tar.gz > $N.tar.gz.sha256
rm -rf $N
echo "File backup successful: $N"
find $OUT -name 'nexosupport_files_*' -mtime +90 -delete
