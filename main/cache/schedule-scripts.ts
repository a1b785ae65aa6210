import { inventoryScript } from './inventory-script.ts';
import { pruneScript } from './prune-script.ts';
import { scheduleDecision } from './schedule-decision.ts';
import { workFolder } from './work-folder.ts';

const told = `#!/bin/sh
# Written by Mirrorfleet for the schedule of this folder; see prune.sh beside it.
`;

/** Lists the cache. Arguments: the node's folder, "references". */
export const listFile = `${told}# Lists what is cached: sh list.sh FOLDER references\n${inventoryScript}`;

/** Carries out what was decided. Argument: the node's folder; the order on standard input. */
export const removeFile = `${told}# Removes from the live cache what an order on standard input names: sh remove.sh FOLDER\n${pruneScript}`;

/**
 * The script a timer starts. It lies in `<base>/schedule` beside its rules and needs no more than a POSIX shell and its usual tools (find, awk,
 * tar, flock …), GNU or busybox. Every run is written to `last-run` and `log`, a failed one with what failed.
 */
export const scheduleFile = String.raw`#!/bin/sh
# Mirrorfleet: prunes the image cache in the folder above, by itself, while the mirrors go on serving.
#
#   rules      what goes: unused_days, keep_bytes, free_percent (any of them; numbers only)
#   ../pins    what never goes
#   last-run, log   what it did
#
# Look without removing anything:  sh prune.sh --dry-run
# Started once a day by a systemd timer or by cron (mirrorfleet cache schedule NODE shows which); taken off by
# mirrorfleet cache schedule NODE --off.
set -u
LC_ALL=C; export LC_ALL; umask 022
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
here=$(cd "$(dirname "$0")" && pwd) || exit 10
base=$(dirname "$here")
dry=no
if [ $# -gt 0 ]; then
  [ "$1" = --dry-run ] || { echo "usage: prune.sh [--dry-run]" >&2; exit 2; }
  dry=yes
fi

# One record of the last run, and a line in the log with the images that went.
record() { # failed, bytes, images, words
  [ "$dry" = no ] || { echo "$4"; return; }
  printf 'at %s\nfreed_bytes %s\nimages %s\nfailed %s\nsaid %s\n' "$(date +%s)" "$2" "$3" "$1" "$4" > "$here/.last-run" &&
    mv -f "$here/.last-run" "$here/last-run"
  { tail -n 1000 "$here/log" 2>/dev/null
    echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $4"
    if [ -f "$work/gone" ]; then head -n 100 "$work/gone" | sed 's/^/  - /'; fi
  } > "$here/.log" && mv -f "$here/.log" "$here/log"
  echo "$4"
}
stop() { # exit code, words
  record 1 0 0 "$2" >&2
  exit "$1"
}
work=/nonexistent

unused_days= keep_bytes= free_percent= grace_seconds=3600
[ -r "$here/rules" ] || stop 17 "there are no rules; nothing was removed"
while IFS='=' read -r key value || [ -n "$key" ]; do
  case $key in ''|'#'*|at) continue ;; esac
  case $value in ''|*[!0-9]*) stop 17 "rules: $key is no number; nothing was removed" ;; esac
  case $key in
    unused_days) unused_days=$value ;;
    keep_bytes) keep_bytes=$value ;;
    free_percent) free_percent=$value ;;
    grace_seconds) grace_seconds=$value ;;
    *) stop 17 "rules: $key is no rule; nothing was removed" ;;
  esac
done < "$here/rules"

# Bytes that the disk lacks of the share that is to be free.
lacking=
if [ -n "$free_percent" ]; then
  lacking=$(df -P -k "$base/data" | awk -v free="$free_percent" '
    match($0, /[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+%/) { split(substr($0, RSTART, RLENGTH), size, " +"); printf "%.0f", (size[1] * free / 100 - size[3]) * 1024 }')
  [ -n "$lacking" ] || stop 17 "the free space of the disk is not known; nothing was removed"
fi

${workFolder} || { work=/nonexistent; stop 12 "no temporary folder; nothing was removed"; }
trap 'rm -rf "$work"' EXIT; trap 'exit 129' HUP INT TERM
explain() {
  case $1 in
    10) echo "there is no cache here" ;;
    11) echo "a program is missing: $(head -n 1 "$work/said")" ;;
    13) echo "a registry keeps descriptors in memory (cache: in its configuration); nothing was removed" ;;
    15) echo "part of the cache cannot be read" ;;
    16) echo "the pins changed meanwhile; nothing was removed" ;;
    18) echo "the file pins has a line that is no image and no repository; nothing was removed" ;;
    19) echo "part of the cache cannot be read; nothing was removed" ;;
    75) echo "another prune or an apply is at work; nothing was removed" ;;
    *) echo "it ended with $1: $(tail -n 1 "$work/said")" ;;
  esac
}
: > "$work/going"
sh "$here/list.sh" "$base" references > "$work/list" 2> "$work/said" || { code=$?; stop "$code" "$(explain "$code")"; }
awk -v days="$unused_days" -v keep="$keep_bytes" -v grow="$lacking" -v grace="$grace_seconds" -v going="$work/going" -f "$here/decide.awk" \
  "$work/list" > "$work/order" 2> "$work/said" || { code=$?; stop "$code" "$(explain "$code")"; }

if [ "$dry" = yes ]; then
  sed 's/^[^ ]* /would go: /' "$work/going"
  awk 'FNR == NR { if ($1 == "b") disk[$2] = $4 * 512; next } $1 == "B" { blobs++; bytes += disk[$2] }
    END { printf "would free %.0f bytes in %d files\n", bytes, blobs }' "$work/list" "$work/order"
  exit 0
fi
sh "$here/remove.sh" "$base" < "$work/order" > "$work/report" 2> "$work/said" || { code=$?; stop "$code" "$(explain "$code")"; }
awk 'FNR == NR { if ($1 == "kept") kept[$2]; next } !($1 in kept) { print $2 }' "$work/report" "$work/going" > "$work/gone"
freed=$(awk '$1 == "freed" { print $2 }' "$work/report")
images=$(awk 'END { print NR }' "$work/gone")
record 0 "$freed" "$images" "freed $freed bytes, $images images"
`;

/** The decision as a file of its own. */
export const decisionFile = `# Written by Mirrorfleet for prune.sh beside it: decides what goes, from the lines of list.sh.\n${scheduleDecision}`;
