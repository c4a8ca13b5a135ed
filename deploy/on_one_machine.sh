#!/usr/bin/env bash
# The whole of docs/scale-out.md on one machine, for trying it and for practising a restore: PostgreSQL with its archive,
# Redis, two Prefect APIs, Prefect's services, a proxy, two workers and two desks, all below one folder.
#   deploy/on_one_machine.sh start FOLDER     make it (the first time) and start it
#   deploy/on_one_machine.sh status FOLDER    what runs
#   deploy/on_one_machine.sh stop FOLDER [NAME]    end it in order, or one part of it
#   deploy/on_one_machine.sh start FOLDER NAME     start one part again
# Needs postgresql, redis-server and nginx, and `make install` done here. FIRST_PORT (default 24000) begins its 20 ports.
# On real hosts systemd does this (deploy/systemd); passwords are made up here and lie in FOLDER/*.env, mode 0600.
set -euo pipefail
# Where Debian puts nginx, and where an ordinary user does not look.
PATH=$PATH:/usr/sbin

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
whistle=$here/.venv/bin/whistle
verb=${1:-} folder=${2:-} only=${3:-}
case $verb in start | status | stop) ;; *) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 2 ;; esac
[ -n "$folder" ] || { echo "name a folder" >&2; exit 2; }
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
first=${FIRST_PORT:-24000}
[ ! -e "$folder/first_port" ] || first=$(cat "$folder/first_port")
postgres=$((first)) redis=$((first + 1)) prefect=$((first + 2)) api1=$((first + 3)) api2=$((first + 4))
desk=$((first + 5)) desk1=$((first + 6)) desk2=$((first + 7)) figures1=$((first + 8)) figures2=$((first + 9))
# Who depends on others stands behind them.
parts=(postgres redis prefect-api-1 prefect-api-2 prefect-services proxy worker-1 worker-2 desk-1 desk-2)

pg_bin() {
  if command -v initdb >/dev/null; then dirname "$(readlink -f "$(command -v initdb)")"; return; fi
  find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"; else "$@"; fi
}

# A dead process that nobody has collected yet still answers `kill -0`.
is_up() { [ -e "$folder/run/$1.pid" ] && grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$(cat "$folder/run/$1.pid")/status"; }

run() { # NAME COMMAND…: in the background, apart from this terminal
  local name=$1
  shift
  setsid "$@" >>"$folder/logs/$name.log" 2>&1 </dev/null &
  echo $! >"$folder/run/$name.pid"
}

wait_for() { # NAME COMMAND…: until it succeeds, or that part is gone
  local name=$1
  shift
  for _ in $(seq 1500); do
    if "$@" >/dev/null 2>&1; then echo "  $name"; return; fi
    is_up "$name" || { echo "$name ended; the end of its log:" >&2; tail -n 15 "$folder/logs/$name.log" >&2; exit 1; }
    sleep 0.2
  done
  echo "$name does not answer; see $folder/logs/$name.log" >&2
  exit 1
}

# The variables of one of our files, and none of whoever calls: `env -i` before a command.
variables() { grep -v -e '^#' -e '^$' "$folder/$1"; }

sql() { PGPASSWORD=$(cat "$folder/postgres.password") as_postgres "$(pg_bin)/psql" -qX -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$postgres" -U postgres "$@"; }

check_programs() {
  local missing=()
  for each in redis-server nginx curl openssl setsid; do command -v "$each" >/dev/null || missing+=("$each"); done
  [ -n "$(pg_bin 2>/dev/null)" ] || missing+=(postgresql)
  [ "${#missing[@]}" = 0 ] || { echo "not installed: ${missing[*]} (docs/scale-out.md names the packages)" >&2; exit 1; }
  [ -x "$whistle" ] || { echo "no $whistle: run make install first" >&2; exit 1; }
}

make_it() {
  [ ! -e "$folder/first_port" ] || { echo "$folder was begun and not finished: remove it, then start again" >&2; exit 1; }
  umask 077
  mkdir -p "$folder"/{logs,run,home,redis}
  echo "$first" >"$folder/first_port"
  local super cases_pw prefect_pw redis_pw auth
  super=$(openssl rand -hex 16) cases_pw=$(openssl rand -hex 16) prefect_pw=$(openssl rand -hex 16)
  redis_pw=$(openssl rand -hex 16) auth=whistle:$(openssl rand -hex 16)
  echo "$super" >"$folder/postgres.password"

  sed -e "s#whistle:CHANGE-ME@db.internal:5432#whistle:$cases_pw@127.0.0.1:$postgres#" -e "s#whistle:CHANGE-ME#$auth#" \
    -e "s#http://prefect.internal:4200#http://127.0.0.1:$prefect#" -e "s#/var/lib/whistle#$folder/home#" \
    -e "s#/etc/whistle/master.key#$folder/master.key#" -e "s#https://desk.example#http://127.0.0.1:$desk#" \
    -e "s#https://prefect.desk.example#http://127.0.0.1:$prefect#" -e 's#^WHISTLE_KEYS_OPEN_PAGES=.*#WHISTLE_KEYS_OPEN_PAGES=true#' \
    "$here/deploy/env/desk.env.example" >"$folder/desk.env"
  sed -e "s#prefect:CHANGE-ME@db.internal:5432#prefect:$prefect_pw@127.0.0.1:$postgres#" -e "s#:CHANGE-ME@redis.internal:6379#:$redis_pw@127.0.0.1:$redis#" \
    -e "s#whistle:CHANGE-ME#$auth#" -e "s#^\#PREFECT_SERVER_UI_API_URL=.*#PREFECT_SERVER_UI_API_URL=http://127.0.0.1:$prefect/api#" \
    "$here/deploy/env/prefect.env.example" >"$folder/prefect.env"
  sed -e "s#^port .*#port $redis#" "$here/deploy/redis/redis.conf" >"$folder/redis.conf"
  printf 'bind 127.0.0.1\nrequirepass %s\ndir %s/redis\n' "$redis_pw" "$folder" >>"$folder/redis.conf"
  sed -e "s#127.0.0.1:8460#127.0.0.1:$desk1#" -e "s#127.0.0.1:8470#127.0.0.1:$desk2#" -e "s#127.0.0.1:4201#127.0.0.1:$api1#" \
    -e "s#127.0.0.1:4202#127.0.0.1:$api2#" -e "s#127.0.0.1:8480#127.0.0.1:$desk#" -e "s#127.0.0.1:4200#127.0.0.1:$prefect#" \
    -e "s#/run/whistle-nginx.pid#$folder/run/nginx.pid#" -e "s#/var/log/nginx/whistle-error.log#$folder/logs/proxy.log#" \
    "$here/deploy/proxy/nginx.conf" >"$folder/nginx.conf"

  # The user `postgres` must be able to walk down to its own folders.
  chmod 711 "$folder"
  mkdir -p "$folder/wal" "$folder/base"
  install -m 755 "$here/deploy/backup/archive_wal.sh" "$folder/archive_wal.sh"
  if [ "$(id -u)" = 0 ]; then chown postgres "$folder/wal" "$folder/base" "$folder/postgres.password" && install -d -o postgres -m 700 "$folder/postgres"; fi
  (cd "$folder" && as_postgres "$(pg_bin)/initdb" --no-sync -D "$folder/postgres" -U postgres -E UTF8 --locale=C.UTF-8 \
    --auth=scram-sha-256 --pwfile="$folder/postgres.password" >/dev/null)
  sed -e "s#^archive_command = .*#archive_command = 'WHISTLE_WAL_ARCHIVE=$folder/wal $folder/archive_wal.sh %p %f'#" \
    "$here/deploy/postgres/whistle.conf" >>"$folder/postgres/postgresql.conf"
  printf "listen_addresses = '127.0.0.1'\nport = %s\nunix_socket_directories = ''\n" "$postgres" >>"$folder/postgres/postgresql.conf"
  "$whistle" custody new "$folder/master.key"
  touch "$folder/laid_out"
}

first_time() { # with PostgreSQL up
  [ ! -e "$folder/made" ] || return 0
  local cases_pw prefect_pw
  cases_pw=$(sed -n 's#^WHISTLE_DATABASE_URL=.*whistle:\(.*\)@.*#\1#p' "$folder/desk.env")
  prefect_pw=$(sed -n 's#^PREFECT_SERVER_DATABASE.*prefect:\(.*\)@.*#\1#p' "$folder/prefect.env")
  sql -d postgres -v cases_password="$cases_pw" -v prefect_password="$prefect_pw" -f "$here/deploy/postgres/databases.sql"
  touch "$folder/made"
}

start_one() {
  local name=$1
  if is_up "$name"; then echo "  $name (runs already)"; return; fi
  case $name in
    postgres)
      # shellcheck disable=SC2046 # two words or none
      (cd "$folder" && run postgres $(lower) "$(pg_bin)/postgres" -D "$folder/postgres")
      wait_for "$name" sql -d postgres -c 'select 1' ;;
    redis) run redis redis-server "$folder/redis.conf" && wait_for "$name" nc_open "$redis" ;;
    prefect-api-*)
      local port=$api1
      [ "$name" = prefect-api-1 ] || port=$api2
      run "$name" "${prefect_env[@]}" "$whistle" serve prefect-api --port "$port" && wait_for "$name" answers "$port" /api/health ;;
    prefect-services) run "$name" "${prefect_env[@]}" "$whistle" serve prefect-services && wait_for "$name" true ;;
    proxy) run proxy nginx -c "$folder/nginx.conf" -g 'daemon off;' && wait_for "$name" answers "$prefect" /api/health ;;
    worker-*)
      local port=$figures1
      [ "$name" = worker-1 ] || port=$figures2
      run "$name" "${desk_env[@]}" WHISTLE_WORKER_METRICS_PORT="$port" "$whistle" serve worker && wait_for "$name" answers "$port" /metrics ;;
    desk-*)
      local port=$desk1
      [ "$name" = desk-1 ] || port=$desk2
      run "$name" "${desk_env[@]}" WHISTLE_PORT="$port" "$whistle" serve desk && wait_for "$name" answers "$port" /readyz ;;
  esac
}

lower() { [ "$(id -u)" != 0 ] || echo setpriv --reuid=postgres --regid=postgres --clear-groups --; }

nc_open() { (: <"/dev/tcp/127.0.0.1/$1"); }

answers() { curl -fsS -o /dev/null -m 3 "http://127.0.0.1:$1$2"; }

if [ "$verb" = status ]; then
  for part in "${parts[@]}"; do if is_up "$part"; then echo "  up    $part"; else echo "  down  $part"; fi; done
  exit
fi

if [ "$verb" = stop ]; then
  [ -d "$folder/run" ] || exit 0
  for ((place = ${#parts[@]} - 1; place >= 0; place--)); do
    part=${parts[place]}
    if [ -n "$only" ] && [ "$only" != "$part" ]; then continue; fi
    is_up "$part" || continue
    pid=$(cat "$folder/run/$part.pid")
    # PostgreSQL: SIGINT ends its clients; SIGTERM would wait for them.
    if [ "$part" = postgres ]; then kill -INT "$pid"; else kill "$pid"; fi
    for _ in $(seq 600); do is_up "$part" || break; sleep 0.1; done
    if is_up "$part"; then kill -KILL "$pid"; fi
    rm -f "$folder/run/$part.pid"
    echo "  stopped $part"
  done
  exit
fi

check_programs
[ -e "$folder/laid_out" ] || [ -e "$folder/made" ] || make_it
mapfile -t pairs < <(variables desk.env)
desk_env=(env -i PATH="$PATH" LANG=C.UTF-8 "${pairs[@]}")
mapfile -t pairs < <(variables prefect.env)
prefect_env=(env -i PATH="$PATH" LANG=C.UTF-8 "${pairs[@]}" WHISTLE_HOME="$folder/home")

if [ -n "$only" ]; then
  start_one "$only"
  exit
fi
start_one postgres
first_time
start_one redis
echo "  migrating"
"${desk_env[@]}" "${pairs[@]}" "$whistle" migrate >>"$folder/logs/migrate.log" 2>&1 || { tail -n 5 "$folder/logs/migrate.log" >&2; exit 1; }
for part in prefect-api-1 prefect-api-2 prefect-services proxy; do start_one "$part"; done
"${desk_env[@]}" "$whistle" deploy
for part in worker-1 worker-2 desk-1 desk-2; do start_one "$part"; done
wait_for proxy answers "$desk" /readyz
cat <<END

  Desk          http://127.0.0.1:$desk   (keys: $folder/home/keys)
  Prefect UI    http://127.0.0.1:$prefect   (user and password: PREFECT_SERVER_API_AUTH_STRING in $folder/prefect.env)
  Commands      set -a; . $folder/desk.env; set +a; $whistle doctor
  Stop          deploy/on_one_machine.sh stop $folder
END
