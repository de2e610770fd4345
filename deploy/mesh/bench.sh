#!/usr/bin/env bash
# ./mesh bench [NAME]
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
need_dotnet
need_openssl
cd "$MESH_ROOT"
build_dotnet tests/perf/JitsiMesh.Perf.csproj
exec dotnet artifacts/bin/JitsiMesh.Perf/release/JitsiMesh.Perf.dll "$@"
