import { workFolder } from './work-folder.ts';

/**
 * Compares the files of the cache with the digests they are named by; a fixed text for `sh -c`, run as root with the node's folder as `$1`.
 * Manifests are left out: the list made before has checked their bytes, and reading them here would make every image look used.
 * It reads behind everything else (nice, ionice), holds no lock and changes nothing.
 *
 *     total <files> <bytes>    read <files> <bytes>    bad <hex>    unread <hex>    end
 *
 * `unread` is a file that is there and could not be read. Exit: 10 no node, 11 a tool is missing, 12 no temporary folder, 15 a folder cannot be read.
 */
export const scrubScript = String.raw`set -u
LC_ALL=C; export LC_ALL; umask 077
cd "$1/data" 2>/dev/null && [ -d blobs ] || exit 10
for tool in find awk stat xargs sha256sum; do command -v "$tool" >/dev/null 2>&1 || { echo "$tool" >&2; exit 11; }; done
${workFolder} || exit 12
trap 'rm -rf "$work"' EXIT; trap 'exit 129' HUP INT TERM PIPE
low=
if command -v nice >/dev/null 2>&1; then low='nice -n 19'; fi
if ionice -c3 true >/dev/null 2>&1; then low="$low ionice -c3"; fi
: > "$work/errors"
for storage in *; do
  root=$storage/docker/registry/v2/repositories
  case $storage in blobs|offline) continue;; esac
  [ -d "$root" ] && [ ! -L "$storage" ] || continue
  $low find "$root" -type f -path '*/_manifests/revisions/sha256/*/link' 2>>"$work/errors"
done | awk -F / '{ print $(NF - 1) }' > "$work/manifests"
if [ -d blobs/sha256 ]; then
  $low find blobs/sha256 -mindepth 3 -maxdepth 3 -type f -name data -print0 2>>"$work/errors" | xargs -0 -r stat -c '%s %n' 2>/dev/null
fi | awk '
  FNR == NR { manifest[$1]; next }
  { n = split($2, part, "/") }
  n == 5 && length(part[4]) == 64 && part[4] ~ /^[0-9a-f]+$/ && part[3] == substr(part[4], 1, 2) && !((part[4] in manifest) && $1 <= 4194304)' \
  "$work/manifests" - > "$work/files"
if [ -n "$(grep -v 'No such file or directory' "$work/errors" | head -n 1)" ]; then head -n 3 "$work/errors" >&2; exit 15; fi
awk '{ bytes += $1 } END { printf "total %d %.0f\n", NR, bytes }' "$work/files"
cat > "$work/judge.awk" <<'END'
$1 == "f" { files++; bytes += $2; there[$3]; next }
{ split($3, part, "/"); seen[$3]; if (part[4] != $2) print "bad " part[4] }
END {
  for (path in there) if (!(path in seen) && system("test -e " path) == 0) { split(path, part, "/"); print "unread " part[4] }
  printf "read %d %.0f\n", files, bytes
}
END
cat > "$work/batch.sh" <<'END'
work=$1; shift
stat -c 'f %s %n' "$@" > "$work/batch" 2>/dev/null
sha256sum "$@" 2>/dev/null | sed 's/^/s /' >> "$work/batch"
exec awk -f "$work/judge.awk" "$work/batch"
END
sed 's/^[0-9]* //' "$work/files" | $low xargs -r -n 16 sh "$work/batch.sh" "$work" || exit 15
echo end
`;

/**
 * Removes damaged files and the links that would serve them, so that the next pull fetches them again; digests (hex), one a line, on standard
 * input, the node's folder as `$1`. Each file is read once more before: one that is right by now stays (`healed`), one that cannot be read
 * stays, too (`unread`). Tags go first, then revisions and layers, the file last, so that a pull in between finds a clean 404.
 * Exit: 10 no node, 12 no temporary folder, 15 part of the cache cannot be read, 75 a prune or an apply is at work.
 */
export const repairScript = String.raw`set -u
LC_ALL=C; export LC_ALL; umask 077
cd "$1/data" 2>/dev/null && [ -d blobs ] || exit 10
[ -z "$(find "$1/lock" -type f -mmin -5 2>/dev/null)" ] || exit 75
exec 9<. && flock -n 9 || exit 75
${workFolder} || exit 12
trap 'rm -rf "$work"' EXIT; trap 'exit 129' HUP INT TERM PIPE
for list in bad links errors; do : > "$work/$list"; done
while read -r hex; do
  case $hex in *[!0-9a-f]*|'') exit 14;; esac
  file=blobs/sha256/$(printf %.2s "$hex")/$hex/data
  [ -f "$file" ] || continue
  if sum=$(sha256sum < "$file" 2>/dev/null); then
    case $sum in "$hex "*) echo "healed $hex";; *) echo "$hex" >> "$work/bad";; esac
  else echo "unread $hex"; fi
done
for storage in *; do
  root=$storage/docker/registry/v2/repositories
  case $storage in blobs|offline) continue;; esac
  [ -d "$root" ] && [ ! -L "$storage" ] || continue
  find "$root" -type f -name link 2>>"$work/errors"
done | awk '
  FNR == NR { bad[$1]; next }
  { n = split($0, part, "/") }
  part[n - 1] in bad { print (($0 ~ /\/tags\//) ? 1 : 2) " " $0; next }
  part[n - 1] == "current" {
    line = ""; if ((getline line < $0) > 0) sub(/^sha256:/, "", line); close($0)
    if (line in bad) print "1 " $0
  }' "$work/bad" - | sort > "$work/links"
if [ -n "$(grep -v 'No such file or directory' "$work/errors" | head -n 1)" ]; then head -n 3 "$work/errors" >&2; exit 15; fi
sed 's/^[12] //' "$work/links" | xargs -r rm -f --
while read -r hex; do
  folder=blobs/sha256/$(printf %.2s "$hex")/$hex
  blocks=$(stat -c %b "$folder/data" 2>/dev/null || echo 0)
  rm -f -- "$folder/data" && echo "removed $hex $((blocks * 512))"
  rmdir "$folder" 2>/dev/null
done < "$work/bad"
echo end
`;
