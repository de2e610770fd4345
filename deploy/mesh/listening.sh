#!/usr/bin/env bash
# ./mesh listening: which sockets of the mesh that runs on this machine listen where, as a firewall sees it. Ends with 1 when an inner one can be reached from other
# machines. It knows the processes of ./mesh up --cluster by .mesh/cluster/processes and those of ./mesh up by their name.
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
[ $# -eq 0 ] || die "listening takes no options"
need_packages iproute2 procps || die "ss and ps are needed"
folder="${MESH_CLUSTER_DIR:-$MESH_ROOT/.mesh/cluster}"
base="${MESH_CLUSTER_BASE_PORT:-18000}"

declare -A name_of=()
add() { # NAME PID: a process and all below it
  local child
  name_of[$2]="$1"
  for child in $(ps -o pid= --ppid "$2" || true); do add "$1" "$child"; done
}
if [ -f "$folder/processes" ]; then
  while read -r name pid; do [ ! -e "/proc/$pid" ] || add "$name" "$pid"; done <"$folder/processes"
fi
for pid in $(pgrep -f 'JitsiMesh\.AllInOne\.dll' || true); do add all-in-one "$pid"; done
[ ${#name_of[@]} -gt 0 ] || die "no mesh runs here (./mesh up, ./mesh up --cluster)"

# port_of NAME PID DEFAULT: a port as the process has it, from its environment or from the file of settings in its folder.
port_of() {
  local value
  value="$(setting_of "$1" "$2")"
  value="${value##*:}"
  echo "${value:-$3}"
}

# setting_of NAME PID: likewise, any setting.
setting_of() {
  local value file
  value="$({ tr '\0' '\n' <"/proc/$2/environ" | sed -n "s/^$1=//p"; } 2>/dev/null | tail -n 1 || true)"
  if [ -z "$value" ]; then
    file="$({ tr '\0' '\n' <"/proc/$2/environ" | sed -n 's/^MESH_ENV_FILE=//p'; } 2>/dev/null | tail -n 1 || true)"
    value="$(sed -nE "s/^(export )?$1 *=//p" "/proc/$2/cwd/${file:-.env}" "${file:-/dev/null}" 2>/dev/null | tail -n 1 || true)"
  fi
  value="${value%% #*}"
  tr -d "\"' \r" <<<"$value"
}

# is_public NAME PROTOCOL PORT PID: the edge's TCP ports and the bridges' UDP ports are for everybody, but not the edge's inner ones: the port in
# .mesh/cluster/addresses and the next; of one process HTTP_PORT and HTTPS_PORT alone.
is_public() {
  local at
  # XMPP over TCP, where an address of its own says that other machines may come.
  case "$1" in
    signalling-*|all-in-one) [[ "$(setting_of MESH_XMPP_TCP "$4")" != *:"$3" ]] || return 0 ;;
  esac
  case "$2/$1" in
    udp/media-bridge-*|udp/all-in-one) return 0 ;;
    tcp/edge-proxy-*)
      at="$(awk -v name="$1" '$1 == name { at = $2 } END { print at }' "$folder/addresses" 2>/dev/null || true)"
      [ -z "$at" ] || { [ "$3" != "$at" ] && [ "$3" != $((at + 1)) ]; } ;;
    tcp/all-in-one) [ "$3" = "$(port_of HTTP_PORT "$4" 8000)" ] || [ "$3" = "$(port_of HTTPS_PORT "$4" 8443)" ] ;;
    *) return 1 ;;
  esac
}

inner=0 outside=()
printf '%-16s %-4s %-30s %s\n' process "" listens "reached from"
while read -r protocol local pid; do
  name="${name_of[$pid]:-}" port="${local##*:}" address="${local%:*}"
  # Erlang's port mapper detaches itself from the broker that started it.
  if [ -z "$name" ] && [ "$protocol" = tcp ] && [ "$port" = $((base + 2)) ] && [ -f "$folder/processes" ]; then name=epmd; fi
  [ -n "$name" ] || continue
  case "$address" in
    127.*|'[::1]'|'[::ffff:127.'*) from="this machine" ;;
    *)
      from="other machines"
      outside+=("$port/$protocol")
      is_public "$name" "$protocol" "$port" "$pid" || { from="other machines: an inner port, set MESH_LISTEN_ADDRESS"; inner=1; } ;;
  esac
  printf '%-16s %-4s %-30s %s\n' "$name" "$protocol" "$local" "$from"
done < <(ss -H -lntup | awk '{ rest = $0; while (match(rest, /pid=[0-9]+/)) { print $1, $5, substr(rest, RSTART + 4, RLENGTH - 4); rest = substr(rest, RSTART + RLENGTH) } }' | sort -u | sort -t' ' -k3,3n -k1,1 -k2,2)
echo "Open in the firewall: $(printf '%s\n' "${outside[@]:-nothing}" | sort -u | tr '\n' ' ')"
exit "$inner"
