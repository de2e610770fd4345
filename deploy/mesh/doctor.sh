#!/usr/bin/env bash
# ./mesh doctor: examines a running deployment from this machine. --no-build starts what was built last; everything else is the program's.
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
cd "$MESH_ROOT"
build=1 arguments=()
for argument in "$@"; do
  if [ "$argument" = --no-build ]; then build=0; else arguments+=("$argument"); fi
done
need_dotnet
need_openssl
[ "$build" = 0 ] || build_dotnet services/doctor/JitsiMesh.Doctor/JitsiMesh.Doctor.csproj
exec dotnet artifacts/bin/JitsiMesh.Doctor/release/JitsiMesh.Doctor.dll "${arguments[@]}"
