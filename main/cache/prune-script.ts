import { workFolder } from './work-folder.ts';

/**
 * Takes away what a plan names, on a live node, without restarting anything; a fixed text for `sh -c`, run as root with the node's folder
 * as `$1` and the plan on standard input. It is given as an argument because standard input is the plan's: a shell may read ahead.
 *
 *     mirrorfleet-prune 1 <the snapshot's time>
 *     T <storage> <repository> <tag>     R|L <storage> <repository> <hex>     B <hex>
 *     end <number of lines between>
 *
 * Safe by order: tags go first (an image half gone answers 404 and not a broken pull), then revisions with indexes first, then layer
 * links, and a blob only if after all that no link of any repository names it. Whatever was used since the snapshot stays: a tag whose
 * link changed, the whole repository where a manifest came or a doomed one was asked for by tag. Stopped at any point it leaves only data
 * that nothing refers to, which the next run finds. It unlinks files called `link` and `data` and removes empty folders, nothing else and
 * never recursively, so not even a link planted by a registry leads it anywhere.
 *
 * Exit: 10 no node, 11 a tool is missing (named on stderr), 12 no temporary folder, 13 a descriptor cache is on (file on stderr), 14 the plan is not
 * one, 15 part of the cache cannot be read, 16 the pins changed since the snapshot, 75 another prune runs, or an apply whose lock file is fresh. The lock is the data folder's own and leaves no file.
 */
export const pruneScript = String.raw`set -u
LC_ALL=C; export LC_ALL; umask 077
base=$1
cd "$base/data" 2>/dev/null && [ -d blobs ] || exit 10
for tool in find awk stat xargs flock touch; do command -v "$tool" >/dev/null 2>&1 || { echo "$tool" >&2; exit 11; }; done
grep -lE '^[[:space:]]*cache:' "$base"/registry/*.yml >&2 2>/dev/null && exit 13
grep -lE 'REGISTRY_STORAGE_CACHE' "$base/compose.yaml" >&2 2>/dev/null && exit 13
[ -z "$(find "$base/lock" -type f -mmin -5 2>/dev/null)" ] || exit 75
exec 9<. && flock -n 9 || exit 75
${workFolder} || exit 12
trap 'rm -rf "$work"' EXIT; trap 'exit 129' HUP INT TERM PIPE
low=
if command -v nice >/dev/null 2>&1; then low='nice -n 19'; fi
for list in tags revisions layers blobs places repositories errors tags.now revisions.now layers.now repositories.now; do : > "$work/$list"; done

awk -v work="$work" '
  function bad() { failed = 1; exit 14 }
  function hexed(s) { return length(s) == 64 && s ~ /^[0-9a-f]+$/ }
  function plain(s) { return s ~ /^[a-z0-9][a-z0-9._\/-]*$/ && s !~ /\.\./ && s !~ /\/\// && s !~ /\/[._-]/ && s !~ /\/$/ }
  NR == 1 {
    if (NF != 3 || $1 != "mirrorfleet-prune" || $2 != "1" || $3 !~ /^[0-9]+(\.[0-9]+)?$/) bad()
    print $3 > (work "/since"); next
  }
  ended { bad() }
  $1 == "end" { if (NF != 2 || $2 != NR - 2) bad(); ended = 1; next }
  $1 == "B" { if (NF != 2 || !hexed($2)) bad(); print "blobs/sha256/" substr($2, 1, 2) "/" $2 > (work "/blobs"); next }
  {
    if (NF != 4 || !plain($2) || $2 ~ /\// || $2 == "blobs" || $2 == "offline" || !plain($3)) bad()
    place = $2 "/docker/registry/v2/repositories/" $3
    if ($1 == "T") {
      if ($4 !~ /^[A-Za-z0-9_][A-Za-z0-9._-]*$/ || length($4) > 128) bad()
      print place "/_manifests/tags/" $4 > (work "/tags")
    } else if ($1 == "R" && hexed($4)) print place "/_manifests/revisions/sha256/" $4 > (work "/revisions")
    else if ($1 == "L" && hexed($4)) print place "/_layers/sha256/" $4 > (work "/layers")
    else bad()
    if (!(place in seen)) {
      seen[place]; print place > (work "/repositories")
      print place "/_manifests" > (work "/places"); print place "/_layers" > (work "/places")
    }
  }
  END { if (failed || !ended) exit 14 }' || exit 14
touch -d "@$(cat "$work/since")" "$work/since.mark" || exit 12
[ -z "$(find "$base/pins" -newer "$work/since.mark" 2>/dev/null)" ] || exit 16

readable() { [ -z "$(grep -v 'No such file or directory' "$work/errors" | head -n 1)" ] || { head -n 3 "$work/errors" >&2; exit 15; }; }
changed() { $low xargs -r sh -c 'mark=$1 depth=$2; shift 2; exec find "$@" -maxdepth "$depth" -type f -name link -newer "$mark"' sh "$work/since.mark" "$1"; }
spare() {
  changed 99 < "$work/places" > "$work/changed" 2>>"$work/errors"
  readable
  awk -v work="$work" '
    function placed(s) { sub(/\/_(manifests|layers)\/.*/, "", s); return s }
    function folder(s) { sub(/\/link$/, "", s); return s }
    step == 1 && /\/_layers\// { spared[folder($0)]; next }
    step == 1 && /\/_manifests\/revisions\// { busy[placed($0)]; next }
    step == 1 && /\/current\/link$/ {
      line = ""; if ((getline line < $0) > 0) sub(/^sha256:/, "", line); close($0)
      wanted[placed($0) "/_manifests/revisions/sha256/" line]
      tag = folder($0); sub(/\/current$/, "", tag); spared[tag]
      next
    }
    step == 1 { next }
    step == 2 { if ($0 in wanted) busy[placed($0)]; next }
    $0 in spared { print "kept " $0; next }
    step == 3 { next }
    placed($0) in busy { print "kept " $0; next }
    step == 4 { print > (work "/revisions.now"); next }
    step == 5 { print > (work "/layers.now"); next }
    !($0 in busy) { print > (work "/repositories.now") }' \
    step=1 "$work/changed" step=2 "$work/revisions" step=3 "$work/tags" step=4 "$work/revisions" step=5 "$work/layers" step=6 "$work/repositories" > "$work/kept"
}
unlink_all() { $low sed "s|\$|/$1|" | xargs -r rm -f --; }
rmdir_all() { $low xargs -r rmdir 2>/dev/null; }

echo "step tags"
sed 's|$|/current/link|' "$work/tags" | changed 0 > "$work/changed" 2>>"$work/errors"
readable
awk -v work="$work" '
  step == 1 { sub(/\/current\/link$/, ""); spared[$0]; next }
  $0 in spared { print "kept " $0; next }
  { print > (work "/tags.now") }' step=1 "$work/changed" step=2 "$work/tags" > "$work/kept.tags"
unlink_all current/link < "$work/tags.now"
xargs -r sh -c 'exec find "$@" -type f -name link ! -path "*/current/link"' sh < "$work/tags.now" 2>/dev/null | xargs -r rm -f --
xargs -r sh -c 'exec find "$@" -depth -type d' sh < "$work/tags.now" 2>/dev/null | rmdir_all

echo "step manifests"
spare
unlink_all link < "$work/revisions.now"
rmdir_all < "$work/revisions.now"
unlink_all link < "$work/layers.now"
rmdir_all < "$work/layers.now"

echo "step check"
if [ -s "$work/blobs" ]; then
  for storage in *; do
    root=$storage/docker/registry/v2/repositories
    case $storage in blobs|offline) continue;; esac
    [ -d "$root" ] && [ ! -L "$storage" ] || continue
    $low find "$root" -type f -name link ! -path '*/tags/*'
  done > "$work/links" 2>>"$work/errors"
  readable
fi
[ -e "$work/links" ] || : > "$work/links"
sed 's|$|/data|' "$work/blobs" | $low xargs -r stat -c '%b %Z %n' 2>/dev/null > "$work/there"
awk -v since="$(cat "$work/since")" '
  step == 1 { n = split($0, part, "/"); if (n > 2) linked[part[n - 1]]; next }
  { n = split($3, part, "/"); if (!(part[n - 1] in linked) && $2 + 0 <= since + 0) print $1 " " $3 }' \
  step=1 "$work/links" step=2 "$work/there" > "$work/doomed"

echo "step blobs $(wc -l < "$work/doomed")"
sed 's|^[0-9]* ||' "$work/doomed" | $low xargs -r -n 200 sh -c 'rm -f -- "$@"; echo "removed $#"' sh
sed 's|^[0-9]* ||' "$work/doomed" | xargs -r stat -c '%b %n' 2>/dev/null > "$work/stubborn"
sed 's|^[0-9]* ||; s|/data$||' "$work/doomed" | rmdir_all
awk '{ r = $0; print r "/_layers/sha256"; print r "/_layers"
  print r "/_manifests/revisions/sha256"; print r "/_manifests/revisions"; print r "/_manifests/tags"; print r "/_manifests"; print r "/_uploads"
  while (r !~ /\/v2\/repositories$/) { print r; sub(/\/[^\/]*$/, "", r) } }' "$work/repositories.now" | rmdir_all
sort -u "$work/kept" "$work/kept.tags"
awk '{ sign = (FILENAME ~ /stubborn$/) ? -1 : 1; blocks += sign * $1; files += sign }
  END { printf "freed %.0f %d\n", blocks * 512, files }' "$work/doomed" "$work/stubborn"
echo "done"
`;
