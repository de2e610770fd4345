#!/usr/bin/env bash
# ./mesh backup FILE: settings, everything below CONFIG (certificates, custom files, accounts, recordings), the accounts in PostgreSQL where they are there, and the
# volumes of shared documents and dashboards, in one file for its owner alone. The mesh may run. What is not in it: Redis and RabbitMQ, which hold running meetings.
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
source "$MESH_ROOT/deploy/mesh/backup-common.sh"
[ $# -eq 1 ] && [[ $1 != -* ]] || { say "usage: ./mesh backup FILE"; exit 2; }
target="$1"
[ ! -e "$target" ] || die "$target is there already; a backup overwrites nothing"
env_file="${MESH_ENV_FILE:-$MESH_ROOT/.env}"
config="$(config_folder)"
[ -f "$env_file" ] || [ -d "$config" ] || die "there is neither $env_file nor $config (CONFIG): nothing to keep"
umask 077
work="$(mktemp -d "$(dirname "$target")/.backup.XXXXXX")"
trap 'rm -rf "$work"' EXIT

{
  echo "format=1"
  echo "version=$(mesh_version)"
  echo "time=$(date -u +%Y-%m-%dT%H:%M:%SZ)"
} >"$work/manifest"
[ ! -f "$env_file" ] || cp "$env_file" "$work/env"

if [ -d "$config" ]; then
  # A database of SQLite that is in use is copied by SQLite; tar would take it between two writes.
  databases=() skipped=()
  while IFS= read -r -d '' file; do
    [ "$(head -c 15 "$file" | tr -d '\0')" = "SQLite format 3" ] || continue
    databases+=("${file#"$config"/}")
    skipped+=("--exclude=./${file#"$config"/}" "--exclude=./${file#"$config"/}-wal" "--exclude=./${file#"$config"/}-shm")
  done < <(find "$config" -type f -name '*.db' -print0)
  code=0
  tar -C "$config" --numeric-owner "${skipped[@]}" -cf "$work/config.tar" . || code=$?
  # 1: a file changed while it was read, as a log does.
  [ "$code" -le 1 ] || die "$config cannot be read whole; as root: ./mesh backup $target"
  [ ${#databases[@]} -eq 0 ] || command -v sqlite3 >/dev/null 2>&1 || need_packages sqlite3 || die "sqlite3 is needed for ${databases[*]}"
  for file in "${databases[@]}"; do
    mkdir -p "$work/copies/$(dirname "$file")"
    sqlite3 -cmd '.timeout 10000' "$config/$file" ".backup '$work/copies/${file//\'/\'\'}'" || die "$config/$file cannot be copied"
    tar -C "$work/copies" --owner="$(stat -c %u "$config/$file")" --group="$(stat -c %g "$config/$file")" --numeric-owner --mode="$(stat -c %a "$config/$file")" -rf "$work/config.tar" "./$file"
  done
  rm -rf "$work/copies"
fi

if postgres_service "$work/service"; then
  command -v pg_dump >/dev/null 2>&1 || need_packages postgresql-client || die "pg_dump is needed for MESH_ACCOUNTS_DATABASE"
  PGSERVICEFILE="$work/service" pg_dump --format=custom --file="$work/accounts.dump" service=accounts || die "the database of MESH_ACCOUNTS_DATABASE cannot be dumped"
fi
rm -f "$work/service"

project="$(containers '{{.Label "com.docker.compose.project"}}' | head -1)"
for name in $volumes_kept; do
  [ -n "$project" ] || break
  volume="$(docker volume ls -q --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.volume=$name")"
  [ -n "$volume" ] || continue
  docker run --rm --network none --user 0:0 -v "$volume:/volume:ro" --entrypoint tar "$(volume_image)" -C /volume --numeric-owner -c . >"$work/volume-$name.tar" || die "the volume $volume cannot be read"
done

(cd "$work" && sha256sum -- * >sums)
tar -C "$work" -czf "$work.part" . || { rm -f "$work.part"; die "$target cannot be written"; }
mv "$work.part" "$target"
say "mesh: $(cd "$work" && echo *) are in $target ($(du -h "$target" | cut -f1)). It holds all secrets: keep it as you keep .env."
