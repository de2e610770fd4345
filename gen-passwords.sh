#!/usr/bin/env bash
# Writes the secrets that the services need into .env: those that are missing or empty. --rotate makes all of them anew, and where docker compose runs them starts
# the containers again with the new ones; RabbitMQ and Redis take theirs at their start, so that nothing else is to be done.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
rotate=0
case "${1:-}" in
  "") ;;
  --rotate) rotate=1 ;;
  *) echo "usage: ./gen-passwords.sh [--rotate]" >&2; exit 2 ;;
esac
[ -f .env ] || { echo "gen-passwords: there is no .env here; cp env.example .env" >&2; exit 1; }

secret() { head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

umask 077
cp -p .env .env.bak
work="$(mktemp .env.XXXXXX)"
trap 'rm -f "$work"' EXIT
cp .env "$work"
made=0
# write NAME: a new secret in the place of the old one, or at the end.
write() {
  if grep -qE "^$1=" "$work"; then
    sed -i "s|^$1=.*|$1=$(secret)|" "$work"
  else
    [ -z "$(tail -c 1 "$work")" ] || echo >>"$work"
    echo "$1=$(secret)" >>"$work"
  fi
  made=$((made + 1))
}
for name in JICOFO_AUTH_PASSWORD JVB_AUTH_PASSWORD JIGASI_XMPP_PASSWORD JIBRI_RECORDER_PASSWORD JIBRI_XMPP_PASSWORD JIGASI_TRANSCRIBER_PASSWORD MESH_TURN_SECRET MESH_RABBITMQ_PASSWORD MESH_REDIS_PASSWORD; do
  if [ "$rotate" = 1 ] || ! grep -qE "^$name=." "$work"; then write "$name"; fi
done
# Grafana keeps its password in its volume: a new one would not count.
grep -qE "^MESH_GRAFANA_PASSWORD=." "$work" || write MESH_GRAFANA_PASSWORD
chmod 600 "$work" .env.bak
mv "$work" .env
trap - EXIT
echo "gen-passwords: $made secrets written to .env; the former file is .env.bak"
[ "$rotate" = 1 ] || exit 0

# What runs of this folder's project, as its labels say it: the files and the number of each service that it was started with.
running() { docker ps --filter "label=com.docker.compose.project.working_dir=$PWD" --filter label=com.docker.compose.oneoff=False --format "{{.Label \"com.docker.compose.$1\"}}"; }
if ! command -v docker >/dev/null 2>&1 || ! services="$(running service 2>/dev/null)" || [ -z "$services" ]; then
  echo "gen-passwords: no containers of this folder run here; where they do: docker compose up -d"
  exit 0
fi
compose=(docker compose)
docker compose version >/dev/null 2>&1 || compose=(docker-compose)
arguments=(--project-name "$(running project | head -1)")
while read -r file; do arguments+=(--file "$file"); done < <(running project.config_files | head -1 | tr ',' '\n')
names=() scale=()
while read -r count service; do
  names+=("$service")
  [ "$count" = 1 ] || scale+=(--scale "$service=$count")
done < <(sort <<<"$services" | uniq -c)
# The images that are there: a rotation is no upgrade.
if ! JITSIMESH_PULL_POLICY=never "${compose[@]}" "${arguments[@]}" up -d --no-build "${scale[@]}" "${names[@]}"; then
  echo "gen-passwords: the containers have not all started; .env has the new secrets: ${compose[*]} ${arguments[*]} up -d" >&2
  exit 1
fi
echo "gen-passwords: ${#names[@]} services have been started with the new secrets"
