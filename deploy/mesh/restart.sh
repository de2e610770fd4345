#!/usr/bin/env bash
# ./mesh restart NAME... and ./mesh rolling: restarts processes of the cluster that runs here, one after another. This script ends a process by SIGTERM; cluster.sh starts
# it again; this script waits until it is healthy, and goes on with the next.
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
folder="${MESH_CLUSTER_DIR:-$MESH_ROOT/.mesh/cluster}"
patience="${MESH_RESTART_SECONDS:-90}"
# A bridge and an edge hold sockets of clients: they come last, when all that they ask is new.
order=(auth focus signalling sip-gateway recorder media-bridge edge-proxy)
all=0 names=()

help() {
  cat <<'HELP'
usage: ./mesh restart NAME...   restarts processes of the cluster that runs here, one after another
       ./mesh rolling           restarts every service in turn (not the broker and the store)

NAME is a process (focus-1, media-bridge-2, rabbitmq, redis) or a service (focus: all of them, in turn). Each process gets SIGTERM, hands over
what it has, and the next follows when it is healthy again. MESH_RESTART_SECONDS (90) is how long each part of that may take;
its end may take MESH_DRAIN_TIMEOUT longer.
What people in calls notice of each is in docs/operations.md.
HELP
}

command="$1"
shift
for word in "$@"; do case "$word" in --help|-h) help; exit 0 ;; esac; done
case "$command" in
  rolling) all=1; [ $# -eq 0 ] || die "rolling takes no names; restart does" ;;
  restart) [ $# -gt 0 ] || { help >&2; exit 2; } ;;
esac
[ -s "$folder/processes" ] && [ -s "$folder/addresses" ] && [ ! -e "$folder/stopping" ] || die "no cluster runs here (looked into $folder): ./mesh up --cluster starts one"
[ ! -e "$folder/once" ] || die "this cluster was started with MESH_CLUSTER_RESTART=0: what ends in it is not started again"
exec 8>"$folder/restart.lock"
flock -n 8 || die "another restart of this cluster is under way"
base="$(cat "$folder/base" 2>/dev/null || echo 18000)"
pid_of() { awk -v name="$1" '$1 == name { print $2 }' "$folder/processes"; }
address_of() { awk -v name="$1" '$1 == name { print $2 }' "$folder/addresses"; }
running() { cut -d' ' -f1 "$folder/processes" | sort -V; }

# instances NAME: the processes that a name stands for.
instances() {
  running | grep -xE -- "$1(-[0-9]+)?" || die "there is no process '$1' here; these run: $(running | tr '\n' ' ')"
}

if [ "$all" = 1 ]; then
  for service in "${order[@]}"; do
    mapfile -t found < <(running | grep -xE -- "$service-[0-9]+" || true)
    names+=("${found[@]}")
  done
else
  for name in "$@"; do
    [[ "$name" =~ ^[a-z][a-z0-9-]*$ ]] || die "'$name' is no name of a process"
    found="$(instances "$name")"
    mapfile -t -O "${#names[@]}" names <<<"$found"
  done
fi

# is_ready NAME: whether it does its work.
is_ready() {
  local at
  case "$1" in
    rabbitmq) (exec 3<>"/dev/tcp/127.0.0.1/$base") 2>/dev/null ;;
    redis) (exec 3<>"/dev/tcp/127.0.0.1/$((base + 3))") 2>/dev/null ;;
    *) at="$(address_of "$1")"; curl -fsS -o /dev/null --max-time 2 "http://127.0.0.1:$at/health" 2>/dev/null ;;
  esac
}

# seconds_of DURATION: 30, 30s, 2m and 1h as seconds; 0 for none.
seconds_of() {
  case "$1" in
    *m) echo $((60 * ${1%m})) ;;
    *h) echo $((3600 * ${1%h})) ;;
    *) echo $((${1%s} + 0)) ;;
  esac
}

# A process may use all of its time to finish what it has begun: this script's patience with its end begins then.
settings_of "$MESH_ROOT/artifacts/bin/JitsiMesh.Auth.Host/release/JitsiMesh.Auth.Host.dll" MESH_DRAIN_TIMEOUT
drain="$(seconds_of "${mesh_drain_timeout:-15}")"

# until_so WHAT COMMAND...: ends the script where it does not become so in time. $more seconds are added to it.
more=0
until_so() {
  local what="$1" time=$((patience + more))
  local end=$((SECONDS + time))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || die "$what within $time s; see $folder/log"
    sleep 0.2
  done
}

# is_ours NAME PID: the process is what the name says, and not one that has the same number since a crash of the machine.
is_ours() {
  local arguments
  arguments="$(tr '\0' ' ' 2>/dev/null <"/proc/$2/cmdline")" || return 1
  case "$1" in
    rabbitmq) [[ "$arguments" == *rabbit* ]] ;;
    redis) [[ "$arguments" == *redis-server* ]] ;;
    *) [[ "$arguments" == *JitsiMesh.*.Host.dll* ]] ;;
  esac
}

has_ended() { ! kill -0 "$1" 2>/dev/null; }
is_new() { local now; now="$(pid_of "$1")"; [ -n "$now" ] && [ "$now" != "$2" ] && kill -0 "$now" 2>/dev/null; }

restart_one() {
  local name="$1" old from
  old="$(pid_of "$name")"
  if [ -z "$old" ] || has_ended "$old"; then
    # It has ended by itself, and is started again just now.
    until_so "$name does not run, and was not started again" is_new "$name" "$old"
    until_so "$name is not healthy" is_ready "$name"
    old="$(pid_of "$name")"
  fi
  from="$(date +%s%N)"
  # The broker's own process is below its start script, which ends with it.
  local told="$old"
  [ "$name" != rabbitmq ] || told="$(cat "$folder/rabbitmq/pid")"
  is_ours "$name" "$told" || die "$name: process $told is something else, so nothing was ended; start the cluster anew"
  planned="$folder/planned-$name"
  touch "$planned"
  kill -TERM "$told" 2>/dev/null || die "$name (process $told) cannot be told to end"
  more=$drain
  until_so "$name (process $old) has not ended" has_ended "$old"
  more=0
  local ended
  ended="$(date +%s%N)"
  until_so "$name was not started again" is_new "$name" "$old"
  until_so "$name is not healthy again" is_ready "$name"
  rm -f "$planned"
  printf '%-16s ended in %d.%d s, healthy again after %d.%d s\n' "$name" $(((ended - from) / 1000000000)) $(((ended - from) / 100000000 % 10)) \
    $((($(date +%s%N) - from) / 1000000000)) $((($(date +%s%N) - from) / 100000000 % 10))
}

# The mark of a planned end goes when this script ends: otherwise cluster.sh would take the next crash of the process for planned.
planned=""
trap '[ -z "$planned" ] || rm -f "$planned"' EXIT
for name in "${names[@]}"; do restart_one "$name"; done
echo "Restarted: ${#names[@]}"
