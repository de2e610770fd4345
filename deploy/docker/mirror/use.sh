#!/bin/sh
# Runs inside the build stages of the images, as root: what lies beside it becomes the build's configuration. Nothing of it is in the finished images.
set -e
here="$(dirname "$0")"
for certificate in "$here"/*.crt; do
  [ -f "$certificate" ] || continue
  cp "$certificate" /usr/local/share/ca-certificates/
  authorities=1
done
if [ -n "$authorities" ]; then update-ca-certificates; fi
if [ -f "$here/NuGet.Config" ]; then mkdir -p "$HOME/.nuget/NuGet" && cp "$here/NuGet.Config" "$HOME/.nuget/NuGet/NuGet.Config"; fi
if [ -f "$here/npmrc" ]; then cp "$here/npmrc" "$HOME/.npmrc"; fi
