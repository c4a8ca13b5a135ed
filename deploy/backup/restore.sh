#!/bin/sh
# Make a data folder that will recover to a moment, from a base backup and the archive of WAL. Nothing running is touched.
#   restore.sh BASE-BACKUP NEW-DATA-FOLDER [MOMENT]     run it as the user `postgres`
# MOMENT such as '2026-11-30 09:41:00+08'; left out: as far as the archive goes. It must lie after the end of the base backup.
# Then start PostgreSQL on NEW-DATA-FOLDER: it replays, stops at that moment and opens for writing as a new timeline.
set -eu
base=$1 data=$2 moment=${3:-}
archive=${WHISTLE_WAL_ARCHIVE:-/var/backups/whistle/wal}
if [ -e "$data" ]; then
  echo "$data is there already: give a new folder, and keep the old one until the restored desk was looked at" >&2
  exit 1
fi
umask 077
cp -R -- "$base" "$data"
chmod 700 "$data"
{
  echo "restore_command = 'cp \"$archive/%f\" \"%p\"'"
  echo "recovery_target_action = 'promote'"
  if [ -n "$moment" ]; then echo "recovery_target_time = '$moment'"; fi
} >>"$data/postgresql.auto.conf"
touch "$data/recovery.signal"
echo "start PostgreSQL on $data; its log says 'archive recovery complete'"
