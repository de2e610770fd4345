#!/usr/bin/env bash
# ./mesh ldap …, ./mesh token …: commands of the auth service that need its settings and nothing else. --no-build starts what was built last;
# everything else is the program's.
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
cd "$MESH_ROOT"
name="$1"
shift
build=1 arguments=()
for argument in "$@"; do
  if [ "$argument" = --no-build ]; then build=0; else arguments+=("$argument"); fi
done
need_dotnet
[ "$build" = 0 ] || build_dotnet services/auth/JitsiMesh.Auth.Host/JitsiMesh.Auth.Host.csproj
exec dotnet artifacts/bin/JitsiMesh.Auth.Host/release/JitsiMesh.Auth.Host.dll "$name" "${arguments[@]}"
