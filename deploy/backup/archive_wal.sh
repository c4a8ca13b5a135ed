#!/bin/sh
# PostgreSQL's archive_command: copy one finished WAL segment, durably, never over another one.
#   archive_wal.sh PATH NAME
# WHISTLE_WAL_ARCHIVE is where to (default /var/backups/whistle/wal): another disk, better another machine.
# Ends with 0 only once the segment is safe; PostgreSQL keeps it and tries again after anything else.
set -eu
from=$1 name=$2
archive=${WHISTLE_WAL_ARCHIVE:-/var/backups/whistle/wal}
if [ -e "$archive/$name" ]; then
  # After a crash PostgreSQL may hand over the same segment again; another one of that name is an error.
  cmp -s "$from" "$archive/$name" || { echo "$archive/$name is there and differs" >&2; exit 1; }
  exit 0
fi
cp -- "$from" "$archive/$name.part"
sync "$archive/$name.part"
mv -- "$archive/$name.part" "$archive/$name"
sync "$archive"
