import { workFolder } from './work-folder.ts';

/**
 * Lists a node's cache in one go; a fixed text for `sh`, run as root with the node's folder as `$1`. Needs find, ls, awk, tar, stat and runs
 * with GNU and busybox; forks no process per file (that is the difference between seconds and minutes) and steps back behind the node's own work.
 *
 * Its output, gzipped where there is gzip, is lines and then tar archives:
 *
 *     mirrorfleet-cache 1 <now> <1: read times stay true>
 *     c <configuration file with a descriptor cache>
 *     p <pin>   q <line of the pins file that is none>
 *     u <storage>  r <repository>            the ones the following lines belong to
 *     t <tag> <hex or -> <mtime>             - : the link names no digest
 *     m <hex> <mtime>   l <hex> <mtime>      a revision's link, a layer's link
 *     o                                      the repository holds digests that are not SHA-256
 *     b <hex> <size> <512-byte blocks> <atime> <ctime>
 *     manifests <n>                          then tar archives of their files, unless n is 0; or with the second argument
 *                                            "references", as the node's own schedule asks for, lines that say what is in them:
 *     x <hex> [<hex it names>]   i <hex>     a manifest, each digest in it; it is an index
 *     y <hex>                                written in a way (escaped letters) that these lines cannot show all of
 *     end                                    only if everything could be read
 *
 * GNU tar can read without touching atimes (`O_NOATIME`); with another tar (busybox's may
 * not even take a list of files, hence xargs and several archives) the read times of manifests tell of inventories, too.
 * Blobs are found by their names, which `ls` reads without opening a million folders, and a `stat` of each file: half of what `find`
 * costs. No link is followed: `ls -p` marks real folders only. What vanishes meanwhile is no error; a folder that cannot be read is one,
 * because a link nobody saw must not free a blob.
 */
export const inventoryScript = String.raw`set -u
LC_ALL=C; export LC_ALL; umask 077
base=$1 mode=archives
[ $# -lt 2 ] || mode=$2
cd "$base/data" 2>/dev/null && [ -d blobs ] || exit 10
for tool in find ls awk tar stat xargs; do command -v "$tool" >/dev/null 2>&1 || { echo "$tool" >&2; exit 11; }; done
${workFolder} || exit 12
trap 'rm -rf "$work"' EXIT; trap 'exit 129' HUP INT TERM PIPE
low=
if command -v nice >/dev/null 2>&1; then low='nice -n 19'; fi
if ionice -c3 true >/dev/null 2>&1; then low="$low ionice -c3"; fi
: > "$work/now"; : > "$work/errors"; : > "$work/manifests"
if find . -maxdepth 0 -printf '' >/dev/null 2>&1; then
  gnu=1; now=$(find "$work/now" -printf '%T@')
else
  gnu=0; now=$(stat -c %Y "$work/now")
fi
true_reads=0
if tar --version 2>/dev/null | grep -q GNU; then true_reads=1; fi

links() {
  for storage in *; do
    root=$storage/docker/registry/v2/repositories
    case $storage in blobs|offline) continue;; esac
    [ -d "$root" ] && [ ! -L "$storage" ] || continue
    if [ "$gnu" = 1 ]; then $low find "$root" -type f -name link -printf 'L %T@ %p\n'
    else $low find "$root" -type f -name link -print0 | xargs -0 -r stat -c 'L %Y %n'; fi
  done
}
blobs() {
  [ -d blobs/sha256 ] && [ ! -L blobs/sha256 ] || return 0
  cd blobs/sha256 || return 0
  set --
  for prefix in $(ls -p); do
    case $prefix in [0-9a-f][0-9a-f]/) set -- "$@" "$prefix";; esac
  done
  [ $# -gt 0 ] || return 0
  $low ls -p "$@" |
    $low awk 'length($0) == 65 && /^[0-9a-f]+\/$/ { print substr($0, 1, 2) "/" $0 "data" }' |
    $low xargs -r -s 400000 stat -c 'B %f %s %b %X %Z %n'
}
archives() {
  if [ "$true_reads" = 1 ]; then $low tar -C blobs --atime-preserve=system -c -f - -T "$work/manifests" 2>/dev/null
  else (cd blobs && $low xargs -r tar -c -f - < "$work/manifests" 2>/dev/null); fi
}
listing() {
  echo "mirrorfleet-cache 1 $now $true_reads"
  grep -lE '^[[:space:]]*cache:' "$base"/registry/*.yml 2>/dev/null | sed 's|.*/|c |'
  grep -lE 'REGISTRY_STORAGE_CACHE' "$base/compose.yaml" 2>/dev/null | sed 's|.*/|c |'
  if [ -e "$base/pins" ]; then
    awk '{ sub(/\r$/, ""); sub(/#.*/, "") } NF == 0 { next } NF == 1 && length($1) <= 400 && $1 !~ /[^!-~]/ { print "p " $1; next } { print "q " NR }' \
      "$base/pins" 2>>"$work/errors" || echo pins >> "$work/errors"
  fi
  { links; (blobs); } 2>>"$work/errors" | $low awk -v want="$work/manifests" '
    function hexed(s) { return length(s) == 64 && s ~ /^[0-9a-f]+$/ }
    function whole(s) { sub(/\..*/, "", s); return s }
    function ended() { if (tag != "" && !current) print "t " tag " - " stale; tag = ""; current = 0 }
    NF == 3 && $1 == "L" {
      n = split($3, part, "/")
      for (k = 6; k < n && part[k] != "_layers" && part[k] != "_manifests"; k++);
      repository = part[6]
      for (i = 7; i < k; i++) repository = repository "/" part[i]
      if (k == 6 || k >= n) next
      if (part[1] != storage) { ended(); storage = part[1]; known = ""; print "u " storage }
      if (repository != known) { ended(); known = repository; print "r " known }
      time = whole($2)
      if (part[k] == "_layers" && n == k + 3) {
        if (part[k + 1] == "sha256" && hexed(part[k + 2])) print "l " part[k + 2] " " time
        else print "o"
      } else if (part[k + 1] == "revisions" && n == k + 4) {
        if (part[k + 2] == "sha256" && hexed(part[k + 3])) { revision[part[k + 3]]; print "m " part[k + 3] " " time }
        else print "o"
      } else if (part[k + 1] == "tags" && n > k + 3) {
        if (part[k + 2] != tag) { ended(); tag = part[k + 2]; stale = time }
        if (part[k + 3] == "current" && n == k + 4) {
          line = ""; if ((getline line < $3) > 0) sub(/^sha256:/, "", line); close($3)
          print "t " tag " " (hexed(line) ? line : "-") " " time
          current = 1
        } else if (time > stale) stale = time
      }
    }
    NF == 7 && $1 == "B" && $2 ~ /^8[0-9a-f][0-9a-f][0-9a-f]$/ {
      if (storage != "") ended()
      hex = substr($7, 4, 64)
      print "b " hex " " $3 " " $4 " " $5 " " $6
      if ((hex in revision) && $3 + 0 <= 4194304) print "sha256/" $7 > want
    }
    END { ended() }' || echo awk >> "$work/errors"
  set -- $(wc -l < "$work/manifests")
  echo "manifests $1"
  if [ "$1" = 0 ]; then :
  elif [ "$mode" = references ]; then archives | tr '\000' '\n' | $low awk '
    function hexed(s) { return length(s) == 64 && s ~ /^[0-9a-f]+$/ }
    function contents(text,    n, i, token, hex) {
      if (manifest == "" || text == "") return
      if (text ~ /\\u00(3[0-9aA]|[67][0-9a-fA-F])/) print "y " manifest
      n = split(text, token, "\"")
      for (i = 2; i <= n; i += 1) {
        if (token[i] == "manifests") print "i " manifest
        hex = substr(token[i], 8)
        if (token[i] ~ /^sha256:/ && hexed(hex)) print "x " manifest " " hex
      }
    }
    # Outside of its strings a manifest has no such text, and no string in it spans lines: only the header of a file looks like this.
    match($0, /sha256\/[0-9a-f][0-9a-f]\/[0-9a-f]+\/data$/) && RLENGTH == 79 {
      contents(substr($0, 1, RSTART - 1)); manifest = substr($0, RSTART + 10, 64); print "x " manifest; next
    }
    { contents($0) }' || echo awk >> "$work/errors"
  else archives; fi
  if grep -v -e 'No such file or directory' "$work/errors" | head -n 5 >&2 && [ -n "$(grep -v -e 'No such file or directory' "$work/errors" | head -n 1)" ]; then
    echo broken
  else
    echo end
  fi
}
if [ "$mode" = archives ] && command -v gzip >/dev/null 2>&1; then listing | $low gzip -1; else listing; fi
`;
