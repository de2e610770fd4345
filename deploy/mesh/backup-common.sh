# Sourced by backup.sh and restore.sh after common.sh.

# env_value NAME: the environment's, else the file of settings', without quotes.
env_value() {
  local value="${!1:-}"
  if [ -z "$value" ] && [ -f "$env_file" ]; then value="$(sed -nE "s/^(export )?$1=//p" "$env_file" | tail -n 1 | tr -d '\r' | sed -E "s/^\"(.*)\"$/\1/; s/^'(.*)'$/\1/")"; fi
  printf '%s' "$value"
}

# config_folder: CONFIG as docker compose takes it.
config_folder() {
  local folder
  folder="$(env_value CONFIG)"
  folder="${folder:-$HOME/.jitsi-meet-cfg}"
  folder="${folder/#\~/$HOME}"
  case "$folder" in /*) ;; *) folder="$MESH_ROOT/$folder" ;; esac
  printf '%s' "${folder%/}"
}

# containers FORMAT: of this folder's compose project, running or not; nothing without an engine.
containers() { docker ps "${2:---all}" --filter "label=com.docker.compose.project.working_dir=$MESH_ROOT" --format "$1" 2>/dev/null || true; }

# What a volume holds goes through an image that the project has anyway.
volume_image() { local image; image="$(env_value REDIS_IMAGE)"; printf '%s' "${image:-redis:7}"; }
volumes_kept="etherpad grafana"

decode_url() { local text="${1//+/%2B}"; printf '%b' "${text//%/\\x}"; }

# postgres_service FILE: the database of MESH_ACCOUNTS_DATABASE as the service "accounts" of libpq, so that its password is in no process's arguments. Fails where
# the accounts are not in PostgreSQL.
postgres_service() {
  local url rest user password host port=5432 database options
  url="$(env_value MESH_ACCOUNTS_DATABASE)"
  if [ -z "$url" ]; then
    local file
    file="$(env_value MESH_ACCOUNTS_DATABASE_FILE)"
    [ -z "$file" ] || url="$(cat "$file")"
  fi
  [[ $url =~ ^postgres(ql)?://([^/]+)/([^?]+)(\?(.*))?$ ]] || return 1
  rest="${BASH_REMATCH[2]}" database="${BASH_REMATCH[3]}" options="${BASH_REMATCH[5]}"
  host="${rest##*@}"
  if [ "$host" != "$rest" ]; then user="${rest%@*}"; password="${user#*:}"; user="${user%%:*}"; fi
  if [[ $host =~ ^(.*):([0-9]+)$ ]]; then host="${BASH_REMATCH[1]}" port="${BASH_REMATCH[2]}"; fi
  {
    echo "[accounts]"
    echo "host=${host//[\[\]]/}"
    echo "port=$port"
    echo "dbname=$(decode_url "$database")"
    [ -z "${user:-}" ] || echo "user=$(decode_url "$user")"
    [ -z "${password:-}" ] || [ "$password" = "$user" ] || echo "password=$(decode_url "$password")"
    [ -z "$options" ] || tr '&' '\n' <<<"$options" | grep -E '^ssl(mode|rootcert)=' || true
  } >"$1"
}

mesh_version() { sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$MESH_ROOT/Directory.Build.props" | head -1; }
