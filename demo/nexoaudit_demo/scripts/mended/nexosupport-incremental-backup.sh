#!/bin/bash
# Two generations of the tree that share unchanged files.
set -euo pipefail
umask 027
say() { printf '[%(%Y-%m-%d %H:%M:%S)T] %s\n' -1 "$*"; }
now=$(date +%Y%m%d_%H%M%S)
to=/var/backups/nexosupport/incremental
mkdir -p "$to"

rm -rf "$to/previous"
[ ! -d "$to/current" ] || mv "$to/current" "$to/previous"
rsync -a --delete --link-dest="$to/previous" --exclude=/cache --exclude=/tmp --exclude=/sessions \
    --exclude=/logs --exclude=/vendor --exclude=/.git /var/www/nexosupport/ "$to/current/"
touch "$to/current"   # when it was made: rsync gave it the time of what it copied
say "Incremental backup completed at $now"
