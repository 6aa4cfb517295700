#!/bin/bash
# The daily archive of the application tree, with anchored excludes.
set -euo pipefail
umask 027
say() { printf '[%(%Y-%m-%d %H:%M:%S)T] %s\n' -1 "$*"; }
now=$(date +%Y%m%d_%H%M%S)
to=/var/backups/nexosupport/files
mkdir -p "$to"

name=nexosupport_files_$now
stage=$(mktemp -d "$to/.stage.XXXXXX")
trap 'rm -rf "$stage"' EXIT
rsync -a --exclude=/cache --exclude=/tmp --exclude=/sessions --exclude=/logs --exclude=/vendor \
    --exclude=/.git /var/www/nexosupport/ "$stage/$name/"
tar -C "$stage" -czf "$to/$name.tar.gz" "$name"
(cd "$to" && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
say "File backup successful: $name"
find "$to" -name 'nexosupport_files_*.tar.gz' -mtime +90 -delete
find "$to" -name 'nexosupport_files_*.sha256' -mtime +90 -delete
