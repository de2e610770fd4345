#!/usr/bin/env bash
# ./mesh restore FILE: what ./mesh backup has put there, onto this machine. The mesh must not run. What is here already is moved aside, nothing is deleted.
#   --force   also a backup of a newer version
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
source "$MESH_ROOT/deploy/mesh/backup-common.sh"
force=0 source_file=""
for argument in "$@"; do
  case "$argument" in
    --force) force=1 ;;
    -*) die "restore knows --force, not $argument" ;;
    *) [ -z "$source_file" ] || die "restore takes one file"; source_file="$argument" ;;
  esac
done
[ -n "$source_file" ] || { say "usage: ./mesh restore FILE [--force]"; exit 2; }
[ -f "$source_file" ] || die "there is no file $source_file"
env_file="${MESH_ENV_FILE:-$MESH_ROOT/.env}"
umask 077
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# All is examined before anything is changed.
tar -C "$work" -xzf "$source_file" 2>/dev/null || die "$source_file is no backup, or not whole"
[ -f "$work/manifest" ] && [ -f "$work/sums" ] || die "$source_file is no backup of ./mesh backup"
(cd "$work" && sha256sum --quiet --strict -c sums >/dev/null 2>&1) || die "$source_file is damaged: its checksums do not fit"
grep -qx format=1 "$work/manifest" || die "$source_file has another format than this version knows; restore it with the version that made it"
made_by="$(sed -n 's/^version=//p' "$work/manifest")" here="$(mesh_version)"
if [ "$made_by" != "$here" ] && [ "$(printf '%s\n%s\n' "$made_by" "$here" | sort -V | tail -1)" = "$made_by" ] && [ "$force" = 0 ]; then
  die "$source_file is of version $made_by, newer than $here here; --force takes it all the same"
fi
[ -z "$(containers '{{.ID}}' --no-trunc)" ] || die "containers of this folder run; docker compose down first"
if [ -f "$MESH_ROOT/.mesh/cluster/processes" ] && [ ! -e "$MESH_ROOT/.mesh/cluster/stopping" ]; then
  while read -r name pid; do ! kill -0 "$pid" 2>/dev/null || die "$name runs (./mesh up --cluster); end it first"; done <"$MESH_ROOT/.mesh/cluster/processes"
fi

stamp="$(date -u +%Y%m%dT%H%M%SZ)"
if [ -f "$work/env" ]; then
  if [ -f "$env_file" ]; then
    mv "$env_file" "$env_file.before-$stamp"
    say "mesh: the former settings are in $env_file.before-$stamp"
  fi
  cp "$work/env" "$env_file"
  chmod 600 "$env_file"
fi
config="$(config_folder)"
if [ -f "$work/config.tar" ]; then
  if [ -d "$config" ] && [ -n "$(ls -A "$config")" ]; then
    mv "$config" "$config.before-$stamp"
    say "mesh: the former files are in $config.before-$stamp"
  fi
  mkdir -p "$config"
  owner=()
  if [ "$(id -u)" = 0 ]; then owner=(--same-owner --numeric-owner); fi
  tar -C "$config" "${owner[@]}" --same-permissions -xf "$work/config.tar"
fi
if [ -f "$work/accounts.dump" ]; then
  postgres_service "$work/service" || die "the backup has accounts of PostgreSQL, and MESH_ACCOUNTS_DATABASE names none"
  command -v pg_restore >/dev/null 2>&1 || need_packages postgresql-client || die "pg_restore is needed for MESH_ACCOUNTS_DATABASE"
  PGSERVICEFILE="$work/service" pg_restore --clean --if-exists --no-owner --single-transaction --dbname=service=accounts "$work/accounts.dump" || die "the accounts cannot be written to MESH_ACCOUNTS_DATABASE; all else is restored"
fi
for name in $volumes_kept; do
  [ -f "$work/volume-$name.tar" ] || continue
  project="$(env_value COMPOSE_PROJECT_NAME)"
  project="${project:-$(basename "$MESH_ROOT" | tr '[:upper:]' '[:lower:]' | tr -cd 'a-z0-9_-')}"
  # As compose labels it, so that compose takes it for its own.
  volume="${project}_$name"
  docker volume inspect "$volume" >/dev/null 2>&1 || docker volume create --label "com.docker.compose.project=$project" --label "com.docker.compose.volume=$name" "$volume" >/dev/null || die "no Docker engine takes the volume of $name; all else is restored"
  docker run --rm -i --network none --user 0:0 -v "$volume:/volume" --entrypoint sh "$(volume_image)" -c 'find /volume -mindepth 1 -delete && tar -C /volume --numeric-owner -x' <"$work/volume-$name.tar" || die "the volume $volume cannot be written"
done
say "mesh: restored what version $made_by has kept. Start it: docker compose up -d"
