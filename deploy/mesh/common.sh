# Shared by the scripts behind ./mesh. Sourced with MESH_ROOT set.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say() { printf '%s\n' "$*" >&2; }
die() { say "mesh: $*"; exit 1; }

# random_secret: 32 hexadecimal digits, without a line break.
random_secret() { head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

# as_root COMMAND...: runs it as root, or fails where that cannot be had without a question.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"
  else return 1
  fi
}

# need_packages PACKAGE...: installs Debian packages that are missing; says what to do where it cannot.
need_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  command -v apt-get >/dev/null 2>&1 || { say "mesh: please install: ${missing[*]}"; return 1; }
  say "mesh: installing ${missing[*]}"
  as_root apt-get update -qq >/dev/null 2>&1 || true
  # The mesh and its tests start each server themselves, on ports of their own: none is to begin with the machine's defaults (nginx and Caddy both want port 80).
  local policy=/usr/sbin/policy-rc.d made=0 result=0
  if [ ! -e "$policy" ] && printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod 755 "$policy"; then made=1; fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o DPkg::Options::=--force-confdef -o DPkg::Options::=--force-confold "${missing[@]}" >&2 || result=1
  [ "$made" = 0 ] || as_root rm -f "$policy"
  [ "$result" = 0 ] || say "mesh: could not install them. As root: apt-get install ${missing[*]}"
  return "$result"
}

need_dotnet() {
  command -v dotnet >/dev/null 2>&1 || die "the .NET 10 SDK is missing. Debian, Ubuntu: https://learn.microsoft.com/dotnet/core/install/linux (package dotnet-sdk-10.0)"
  dotnet --list-sdks 2>/dev/null | grep -q '^10\.' || die "a .NET 10 SDK is needed; found: $(dotnet --list-sdks 2>/dev/null | tr '\n' ' ')"
}

need_node() {
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || die "Node.js 20 or newer with npm is missing (package nodejs; or https://nodejs.org)"
  local major
  major="$(node -p 'process.versions.node.split(".")[0]')"
  [ "$major" -ge 20 ] || die "Node.js 20 or newer is needed; found $(node --version)"
}

# The cipher library that .NET itself needs is also the bridge's.
need_openssl() {
  ldconfig -p 2>/dev/null | grep -q 'libssl\.so\.3' || need_packages libssl3 || die "libssl.so.3 (OpenSSL 3) is missing"
}

# settings_of PROGRAM NAME...: what the environment or .env sets these to, as the services read it, each in a variable of its name in lower case; empty where
# neither does. A secret that is set is ***.
settings_of() {
  local program="$1" name values
  shift
  values="$(IFS=,; dotnet "$program" config --get "$*")" || exit 1
  for name in "$@"; do printf -v "${name,,}" '%s' "$(sed -n "s/^$name=//p" <<<"$values")"; done
}

# build_web: the static files of the web client, built again only when a source is newer.
build_web() {
  local web="$MESH_ROOT/services/web"
  [ -f "$web/package.json" ] || return 0
  need_node
  if [ ! -d "$web/node_modules" ] || [ "$web/package-lock.json" -nt "$web/node_modules/.package-lock.json" ]; then
    say "mesh: fetching the web client's packages"
    (cd "$web" && npm ci --no-audit --no-fund --loglevel=error >&2)
  fi
  if [ ! -f "$web/dist/index.html" ] || [ -n "$(find "$web/src" "$web/index.html" "$web/package.json" -newer "$web/dist/index.html" -print -quit)" ]; then
    say "mesh: building the web client"
    (cd "$web" && npm run --silent build >&2)
  fi
}

# run_program PROJECT ARGUMENT...: builds a project and becomes its program. --no-build among the arguments starts what was built last.
run_program() {
  local project="$1" name argument build=1 arguments=()
  shift
  for argument in "$@"; do
    if [ "$argument" = --no-build ]; then build=0; else arguments+=("$argument"); fi
  done
  name="$(basename "${project%.csproj}")"
  need_dotnet
  [ "$build" = 0 ] || build_dotnet "$project"
  exec dotnet "artifacts/bin/$name/release/$name.dll" "${arguments[@]}"
}

# build_dotnet PROJECT [CONFIGURATION]
build_dotnet() {
  say "mesh: building $(basename "${1%.*}") (${2:-Release})"
  dotnet build "$1" -c "${2:-Release}" -v quiet -nologo >&2
}
