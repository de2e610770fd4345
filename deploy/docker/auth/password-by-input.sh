# Sourced. run_by_input COMMAND... users|prosodyctl ARGUMENT...: runs it, and hands the password of `prosodyctl register NAME DOMAIN PASSWORD` over by the standard
# input: every process of a machine can read arguments, and the program takes longer than this script. POSIX sh.
run_by_input() {
  register=0 words=0 password=
  for argument in "$@"; do
    if [ "$register" = 0 ]; then
      [ "$argument" != register ] || register=1
    else
      words=$((words + 1))
      [ "$words" != 3 ] || password="$argument"
    fi
  done
  if [ "$words" != 3 ]; then exec "$@"; fi
  # Drops the last argument.
  count=$#
  while [ "$count" -gt 1 ]; do
    set -- "$@" "$1"
    shift
    count=$((count - 1))
  done
  shift
  printf '%s\n' "$password" | "$@"
}
