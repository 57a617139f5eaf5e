#!/usr/bin/env bash
# The audit step of action.yml. Every input comes as an environment variable and is passed on as one word; the exit
# code is that of the audit, also when a summary cannot be written.
set -uo pipefail

case "$OUT" in
  *$'\n'* | "") echo "::error title=token-saliency::The input out must be a path of one line." && exit 2 ;;
esac

words=(--out "$OUT" --format html,junit,sarif,gitlab,markdown --fail-on "$FAIL_ON")
[ -n "$AUDITS" ] && words+=(--audits "$AUDITS")
[ -n "$KNOWN" ] && words+=(--known "$KNOWN")
while IFS= read -r word; do
  [ -n "$word" ] && words+=("$word")
done <<<"$ARGUMENTS"

stamp=$(mktemp)
trap 'rm -f "$stamp"' EXIT
token-saliency audit "${words[@]}" -- "$MODEL" "$DATA"
code=$?

# A report of an earlier run must not speak for one that did not happen.
verdict=""
if [ "$OUT/report.json" -nt "$stamp" ]; then
  verdict=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["verdict"])' "$OUT/report.json")
  [ -n "${GITHUB_STEP_SUMMARY:-}" ] && cat "$OUT/report.md" >>"$GITHUB_STEP_SUMMARY"
else
  [ -n "${GITHUB_STEP_SUMMARY:-}" ] && echo "## ⛔ token-saliency could not run (exit code $code)" >>"$GITHUB_STEP_SUMMARY"
fi
case "$verdict" in
  ERROR | FAIL | WARN | INCONCLUSIVE | PASS) ;;
  *) verdict="" ;;
esac
{
  echo "exit-code=$code"
  echo "verdict=$verdict"
  echo "report=$OUT/report.html"
} >>"${GITHUB_OUTPUT:-/dev/stdout}"
exit "$code"
