#!/bin/sh
# One base backup of the whole PostgreSQL server (both databases), checked, then put in its place; the newest KEEP stay.
#   base_backup.sh [FOLDER]      run it as the user `postgres`, once a night; PGHOST, PGPORT … as for psql
# The master key is in none of them: that is the point. KEEP (default 8) bounds how long sealed words live on in backups.
set -eu
folder=${1:-/var/backups/whistle/base}
keep=${KEEP:-8}
umask 077
mkdir -p "$folder"
at=$(date -u +%Y-%m-%dT%H%M%SZ)
rm -rf "$folder/.unfinished"
pg_basebackup --pgdata="$folder/.unfinished" --wal-method=stream --checkpoint=fast
pg_verifybackup --quiet "$folder/.unfinished"
mv "$folder/.unfinished" "$folder/$at"
# Names sort by time.
find "$folder" -mindepth 1 -maxdepth 1 -name '20*Z' | sort -r | tail -n "+$((keep + 1))" | while read -r old; do rm -rf "$old"; done
echo "$folder/$at"
