#!/usr/bin/env bash
# ./mesh test [fast|full]: every suite in order of cost, each with its closing line, and one line at the end that sums them.
set -uo pipefail
source "$MESH_ROOT/deploy/mesh/common.sh"
mode="${1:-ci}"
case "$mode" in ci|fast|full) ;; *) die "test knows 'fast' and 'full', not '$mode'" ;; esac
export MESH_TEST_MODE="$mode"
cd "$MESH_ROOT"
logs="$MESH_ROOT/artifacts/test-logs"
rm -rf "$logs"; mkdir -p "$logs"

# count NAME PASSED FAILED SKIPPED SECONDS: the closing line. Counts go to a file, because lanes run in processes of their own.
count() {
  echo "$2 $3 $4" >>"$logs/counts.txt"
  printf '%-44s %6d passed, %d failed, %d skipped  (%ds)\n' "$1" "$2" "$3" "$4" "$5"
}

# step NAME COMMAND...: one check that passes or fails as a whole.
step() {
  local name="$1" start=$SECONDS log
  shift
  log="$logs/${name//[^a-zA-Z0-9]/_}.log"
  if "$@" >"$log" 2>&1; then
    count "$name" 1 0 0 $((SECONDS - start))
  else
    count "$name" 0 1 0 $((SECONDS - start))
    tail -n 60 "$log"
    echo "  Failed $name" >>"$logs/failed.txt"
    return 1
  fi
}

passed_of() { grep -E '^ +Passed: ' "$1" | tail -1 | grep -oE '[0-9]+' || echo 0; }

# suite PROJECT: one xunit project, already built. $yields is how far it gives way to others (nice).
yields=0
suite() {
  local project="$1" start=$SECONDS name log line p f s
  name="$(basename "${project%.csproj}")"
  log="$logs/$name.log"
  nice -n "$yields" timeout --kill-after=10 "${MESH_SUITE_TIMEOUT:-1800}" dotnet test "$project" -c Release --no-build --no-restore --nologo \
    --logger "console;verbosity=normal" -- RunConfiguration.TreatNoTestsAsError=false >"$log" 2>&1
  local code=$?
  line="$(grep -E '^ *(Total tests|Passed|Failed|Skipped) *:' "$log" | tr -d ' \n' || true)"
  p="$(passed_of "$log")"
  f="$(grep -E '^ +Failed: ' "$log" | tail -1 | grep -oE '[0-9]+' || echo 0)"
  s="$(grep -E '^ +Skipped: ' "$log" | tail -1 | grep -oE '[0-9]+' || echo 0)"
  if [ $code -ne 0 ] && [ "$f" = 0 ]; then f=1; echo "$name ended with $code" | tee -a "$logs/failed.txt"; tail -n 40 "$log"; fi
  if [ "$f" != 0 ]; then
    grep -E -A 25 '^ *Failed |\[FAIL\]' "$log" | head -n 200
    grep -E -A 2 '^ *Failed [A-Za-z]' "$log" | head -n 60 >"$logs/$name.failed"
    echo "$project $f" >>"$logs/again.txt"
  fi
  grep -hE 'SKIPPED \(' "$log" | sort -u
  count "$name" "$p" "$f" "$s" $((SECONDS - start))
}

# again PROJECT FAILED: the failed tests of a suite once more, with nothing beside them. What passes then depends on its surroundings: it is named, and is a fault to be mended all the same,
# but keeps nobody else's change from landing. More than a few are no accident and are not tried.
again_at_most=3
again() {
  local project="$1" failed="$2" name log filter
  name="$(basename "${project%.csproj}")"
  log="$logs/$name.again.log"
  filter="$(sed -nE 's/^ *Failed ([A-Za-z0-9_.+]+).*/FullyQualifiedName=\1/p' "$logs/$name.failed" | sort -u | paste -sd '|')"
  if [ "$failed" -le "$again_at_most" ] && [ -n "$filter" ] &&
    timeout --kill-after=10 600 dotnet test "$project" -c Release --no-build --no-restore --nologo --filter "$filter" \
      --logger "console;verbosity=normal" -- RunConfiguration.TreatNoTestsAsError=true >"$log" 2>&1 &&
    [ "$(passed_of "$log")" -ge "$failed" ]; then
    echo "$failed -$failed 0" >>"$logs/counts.txt"
    echo "UNSTEADY: failed beside others, passed alone ($name):"
    cut -c 1-300 "$logs/$name.failed"
  else
    cat "$logs/$name.failed" >>"$logs/failed.txt"
    [ -f "$log" ] && tail -n 40 "$log"
  fi
}

# The failed tests stand together at the end, however long the output before it was.
finish() {
  local passed failed skipped project f
  wait
  if [ -f "$logs/again.txt" ]; then
    while read -r project f; do again "$project" "$f"; done <"$logs/again.txt"
  fi
  read -r passed failed skipped < <(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$logs/counts.txt")
  if [ -s "$logs/failed.txt" ]; then echo "What failed:"; cut -c 1-300 "$logs/failed.txt"; fi
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ] && exit 0
  exit 1
}

need_dotnet
need_node
need_openssl
if [ "$mode" != fast ]; then
  need_packages chromium firefox-esr redis-server rabbitmq-server postgresql sqlite3 slapd python3-slixmpp curl procps iproute2 iptables nftables coturn caddy nginx-light apache2-bin haproxy docker-compose prometheus || true
fi

# All projects share one compiler process, also where MSBUILDDISABLENODEREUSE is set. A compiler process for each project would double the time of the build.
build_all() {
  dotnet build JitsiMesh.sln -c Release -v quiet -nologo -p:UseSharedCompilation=true
  local code=$?
  dotnet build-server shutdown --vbcscompiler >/dev/null 2>&1 || true
  return $code
}
step "build" build_all || finish
step "format" dotnet format whitespace JitsiMesh.sln --verify-no-changes --no-restore
suite tests/tidy/JitsiMesh.Tidy.Tests.csproj
if [ -f services/web/package.json ]; then
  step "web: packages" build_web || finish
  step "web: types and lint" bash -c 'cd services/web && npm run --silent check'
  web_start=$SECONDS
  (cd services/web && npm test --silent -- --run --reporter=json --outputFile="$logs/web.json") >"$logs/web.log" 2>&1
  web_code=$?
  read -r wp wf ws < <(node -e '
    try { const r = JSON.parse(require("fs").readFileSync(process.argv[1])); console.log(r.numPassedTests, r.numFailedTests, r.numPendingTests + (r.numTodoTests || 0)); }
    catch { console.log(0, 1, 0); }' "$logs/web.json")
  [ $web_code -ne 0 ] && [ "$wf" = 0 ] && wf=1
  if [ "$wf" != 0 ]; then tail -n 60 "$logs/web.log"; echo "  Failed web: unit tests" >>"$logs/failed.txt"; fi
  count "web: unit tests" "$wp" "$wf" "$ws" $((SECONDS - web_start))
fi
# The suite over processes mostly waits (for nodes that come back, for limits that pass): it runs beside the suites that compute. Its tests look at times, so the others give way.
if [ "$mode" != fast ]; then
  suite tests/mesh/JitsiMesh.Mesh.Tests.csproj >"$logs/lane.txt" 2>&1 &
  yields=5
fi
for project in tests/shared/*/*.csproj tests/services/*/*.csproj tests/fuzz/*.csproj tests/simulation/*.csproj; do
  suite "$project"
done
if [ "$mode" != fast ]; then
  wait
  cat "$logs/lane.txt"
  # Browsers choose their own priority: what they talk to must not be behind them.
  yields=0
  suite tests/conformance/JitsiMesh.Conformance.Tests.csproj
fi
finish
