#!/usr/bin/env bash
# ./mesh bench [--quick] [--check] [--against=FOLDER] [NAME...]: measures the built mesh against its peers in the same run and prints one table.
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
cd "$MESH_ROOT"
all=(forward stanzas cluster start memory join delay allocations)
names=() options=()
for argument in "$@"; do
  case "$argument" in
    --quick|--check|--against=*) options+=("$argument") ;;
    -*) die "bench does not know '$argument' (--quick, --check, --against=FOLDER)" ;;
    *) [[ " ${all[*]} " == *" $argument "* ]] || die "there is no benchmark '$argument' (${all[*]})"; names+=("$argument") ;;
  esac
done
[ ${#names[@]} -gt 0 ] || names=("${all[@]}")
wants() { [[ " ${names[*]} " == *" $1 "* ]]; }

need_dotnet
need_openssl
# A peer that cannot be had is said in the table; the rest is measured all the same.
if wants forward || wants delay; then need_packages janus || true; fi
if wants forward; then need_packages gcc libc6-dev libssl-dev || true; fi
if wants cluster; then need_packages redis-server rabbitmq-server || true; fi
if wants stanzas || wants memory; then need_packages prosody lua-unbound lua-event || true; fi
if wants join; then
  need_packages chromium || true
  build_web
fi
if wants cluster; then build_dotnet JitsiMesh.sln; fi
build_dotnet services/all-in-one/JitsiMesh.AllInOne/JitsiMesh.AllInOne.csproj
build_dotnet tests/perf/JitsiMesh.Perf.csproj
exec dotnet artifacts/bin/JitsiMesh.Perf/release/JitsiMesh.Perf.dll "${options[@]}" "${names[@]}"
