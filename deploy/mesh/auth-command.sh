#!/usr/bin/env bash
# ./mesh ldap …, ./mesh token …: commands of the auth service that need its settings and nothing else; ./mesh config and ./mesh upgrade, which every service has. --no-build starts what was built last;
# everything else is the program's.
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
cd "$MESH_ROOT"
name="$1"
shift
# What one process would do with all that is set; the program itself judges for auth.
[ "$name" != config ] || set -- --service all-in-one "$@"
run_program services/auth/JitsiMesh.Auth.Host/JitsiMesh.Auth.Host.csproj "$name" "$@"
