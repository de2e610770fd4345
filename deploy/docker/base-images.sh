#!/usr/bin/env bash
# Makes the images that the Dockerfiles and docker-compose.yml stand on from this machine's Debian or Ubuntu packages and its own .NET SDK and Node.js, where
# no registry of images can be reached. Prints the lines for .env that name them.
#   deploy/docker/base-images.sh [NAME...]     of: aspnet sdk node rabbitmq redis; all when none is named
# Settings: BASE_IMAGE_PREFIX (jitsimesh-base), DEBIAN_SUITE and DEBIAN_MIRROR (those of this machine's apt), DOCKER_HOST.
# Authorities that this machine trusts by /usr/local/share/ca-certificates are trusted in the images too, so that a mirror behind a private one works.
set -euo pipefail
MESH_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
export MESH_ROOT
source "$MESH_ROOT/deploy/mesh/common.sh"

[ "$(id -u)" = 0 ] || die "base-images.sh needs root: debootstrap unpacks a system"
need_packages debootstrap || die "debootstrap is missing"
command -v docker >/dev/null 2>&1 || need_packages docker.io || die "docker is missing"
docker info >/dev/null 2>&1 || die "no Docker engine answers (DOCKER_HOST=${DOCKER_HOST:-the default socket}); start dockerd"

prefix="${BASE_IMAGE_PREFIX:-jitsimesh-base}"
suite="${DEBIAN_SUITE:-$(. /etc/os-release; echo "$VERSION_CODENAME")}"
wanted=("$@")
[ ${#wanted[@]} -gt 0 ] || wanted=(aspnet sdk node rabbitmq redis)
for name in "${wanted[@]}"; do
  case "$name" in aspnet|sdk|node|rabbitmq|redis) ;; *) die "there is no image '$name' (aspnet sdk node rabbitmq redis)" ;; esac
done

# The distribution's own repositories as apt on this machine knows them: "URI RELEASE", the suite itself first.
repositories() { apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' "Created-By: Packages" | awk -v s="$suite" '$3 == "main" && index($2, s) == 1 { print $1, $2 }' | sort -u -k2; }
mirror="${DEBIAN_MIRROR:-$(repositories | awk -v s="$suite" '$2 == s { print $1; exit }')}"
[ -n "$mirror" ] || die "no mirror of $suite in this machine's apt; set DEBIAN_MIRROR"

work="$(mktemp -d)"
cleanup() { rm -rf "$work"; }
trap cleanup EXIT

# inside FOLDER COMMAND...: runs a command in an unpacked system. Services of packages do not start (policy-rc.d).
inside() {
  local root="$1"
  shift
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive HOME=/ LC_ALL=C.UTF-8 chroot "$root" "$@"
}

# base FOLDER: a small system with the distribution's updates, ICU, OpenSSL, time zones and authorities.
base() {
  local root="$1" icu
  say "base-images: unpacking $suite"
  debootstrap --variant=minbase --include=ca-certificates,openssl "$suite" "$root" "$mirror" >"$work/debootstrap.log" 2>&1 || { tail -n 20 "$work/debootstrap.log" >&2; die "debootstrap failed"; }
  if [ -z "${DEBIAN_MIRROR:-}" ]; then repositories | awk '{ print "deb", $1, $2, "main" }' >"$root/etc/apt/sources.list"; fi
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod +x "$root/usr/sbin/policy-rc.d"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  [ ! -d /etc/apt/apt.conf.d ] || cp -n /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
  mkdir -p "$root/usr/local/share/ca-certificates"
  find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$root/usr/local/share/ca-certificates/" \; 2>/dev/null || true
  inside "$root" update-ca-certificates >/dev/null 2>&1
  inside "$root" apt-get update -qq >/dev/null
  inside "$root" apt-get upgrade -y -qq >/dev/null 2>&1
  icu="$(inside "$root" apt-cache pkgnames libicu | grep -E '^libicu[0-9]+$' | sort -V | tail -1)"
  install_inside "$root" libssl3 "$icu" libstdc++6 zlib1g tzdata
  # User 1000 is what the containers run as.
  inside "$root" useradd --uid 1000 --no-create-home --shell /usr/sbin/nologin mesh
}

install_inside() {
  local root="$1"
  shift
  inside "$root" apt-get install -y -qq --no-install-recommends "$@" >"$work/apt.log" 2>&1 || { tail -n 20 "$work/apt.log" >&2; die "could not install $*"; }
}

# import FOLDER NAME CHANGE...: what apt left behind is taken away, then the folder becomes an image.
import() {
  local root="$1" image="$prefix/$2" change changes=()
  shift 2
  for change in "$@"; do changes+=(--change "$change"); done
  tar -C "$root" --exclude=./var/cache/apt/archives --exclude=./var/lib/apt/lists --exclude=./usr/sbin/policy-rc.d --exclude=./etc/resolv.conf \
    --exclude=./etc/apt/apt.conf.d --exclude=./usr/share/doc --exclude=./usr/share/man --exclude='./proc/*' --exclude='./sys/*' -c . \
    | docker import "${changes[@]}" - "$image" >/dev/null
  say "base-images: $image"
}

has() { local name; for name in "${wanted[@]}"; do [ "$name" != "$1" ] || return 0; done; return 1; }

base "$work/base"
# Where the runtimes are, since the command may be a script that leads there.
dotnet_root="$(dotnet --list-runtimes 2>/dev/null | sed -n 's/^Microsoft\.NETCore\.App .*\[\(.*\)\/shared\/Microsoft\.NETCore\.App\]$/\1/p' | tail -1)"
dotnet_root="${dotnet_root:-/usr/share/dotnet}"
dotnet_env=("ENV DOTNET_ROOT=/usr/share/dotnet" "ENV PATH=/usr/share/dotnet:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "ENV DOTNET_RUNNING_IN_CONTAINER=true" "ENV LANG=C.UTF-8")

# with_dotnet FOLDER PART...: a copy of the base with parts of this machine's .NET.
with_dotnet() {
  local root="$1" part
  shift
  cp -a "$work/base" "$root"
  mkdir -p "$root/usr/share/dotnet"
  (cd "$dotnet_root" && for part in "$@"; do cp -a --parents "$part" "$root/usr/share/dotnet/"; done)
  ln -s /usr/share/dotnet/dotnet "$root/usr/bin/dotnet"
}

if has aspnet; then
  need_dotnet
  with_dotnet "$work/aspnet" dotnet host shared/Microsoft.NETCore.App shared/Microsoft.AspNetCore.App
  import "$work/aspnet" aspnet "${dotnet_env[@]}"
  rm -rf "$work/aspnet"
fi
if has sdk; then
  need_dotnet
  with_dotnet "$work/sdk" .
  import "$work/sdk" sdk "${dotnet_env[@]}" "ENV DOTNET_NOLOGO=1" "ENV DOTNET_CLI_TELEMETRY_OPTOUT=1" "ENV NUGET_XMLDOC_MODE=skip"
  rm -rf "$work/sdk"
fi
if has node; then
  need_node
  cp -a "$work/base" "$work/node"
  npm_root="$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")"
  mkdir -p "$work/node/usr/local/bin" "$work/node/usr/local/lib/node_modules"
  cp "$(readlink -f "$(command -v node)")" "$work/node/usr/local/bin/node"
  cp -a "$npm_root" "$work/node/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/node/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$work/node/usr/local/bin/npx"
  # A Node.js that is linked to other libraries of this machine would not start there.
  inside "$work/node" /usr/local/bin/node --version >/dev/null || die "this machine's node does not run alone; name another image by NODE_IMAGE"
  # Node.js brings authorities of its own and would not know the machine's.
  import "$work/node" node "ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt" "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  rm -rf "$work/node"
fi
if has redis; then
  cp -a "$work/base" "$work/redis"
  install_inside "$work/redis" redis-server
  mkdir -p "$work/redis/data"
  inside "$work/redis" chown redis:redis /data
  import "$work/redis" redis "USER redis" "WORKDIR /data" "VOLUME /data" "EXPOSE 6379" 'CMD ["redis-server"]'
  rm -rf "$work/redis"
fi
if has rabbitmq; then
  cp -a "$work/base" "$work/rabbitmq"
  install_inside "$work/rabbitmq" rabbitmq-server
  # The wrappers in /usr/sbin change the user; in a container there is one already.
  for tool in "$work"/rabbitmq/usr/lib/rabbitmq/bin/*; do ln -sf "${tool#"$work/rabbitmq"}" "$work/rabbitmq/usr/local/bin/$(basename "$tool")"; done
  printf '[].\n' >"$work/rabbitmq/etc/rabbitmq/enabled_plugins"
  import "$work/rabbitmq" rabbitmq "USER rabbitmq" "ENV HOME=/var/lib/rabbitmq" "ENV LANG=C.UTF-8" "ENV RABBITMQ_LOGS=-" "ENV PATH=/usr/local/bin:/usr/bin:/bin" \
    "WORKDIR /var/lib/rabbitmq" "VOLUME /var/lib/rabbitmq" "EXPOSE 5672" 'CMD ["rabbitmq-server"]'
  rm -rf "$work/rabbitmq"
fi

declare -A variable=([aspnet]=BASE_IMAGE [sdk]=SDK_IMAGE [node]=NODE_IMAGE [rabbitmq]=RABBITMQ_IMAGE [redis]=REDIS_IMAGE)
say "base-images: lines for .env:"
for name in "${wanted[@]}"; do echo "${variable[$name]}=$prefix/$name"; done
