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
passed=0 failed=0 skipped=0

# count NAME PASSED FAILED SKIPPED SECONDS
count() {
  passed=$((passed + $2)); failed=$((failed + $3)); skipped=$((skipped + $4))
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
    return 1
  fi
}

# suite PROJECT: one xunit project, already built.
suite() {
  local project="$1" start=$SECONDS name log line p f s
  name="$(basename "${project%.csproj}")"
  log="$logs/$name.log"
  timeout --kill-after=10 "${MESH_SUITE_TIMEOUT:-900}" dotnet test "$project" -c Release --no-build --no-restore --nologo \
    --logger "console;verbosity=normal" -- RunConfiguration.TreatNoTestsAsError=false >"$log" 2>&1
  local code=$?
  line="$(grep -E '^ *(Total tests|Passed|Failed|Skipped) *:' "$log" | tr -d ' \n' || true)"
  p="$(grep -E '^ +Passed: ' "$log" | tail -1 | grep -oE '[0-9]+' || echo 0)"
  f="$(grep -E '^ +Failed: ' "$log" | tail -1 | grep -oE '[0-9]+' || echo 0)"
  s="$(grep -E '^ +Skipped: ' "$log" | tail -1 | grep -oE '[0-9]+' || echo 0)"
  if [ $code -ne 0 ] && [ "$f" = 0 ]; then f=1; echo "$name ended with $code"; tail -n 40 "$log"; fi
  [ "$f" = 0 ] || grep -E -A 25 '^ *Failed |\[FAIL\]' "$log" | head -n 200
  grep -hE 'SKIPPED \(' "$log" | sort -u
  count "$name" "$p" "$f" "$s" $((SECONDS - start))
}

finish() {
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ] && exit 0
  exit 1
}

need_dotnet
need_node
need_openssl
if [ "$mode" != fast ]; then
  need_packages chromium firefox-esr redis-server rabbitmq-server postgresql slapd curl procps iproute2 iptables || true
fi

step "build" dotnet build JitsiMesh.sln -c Release -v quiet -nologo || finish
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
  [ "$wf" = 0 ] || tail -n 60 "$logs/web.log"
  count "web: unit tests" "$wp" "$wf" "$ws" $((SECONDS - web_start))
fi
for project in tests/shared/*/*.csproj tests/services/*/*.csproj tests/fuzz/*.csproj tests/simulation/*.csproj; do
  suite "$project"
done
if [ "$mode" != fast ]; then
  suite tests/mesh/JitsiMesh.Mesh.Tests.csproj
  suite tests/conformance/JitsiMesh.Conformance.Tests.csproj
fi
finish
