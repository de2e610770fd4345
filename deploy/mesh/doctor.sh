#!/usr/bin/env bash
# ./mesh doctor: examines a running deployment from this machine. --no-build starts what was built last; everything else is the program's.
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
cd "$MESH_ROOT"
need_openssl
run_program services/doctor/JitsiMesh.Doctor/JitsiMesh.Doctor.csproj "$@"
