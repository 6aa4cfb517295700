#!/bin/bash
# The active log too, times renewed, nothing ever deleted.
OUT=/var/backups/nexosupport/binlog
mkdir -p $OUT
mysql -u root -p -e 'FLUSH BINARY LOGS'
cp /var/log/mysql/mysql-bin.* $OUT/
echo "Binary log backup completed at $(date +%Y%m%d_%H%M%S)"
