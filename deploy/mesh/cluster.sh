#!/usr/bin/env bash
# ./mesh up --cluster: RabbitMQ, Redis and every service as processes of this machine, with data under .mesh/cluster. Only HTTP_PORT, HTTPS_PORT and the bridges'
# UDP ports are on every address; all else is on loopback (MESH_LISTEN_ADDRESS), and the broker and the store ask for passwords made here: ./mesh listening shows it.
# Each service is started again when it ends, so that one may kill what one likes; Ctrl-C ends all. .mesh/cluster/processes lists their
# process ids, .mesh/cluster/addresses the ports of their inner pages (/health, /metrics, /debug).
# MESH_BUS and MESH_REDIS in the environment name a RabbitMQ and a Redis that run already, of several nodes for instance (docs/high-availability.md): then none is started here.
set -euo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
cd "$MESH_ROOT"
need_packages rabbitmq-server redis-server procps iproute2 || die "the cluster needs RabbitMQ and Redis"

folder="${MESH_CLUSTER_DIR:-$MESH_ROOT/.mesh/cluster}"
base="${MESH_CLUSTER_BASE_PORT:-18000}"
restart="${MESH_CLUSTER_RESTART:-1}"
own_broker=1 own_store=1
case "${MESH_BUS:-memory}" in memory) ;; *) own_broker=0 ;; esac
case "${MESH_REDIS:-memory}" in memory) ;; *) own_store=0 ;; esac
mkdir -p "$folder/log" "$folder/redis" "$folder/rabbitmq"

services=(auth signalling focus media-bridge sip-gateway recorder edge-proxy)
declare -A count
for service in "${services[@]}"; do count[$service]=1; done
IFS=, read -ra scales <<<"${MESH_SCALE:-}"
for scale in "${scales[@]}"; do
  name="${scale%%=*}" number="${scale#*=}"
  [ -n "${count[$name]:-}" ] || die "--scale: there is no service '$name' (${services[*]})"
  [[ "$number" =~ ^[0-9]+$ ]] && [ "$number" -le 20 ] || die "--scale $name: '$number' is not a number from 0 to 20"
  [ "$name" != edge-proxy ] || [ "$number" = 1 ] || die "--scale edge-proxy: one machine has one HTTPS port"
  count[$name]=$number
done

project() {
  local pascal
  pascal="$(sed -E 's/(^|-)([a-z])/\U\2/g' <<<"$1")"
  echo "JitsiMesh.$pascal.Host"
}

binary() { echo "artifacts/bin/$(project "$1")/release/$(project "$1").dll"; }

if [ "${MESH_BUILD:-1}" = 1 ]; then
  build_web
  for service in "${services[@]}"; do build_dotnet "services/$service/$(project "$service")/$(project "$service").csproj"; done
fi
for service in "${services[@]}"; do
  [ -f "$(binary "$service")" ] || die "$service is not built; leave --no-build away, or build JitsiMesh.sln in Release"
done

# What .env or the environment says counts, and what is neither there nor there is this script's.
settings_of "$(binary auth)" CONFIG PUBLIC_URL HTTPS_PORT JVB_PORT JVB_TCP_PORT MESH_XMPP_TCP MESH_LISTEN_ADDRESS MESH_ADVERTISE_HOST JICOFO_AUTH_PASSWORD JVB_AUTH_PASSWORD MESH_TURN_SECRET
[ -n "$config" ] || export CONFIG="$folder"

# From here on, what is written is this user's alone: secrets, the broker's cookie, rooms, logs.
umask 077
chmod 700 "$folder" "$folder/log" "$folder/redis" "$folder/rabbitmq"

# What the services prove themselves with, and the passwords of broker and store: made once, kept with the data.
touch "$folder/secrets"
chmod 600 "$folder/secrets"
for name in JICOFO_AUTH_PASSWORD JVB_AUTH_PASSWORD MESH_TURN_SECRET MESH_RABBITMQ_PASSWORD MESH_REDIS_PASSWORD; do
  grep -q "^$name=." "$folder/secrets" || echo "$name=$(random_secret)" >>"$folder/secrets"
done
# Only these five: an older version made others, which no service needs now. What .env or the environment has counts.
own="MESH_RABBITMQ_PASSWORD|MESH_REDIS_PASSWORD"
[ -n "$jicofo_auth_password" ] || own+="|JICOFO_AUTH_PASSWORD"
[ -n "$jvb_auth_password" ] || own+="|JVB_AUTH_PASSWORD"
[ -n "$mesh_turn_secret" ] || own+="|MESH_TURN_SECRET"
set -a; source <(grep -E "^($own)=" "$folder/secrets"); set +a
rabbitmq_password="$MESH_RABBITMQ_PASSWORD" redis_password="$MESH_REDIS_PASSWORD"
unset MESH_RABBITMQ_PASSWORD MESH_REDIS_PASSWORD

pids=()
# The services first, since handing over needs the broker; what has not ended in time is killed.
cleanup() {
  trap - EXIT INT TERM
  touch "$folder/stopping"
  local ids=() pid
  [ ! -f "$folder/processes" ] || mapfile -t ids < <(grep -vE '^(rabbitmq|redis) ' "$folder/processes" | cut -d' ' -f2)
  [ ${#ids[@]} -eq 0 ] || kill "${ids[@]}" 2>/dev/null || true
  for _ in $(seq 150); do
    alive=0
    for pid in "${ids[@]}"; do kill -0 "$pid" 2>/dev/null && alive=1; done
    [ "$alive" = 1 ] || break
    sleep 0.2
  done
  [ ${#ids[@]} -eq 0 ] || kill -9 "${ids[@]}" 2>/dev/null || true
  if [ "$own_broker" = 1 ]; then
    rabbitmq_ctl stop >/dev/null 2>&1 || true
    epmd -port $((base + 2)) -kill >/dev/null 2>&1 || true
  fi
  [ ! -f "$folder/processes" ] || while read -r _ pid; do kill "$pid" 2>/dev/null || true; done <"$folder/processes"
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  # The numbers are other processes' soon.
  rm -f "$folder/processes" "$folder/addresses"
}
trap cleanup EXIT INT TERM
rm -f "$folder/stopping" "$folder/processes" "$folder/addresses" "$folder/refused" "$folder/once" "$folder"/planned-*
[ "$restart" = 1 ] || touch "$folder/once"

# RabbitMQ: the scripts below its library folder, since the wrapper in PATH changes to another user.
rabbit_home="$(ls -d /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin 2>/dev/null | tail -1)"
[ -n "$rabbit_home" ] || die "RabbitMQ's scripts were not found below /usr/lib/rabbitmq"
echo '[].' >"$folder/rabbitmq/plugins"
# Passwords stand in files of mode 600, never in arguments, which every user of the machine can read.
cat >"$folder/rabbitmq/mesh.conf" <<CONF
listeners.tcp.default = 127.0.0.1:$base
default_user = mesh
default_pass = $rabbitmq_password
loopback_users.mesh = true
max_message_size = 33554432
CONF
cat >"$folder/redis/mesh.conf" <<CONF
bind 127.0.0.1
port $((base + 3))
requirepass $redis_password
save ""
appendonly yes
dir "$folder/redis"
CONF
# Erlang's cookie gives full control of the broker. Erlang's own has 20 letters: too short.
[ -s "$folder/rabbitmq/.erlang.cookie" ] && [ -e "$folder/rabbitmq/cookie-made" ] || { rm -f "$folder/rabbitmq/.erlang.cookie"; random_secret >"$folder/rabbitmq/.erlang.cookie"; touch "$folder/rabbitmq/cookie-made"; }
chmod 600 "$folder/rabbitmq/.erlang.cookie"
loopback_only="-kernel inet_dist_use_interface {127,0,0,1}"
rabbitmq_env=(HOME="$folder/rabbitmq" RABBITMQ_NODENAME="mesh$base@localhost" RABBITMQ_DIST_PORT="$((base + 1))" RABBITMQ_CONFIG_FILE="$folder/rabbitmq/mesh.conf"
  RABBITMQ_MNESIA_BASE="$folder/rabbitmq" RABBITMQ_LOG_BASE="$folder/rabbitmq" RABBITMQ_PID_FILE="$folder/rabbitmq/pid" RABBITMQ_ENABLED_PLUGINS_FILE="$folder/rabbitmq/plugins"
  ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$((base + 2))" RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="$loopback_only" RABBITMQ_CTL_ERL_ARGS="$loopback_only")
rabbitmq_ctl() { env "${rabbitmq_env[@]}" "$rabbit_home/rabbitmqctl" -q "$@"; }
start_rabbitmq() { unset JICOFO_AUTH_PASSWORD JVB_AUTH_PASSWORD MESH_TURN_SECRET; exec env "${rabbitmq_env[@]}" "$rabbit_home/rabbitmq-server" >>"$folder/log/rabbitmq.log" 2>&1; }
start_redis() { unset JICOFO_AUTH_PASSWORD JVB_AUTH_PASSWORD MESH_TURN_SECRET; exec redis-server "$folder/redis/mesh.conf" >>"$folder/log/redis.log" 2>&1; }

# keep NAME COMMAND...: runs a command, writes its process down, and starts it again when it ends. One that ends three times as soon as it was
# started is written into `refused`, which ends a cluster that is not ready yet; later it is tried again ever more slowly.
keep() {
  local name="$1" hasty=0 from child
  shift
  while [ ! -e "$folder/stopping" ]; do
    from=$SECONDS
    "$@" &
    child=$!
    (flock 9; { grep -v "^$name " "$folder/processes" 2>/dev/null || true; echo "$name $child"; } >"$folder/processes.new"; mv "$folder/processes.new" "$folder/processes") 9>"$folder/processes.lock"
    wait "$child" || true
    [ "$restart" = 1 ] || return 0
    # ./mesh restart asked for it.
    if [ -e "$folder/planned-$name" ]; then rm -f "$folder/planned-$name"; hasty=0; continue; fi
    if [ $((SECONDS - from)) -lt 20 ]; then hasty=$((hasty + 1)); else hasty=0; fi
    [ "$hasty" -lt 3 ] || echo "$name" >>"$folder/refused"
    [ -e "$folder/stopping" ] || { say "mesh: $name ended; starting it again"; sleep $((hasty < 1 ? 1 : hasty < 30 ? hasty : 30)); }
  done
}

# Ends the start with what the service itself said.
give_up() { tail -n 20 "$folder/log/$1.log" >&2; die "$1 $2; see $folder/log/$1.log"; }

if [ "$own_store" = 1 ]; then
  say "mesh: starting Redis"
  keep redis start_redis & pids+=($!)
fi
if [ "$own_broker" = 1 ]; then
  say "mesh: starting RabbitMQ"
  rm -f "$folder/rabbitmq/pid"
  fresh=1
  [ ! -d "$folder/rabbitmq/mesh$base@localhost" ] || fresh=0
  keep rabbitmq start_rabbitmq & pids+=($!)
  for _ in $(seq 60); do [ -s "$folder/rabbitmq/pid" ] && break; sleep 0.5; done
  timeout 60 env "${rabbitmq_env[@]}" "$rabbit_home/rabbitmqctl" -q await_startup >/dev/null || die "RabbitMQ did not start; see $folder/log/rabbitmq.log"
  # The configured user is made with the data. Data from before has the user guest, or the user with another password.
  if [ "$fresh" = 0 ] && ! rabbitmq_ctl authenticate_user mesh <<<"$rabbitmq_password" >/dev/null 2>&1; then
    rabbitmq_ctl add_user mesh <<<"$rabbitmq_password" >/dev/null 2>&1 || rabbitmq_ctl change_password mesh <<<"$rabbitmq_password" >/dev/null
    rabbitmq_ctl set_permissions mesh '.*' '.*' '.*' >/dev/null
    rabbitmq_ctl delete_user guest >/dev/null 2>&1 || true
  fi
  export MESH_BUS="amqp://mesh:$rabbitmq_password@127.0.0.1:$base"
fi
if [ "$own_store" = 1 ]; then
  for _ in $(seq 40); do REDISCLI_AUTH="$redis_password" redis-cli -p $((base + 3)) ping 2>/dev/null | grep -q PONG && break; sleep 0.25; done
  export MESH_REDIS="127.0.0.1:$((base + 3)),password=$redis_password"
fi

[ -n "$mesh_listen_address" ] || export MESH_LISTEN_ADDRESS=127.0.0.1
[ -n "$mesh_advertise_host" ] || export MESH_ADVERTISE_HOST=127.0.0.1
# The auth instances come first below, each with two ports.
auth_addresses=""
for ((i = 0; i < count[auth]; i++)); do auth_addresses+="${auth_addresses:+,}http://127.0.0.1:$((base + 11 + 2 * i))"; done
export MESH_AUTH_ADDRESS="$auth_addresses"
https_port="${https_port:-8443}"
[ -n "$public_url" ] || { public_url="https://localhost:${https_port##*:}"; export PUBLIC_URL="$public_url"; }
jvb_port="${jvb_port:-10000}"
jvb_tcp_port="${jvb_tcp_port:-4443}"
port=$((base + 10))
# numbered PORT NUMBER: the port of the n-th instance, each one having its own from PORT (or address:port) on. What is no port is handed on, for the service
# says so best.
numbered() {
  [[ "${1##*:}" =~ ^[0-9]+$ ]] || { echo "$1"; return; }
  echo "${1%"${1##*:}"}$((${1##*:} + $2 - 1))"
}
run_service() { # SERVICE NUMBER HTTP GRPC UDP TCP
  # Each has the secrets that it needs (RequiredSecrets), and no other.
  case "$1" in
    focus) unset MESH_TURN_SECRET ;;
    signalling) unset JVB_AUTH_PASSWORD ;;
    auth) unset JVB_AUTH_PASSWORD MESH_TURN_SECRET ;;
    media-bridge) unset JICOFO_AUTH_PASSWORD MESH_TURN_SECRET ;;
    edge-proxy) unset JICOFO_AUTH_PASSWORD JVB_AUTH_PASSWORD ;;
    *) unset JICOFO_AUTH_PASSWORD JVB_AUTH_PASSWORD MESH_TURN_SECRET ;;
  esac
  [ "$1" != signalling ] || [ -z "$mesh_xmpp_tcp" ] || export MESH_XMPP_TCP="$(numbered "$mesh_xmpp_tcp" "$2")"
  export MESH_NODE_NAME="$1-$2" MESH_HTTP_PORT="$3" MESH_GRPC_PORT="$4" JVB_PORT="$5" JVB_TCP_PORT="$6"
  exec dotnet "$(binary "$1")" >>"$folder/log/$1-$2.log" 2>&1
}
echo "$base" >"$folder/base"
health=()
for service in "${services[@]}"; do
  for ((i = 1; i <= count[$service]; i++)); do
    keep "$service-$i" run_service "$service" "$i" "$port" $((port + 1)) "$(numbered "$jvb_port" "$i")" "$(numbered "$jvb_tcp_port" "$i")" & pids+=($!)
    health+=("$service-$i $port")
    echo "$service-$i $port" >>"$folder/addresses"
    port=$((port + 2))
  done
done

for entry in "${health[@]}"; do
  read -r name at <<<"$entry"
  for attempt in $(seq 120); do
    curl -fsS -o /dev/null --max-time 2 "http://127.0.0.1:$at/health" 2>/dev/null && break
    [ ! -s "$folder/refused" ] || give_up "$(head -n 1 "$folder/refused")" "ends as soon as it is started"
    [ "$attempt" -lt 120 ] || give_up "$name" "is not healthy after 60 s"
    sleep 0.5
  done
done
[ -z "$mesh_xmpp_tcp" ] || for ((i = 1; i <= count[signalling]; i++)); do echo "XMPP over TCP: $(numbered "$mesh_xmpp_tcp" "$i") (signalling-$i)"; done
echo "Ready: $public_url (logs in $folder/log, processes in $folder/processes)"
wait
