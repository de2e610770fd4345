#!/usr/bin/env bash
# ./mesh webhook test: a command of signalling that needs its settings and nothing else. --no-build starts what was built last; everything else is the program's.
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
cd "$MESH_ROOT"
run_program services/signalling/JitsiMesh.Signalling.Host/JitsiMesh.Signalling.Host.csproj webhook "$@"
