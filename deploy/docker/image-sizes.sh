#!/usr/bin/env bash
# Prints what each image of this version takes: all of it, and what of it is JitsiMesh's own above the image that it stands on. Settings: JITSIMESH_IMAGE_PREFIX,
# JITSIMESH_IMAGE_VERSION, BASE_IMAGE.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
version="${JITSIMESH_IMAGE_VERSION:-$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)}"
size() { docker image inspect --format '{{.Size}}' "$1" 2>/dev/null; }
base="$(size "${BASE_IMAGE:-mcr.microsoft.com/dotnet/aspnet:10.0}" || true)"
base="${base//[^0-9]/}" base="${base:-0}"
found=0
printf '%-14s %10s %10s\n' image MB "own MB"
for path in services/*/Dockerfile; do
  name="$(basename "$(dirname "$path")")"
  [ "$name" != doctor ] || name=tools
  bytes="$(size "${JITSIMESH_IMAGE_PREFIX:-jitsimesh}/$name:$version")" || continue
  found=$((found + 1))
  printf '%-14s %10d %10s\n' "$name" $((bytes / 1000000)) "$([ "$base" = 0 ] && echo - || echo $(((bytes - base) / 1000000)))"
done
[ "$found" -gt 0 ] || { echo "image-sizes: there are no images of version $version: docker compose build" >&2; exit 1; }
[ "$base" = 0 ] || printf '%-14s %10d\n' "(base)" $((base / 1000000))
