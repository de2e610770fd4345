#!/usr/bin/env bash
# Writes the secrets that the services need into .env: those that are missing or empty, or all of them with --rotate. What a running deployment needs besides
# a new .env is printed at the end: RabbitMQ keeps the password that its data was made with.
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
made=0 broker=0
for name in JICOFO_AUTH_PASSWORD JVB_AUTH_PASSWORD JIGASI_XMPP_PASSWORD JIBRI_RECORDER_PASSWORD JIBRI_XMPP_PASSWORD JIGASI_TRANSCRIBER_PASSWORD MESH_RABBITMQ_PASSWORD MESH_REDIS_PASSWORD; do
  if grep -qE "^$name=." "$work" && [ "$rotate" = 0 ]; then continue; fi
  if grep -qE "^$name=" "$work"; then
    sed -i "s|^$name=.*|$name=$(secret)|" "$work"
  else
    [ -z "$(tail -c 1 "$work")" ] || echo >>"$work"
    echo "$name=$(secret)" >>"$work"
  fi
  made=$((made + 1))
  if [ "$name" = MESH_RABBITMQ_PASSWORD ] && { [ "$rotate" = 1 ] || grep -q "^JICOFO_AUTH_PASSWORD=." .env; }; then broker=1; fi
done
chmod 600 "$work" .env.bak
mv "$work" .env
trap - EXIT
# The folders that the containers (user 1000) write to, as docker would make them for root alone.
config="$(sed -n 's/^CONFIG=//p' .env | tail -1)"
config="${config/#\~/$HOME}"
if [ -n "$config" ]; then
  for folder in web storage/web signalling jicofo jvb jigasi jibri auth; do mkdir -p "$config/$folder"; done
  [ "$(id -u)" != 0 ] || chown -R 1000:1000 "$config"
  [ "$(id -u)" = 0 ] || [ "$(id -u)" = 1000 ] || echo "gen-passwords: as root: chown -R 1000:1000 $config (the containers' user)" >&2
fi
echo "gen-passwords: $made secrets written to .env; the former file is .env.bak"
if [ "$broker" = 1 ]; then
  cat <<'TEXT'
gen-passwords: the containers still have the former secrets, and RabbitMQ keeps its password in its volume. Where docker compose has run before, run both:
  sed -n 's/^MESH_RABBITMQ_PASSWORD=//p' .env | docker compose exec -T rabbitmq rabbitmqctl change_password mesh
  docker compose up -d
TEXT
fi
