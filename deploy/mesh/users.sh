#!/usr/bin/env bash
# ./mesh users …, ./mesh prosodyctl …: accounts of people, as commands of the auth service over its database. They work on the accounts of ./mesh up, or of
# ./mesh up --cluster while that runs here; CONFIG or MESH_ACCOUNTS_DATABASE name others. In containers: docker compose exec auth mesh-users …
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
cd "$MESH_ROOT"
name="$1"
shift
need_dotnet
program=artifacts/bin/JitsiMesh.Auth.Host/release/JitsiMesh.Auth.Host.dll
if [ ! -f "$program" ] || [ -n "$(find services/auth shared Directory.Packages.props -name artifacts -prune -o -type f \( -name '*.cs' -o -name '*.csproj' -o -name '*.txt' -o -name '*.props' \) -newer "$program" -print -quit)" ]; then
  build_dotnet services/auth/JitsiMesh.Auth.Host/JitsiMesh.Auth.Host.csproj
  touch "$program"
fi

cluster="${MESH_CLUSTER_DIR:-$MESH_ROOT/.mesh/cluster}"
cluster_runs() {
  local service pid
  [ -f "$cluster/processes" ] && [ ! -e "$cluster/stopping" ] || return 1
  while read -r service pid; do
    case "$service" in auth-*) ! kill -0 "$pid" 2>/dev/null || return 0 ;; esac
  done <"$cluster/processes"
  return 1
}
settings_of "$program" CONFIG
if [ -z "$config" ]; then
  if cluster_runs; then CONFIG="$cluster"; else CONFIG="$MESH_ROOT/.mesh"; fi
  export CONFIG
fi
source deploy/docker/auth/password-by-input.sh
run_by_input dotnet "$program" "$name" "$@"
