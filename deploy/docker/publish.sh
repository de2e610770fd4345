#!/bin/sh
# Inside of the build stage, which all images share: compiles every program once and puts it below /app, a folder of the service's name each, for the architecture
# that the image is for (TARGETARCH of BuildKit, else this machine's). READY_TO_RUN=true compiles ahead of time: a service that has just started answers its first
# callers without compiling (docs/containers.md, "Compiled ahead of time"); it needs the compiler's package from the same source of packages.
set -eu
case "${TARGETARCH:-$(uname -m)}" in
  amd64|x86_64) rid=linux-x64 ;;
  arm64|aarch64) rid=linux-arm64 ;;
  *) echo "publish.sh: no images are made for ${TARGETARCH:-$(uname -m)}" >&2; exit 1 ;;
esac
ready="${READY_TO_RUN:-true}"
case "$ready" in
  true|false) ;;
  *) echo "publish.sh: JITSIMESH_READY_TO_RUN: '$ready' is neither true nor false" >&2; exit 1 ;;
esac
common="-p:Configuration=Release -p:RuntimeIdentifier=$rid -p:SelfContained=false -p:DebugType=none -p:RunAnalyzers=false -v quiet -nologo"
dotnet build deploy/docker/programs.proj $common -p:PublishReadyToRun="$ready"

# publish PROJECT FOLDER READY_TO_RUN: what is compiled already.
publish() { dotnet publish "$1" --no-build $common -p:PublishReadyToRun="$3" -p:PublishDocumentationFiles=false -p:PublishReferencesDocumentationFiles=false -o "$2"; }
all=services/all-in-one/JitsiMesh.AllInOne/JitsiMesh.AllInOne.csproj
publish "$all" /app/all-in-one "$ready"
for project in services/*/JitsiMesh.*.Host/*.csproj services/doctor/JitsiMesh.Doctor/*.csproj; do
  publish "$project" "/app/$(echo "$project" | cut -d/ -f2)" false
done
if [ "$ready" = true ]; then
  # Each library is compiled ahead of time once, for all-in-one, which has those of all services. Machine code of a library holds for that library alone, so that a
  # service whose copy of it is the same to the byte takes all-in-one's.
  publish "$all" /tmp/plain false
  for library in /app/*/*.dll; do
    name="$(basename "$library")"
    if cmp -s "$library" "/tmp/plain/$name"; then cp "/app/all-in-one/$name" "$library"; fi
  done
fi

# What the builder keeps of this step is what it made, and not the gigabyte that it was made with.
rm -rf artifacts /tmp/plain "$HOME/.nuget/packages"
