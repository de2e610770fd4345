#!/usr/bin/env bash
# ./mesh up: one process; with --cluster, every service its own.
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
cluster=0 scale="" build=1
while [ $# -gt 0 ]; do
  case "$1" in
    --cluster) cluster=1 ;;
    --scale) scale="${2:?--scale needs NAME=N,...}"; shift ;;
    --scale=*) scale="${1#--scale=}" ;;
    --no-build) build=0 ;;
    *) die "up does not know '$1' (see ./mesh --help)" ;;
  esac
  shift
done
[ -z "$scale" ] || [ "$cluster" = 1 ] || die "--scale needs --cluster: one process has one of each"
need_dotnet
need_openssl
cd "$MESH_ROOT"
if [ "$cluster" = 1 ]; then
  export MESH_SCALE="$scale" MESH_BUILD="$build"
  exec deploy/mesh/cluster.sh
fi
if [ "$build" = 1 ]; then
  build_web
  build_dotnet services/all-in-one/JitsiMesh.AllInOne/JitsiMesh.AllInOne.csproj
fi
program=artifacts/bin/JitsiMesh.AllInOne/release/JitsiMesh.AllInOne.dll
[ -f "$program" ] || die "it is not built; leave --no-build away"
settings_of "$program" CONFIG
# What .env says counts; the program reads it itself.
if [ -z "$config" ]; then
  export CONFIG="$MESH_ROOT/.mesh"
  mkdir -p "$CONFIG"
fi
exec dotnet "$program"
