/**
 * The fixed texts that run on a node's machine. They are plain POSIX shell (dash, ash and bash alike), receive everything that varies
 * as arguments, and answer in lines of tab-separated words which the caller reads strictly. Nothing is ever pasted into them.
 */

/** What every script begins with: one language for messages, and the folders a login without a profile leaves out of PATH. */
export const opening = String.raw`set -u
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
t=$(printf '\t')
`;

const runVariable = 'MIRRORFLEET_RUN';

/** What every command of a run has in its environment. The id has an end, so that no run is taken for one whose id begins alike. */
export const environmentOf = (run: string): Readonly<Record<string, string>> => ({ [runVariable]: `${run};` });

/**
 * Waits until nothing that a run has started is at work on this machine any more: so many seconds (10) for it to end by itself, then it is
 * asked to, 5 s later killed. What a lost connection or a dead computer leaves running would else work on beside what comes next.
 */
export const endRun = String.raw`
of_run() { for e in $(grep -lsF -- "${runVariable}=$1;" /proc/[0-9]*/environ); do e=\${e#/proc/}; echo "\${e%/environ}"; done; }
end_run() {
  patience=$((\${2:-10} * 10)) tenths=0
  while pids=$(of_run "$1") && [ -n "$pids" ]; do
    if [ "$tenths" -ge $((patience + 100)) ]; then return 1
    elif [ "$tenths" -ge $((patience + 50)) ]; then kill -s KILL $pids 2>/dev/null
    elif [ "$tenths" -ge "$patience" ]; then kill $pids 2>/dev/null; fi
    if sleep 0.1 2>/dev/null; then tenths=$((tenths + 1)); else sleep 1; tenths=$((tenths + 10)); fi
  done
}
`.replaceAll('\\${', '${');

/**
 * Lets a run go on whose connection was lost: ends what it left at work, and clears away what that was just writing. Arguments: its id, the
 * base or an empty word, and how many seconds it may take to end by itself (10). Exits 3 where the lock there is not its own, 1 where
 * something does not end.
 */
export const goOnScript =
  String.raw`${opening}${endRun}[ -z "$2" ] || grep -qF -- "\"run\":\"$1\"" "$2/lock" 2>/dev/null || exit 3
end_run "$1" "\${3:-10}" || exit 1
[ -z "$2" ] || rm -rf "$2/.incoming"
`.replaceAll('\\${', '${');

/**
 * Everything a plan needs, in one answer. Arguments: base, Compose project, the two image references, then the folders (relative to the
 * base) whose state matters below `data`. The text of a file is sent only where everyone on that machine may read it (mode o+r):
 * a key never travels to be compared.
 */
export const observeScript = String.raw`${opening}
base=$1 project=$2 registry=$3 envoy=$4; shift 4
work=$(mktemp -d) || exit 70
trap 'rm -rf "$work"' EXIT
{
  if command -v docker >/dev/null 2>&1; then
    printf 'docker\tpresent\n'
    # This one verb pads tabs into columns.
    docker version --format 'engine|{{.Server.Version}}|{{.Server.Os}}/{{.Server.Arch}}' 2>/dev/null </dev/null | grep '^engine|[0-9]' | tr '|' '\t'
  fi
} >"$work/engine" &
{
  found=
  for d in "$HOME/.docker" /usr/local/lib/docker /usr/local/libexec/docker /usr/lib/docker /usr/libexec/docker; do
    [ ! -x "$d/cli-plugins/docker-compose" ] || found=plugin
  done
  if [ -n "$found" ]; then printf 'compose\tplugin\n'
  elif command -v docker-compose >/dev/null 2>&1; then printf 'compose\tstandalone\n'; fi
} >"$work/compose" &
docker ps -a --no-trunc --filter "label=com.docker.compose.project=$project" \
  --format "container$t{{.ID}}$t{{.Label \"com.docker.compose.service\"}}$t{{.State}}$t{{.Image}}" 2>/dev/null </dev/null >"$work/containers" &
known=
if [ -f "$base/state.json" ]; then
  known=$(sed -n 's/^ *"identity": "\([A-Za-z0-9:@/._-]*\)",\{0,1\}$/\1/p' "$base/state.json" | head -n 4)
fi
{
  for i in "$registry" "$envoy" $known; do
    docker image inspect --format "image$t$i$t{{.Id}}$t{{.Size}}$t{{json .RepoTags}}$t{{json .RepoDigests}}" -- "$i" 2>/dev/null </dev/null
  done | grep "^image$t"
} >"$work/images" &
printf 'observe\t1\n'
if [ -L "$base" ]; then printf 'base\tlink\n'
elif [ ! -e "$base" ]; then printf 'base\tabsent\n'
elif [ ! -d "$base" ]; then printf 'base\tfile\n'
elif ! cd "$base"; then printf 'base\tunreadable\n'
else
  printf 'base\tpresent\n'
  own() { find . -mindepth 1 \( -path ./data -o -path ./.previous -o -path ./.incoming \) -prune -o "$@"; }
  own -type f -exec stat -c "file$t%a$t%u$t%g$t%s$t%n" {} + | head -n 1000
  own -type f -exec sha256sum {} + | head -n 1000 | sed "s/^\([0-9a-f]\{64\}\)  /hash$t\1$t/"
  own -type d -exec stat -c "dir$t%a$t%u$t%g$t%n" {} + | head -n 200
  own ! -type f ! -type d -print | head -n 200 | sed "s/^/odd$t/"
  own -type f -perm -004 -size -512k -print | head -n 200 | while IFS= read -r f; do
    printf 'text\t%s\t' "$f"; base64 <"$f" | tr -d '\n'; echo
  done
  for d in data .previous "$@"; do
    if [ -L "$d" ]; then printf 'link\t./%s\t%s\n' "$d" "$(readlink "$d")"
    elif [ -d "$d" ]; then stat -c "dir$t%a$t%u$t%g$t./$d" "$d"; fi
  done
  if [ -f lock ]; then printf 'lock\t%s\t' "$(($(date +%s) - $(stat -c %Y lock)))"; base64 <lock | tr -d '\n'; echo; fi
fi
wait
cat "$work/engine" "$work/compose" "$work/containers" "$work/images"
printf 'end\n'
`;

/**
 * Takes the node's lock. Arguments: base, lock text, age in seconds after which a silent holder is taken for dead, our installation,
 * "break" to take it in any case. Prints `taken`, or `held`, age and text. A hard link of a complete, flushed file makes
 * it atomic and never empty, also after a power cut. What the holder whose lock is taken over left at work is ended first.
 */
export const lockScript = String.raw`${opening}${endRun}
base=$1 text=$2 stale=$3 ours=$4 force=$5
[ ! -L "$base" ] || { printf 'base\tlink\n'; exit 0; }
umask 022
mkdir -p "$base" || exit 71
cd "$base" || exit 71
mine=.lock.$$
trap 'rm -f "$mine"' EXIT
{ printf '%s\n' "$text" >"$mine" && { sync "$mine" 2>/dev/null || sync; }; } || exit 72
# What a power cut left: after it another program may have the number that the name ends with, so its words tell.
for f in .lock.* .brought.*; do grep -qsF -- "\${f%.*}."'$$' "/proc/\${f##*.}/cmdline" || rm -f "$f"; done
if ! ln "$mine" lock 2>/dev/null; then
  seen=$(cat lock 2>/dev/null)
  age=$(($(date +%s) - $(stat -c %Y lock 2>/dev/null || echo 0)))
  if [ "$force" = break ] || [ "$age" -gt "$stale" ] || grep -qF -- "\"installation\":\"$ours\"" lock 2>/dev/null; then
    run=$(printf '%s\n' "$seen" | sed -n 's/.*"run":"\([0-9A-Za-z-]\{8,64\}\)".*/\1/p')
    [ -z "$run" ] || end_run "$run"
    # Another may have taken it over meanwhile.
    if [ "$(cat lock 2>/dev/null)" != "$seen" ]; then
      printf 'held\t0\t'; base64 <lock | tr -d '\n'; echo
      exit 0
    fi
    mv -f "$mine" lock
    # What its holder was just writing; the next run may have nothing to write.
    rm -rf .incoming
  else
    printf 'held\t%s\t' "$age"; base64 <lock | tr -d '\n'; echo
    exit 0
  fi
fi
printf 'taken\n'
`.replaceAll('\\${', '${');

/** Gives the lock back if it is still ours. Arguments: base, run id; `touch` as third only shows that the holder lives. */
export const unlockScript = String.raw`${opening}
cd "$1" 2>/dev/null || exit 0
grep -qF -- "\"run\":\"$2\"" lock 2>/dev/null || exit 3
if [ "$3" = touch ]; then touch lock; else rm -f lock; fi
`;

/** Whose the files in .previous are: what {@link environmentOf} gives the run that began the set. */
const keptBy = '.previous/.run';

/**
 * Puts many files in place from one tar archive on standard input. Arguments: base; "fresh" to keep what was there in .previous after
 * emptying it, "keep" to add to it, "only" to keep nothing; then the paths in the order of their renames. Every file is written beside
 * its place, flushed, then renamed: at any moment each path holds the old bytes or the new ones.
 */
export const writeScript = String.raw`${opening}
set -e
base=$1 keep=$2; shift 2
cd "$base"
umask 077
# Where there are no hard links. What an undo brings back is the whole file, so a copy gets its name when it is one.
copy() { cp -p "$1" .incoming/.kept && { sync .incoming/.kept 2>/dev/null || sync; } && mv -f .incoming/.kept "$2"; }
rm -rf .incoming
mkdir .incoming
tar -xpmf - -C .incoming
find .incoming -type f -exec sync {} + 2>/dev/null || sync
if [ "$keep" = fresh ]; then
  rm -rf .previous
  mkdir .previous
  printf '%s\n' "$${runVariable}" >${keptBy}
  sync ${keptBy} 2>/dev/null || sync
fi
for f in "$@"; do
  if [ "$keep" != only ] && [ -f "$f" ] && [ ! -e ".previous/$f" ]; then
    case $f in */*) mkdir -p ".previous/\${f%/*}" ;; esac
    ln "$f" ".previous/$f" 2>/dev/null || copy "$f" ".previous/$f"
  fi
  mv -f ".incoming/$f" "$f"
  printf 'written\t%s\n' "$f"
done
rm -rf .incoming
sync . 2>/dev/null || sync
`.replaceAll('\\${', '${');

/** Makes folders and links. Standard input: one per line `dir|path|mode|uid|gid` or `link|path|target`. Argument: base. */
export const directoriesScript = String.raw`${opening}
set -e
cd "$1"
umask 022
while IFS='|' read -r kind path a b c; do
  case $kind in
  dir) [ -d "$path" ] || mkdir -p "$path"; chown "$b:$c" "$path"; chmod "$a" "$path" ;;
  link) [ "$(readlink "$path" 2>/dev/null)" = "$a" ] || { rm -f "$path.new"; ln -s "$a" "$path.new"; mv -f -T "$path.new" "$path" 2>/dev/null || { rm -f "$path"; mv -f "$path.new" "$path"; }; } ;;
  *) exit 73 ;;
  esac
done
printf 'made\n'
`;

/**
 * Takes files back. Arguments: base, then for each file a verb and its path: `restore` what was kept in .previous, `delete` what did not
 * exist before, `retire` a file into .previous. Empty folders that are left stay. Goes through all of them, and exits 1 where one failed.
 * What an earlier run kept stays where it is: a run whose writing failed before it kept anything has changed nothing that could return.
 */
export const restoreScript = String.raw`${opening}
cd "$1" || exit 71
shift
bad=0
ours=
# A write that failed for want of room left it; what is kept returns by a rename, which needs none. Where
# it broke off between keeping a file and replacing it, both names are the one file, and mv refuses that.
rm -rf .incoming
if grep -qsxF -- "$${runVariable}" ${keptBy}; then ours=1; fi
while [ $# -gt 1 ]; do
  case $1 in
  restore) if [ -n "$ours" ] && [ -e ".previous/$2" ]; then { { [ ".previous/$2" -ef "$2" ] || mv -f ".previous/$2" "$2"; } && printf 'restored\t%s\n' "$2"; } || bad=1; fi ;;
  delete) { rm -f "$2" && printf 'deleted\t%s\n' "$2"; } || bad=1 ;;
  retire) if [ -f "$2" ]; then { mkdir -p "$(dirname ".previous/$2")" && mv -f "$2" ".previous/$2" && printf 'retired\t%s\n' "$2"; } || bad=1; fi ;;
  *) bad=1 ;;
  esac
  shift 2
done
exit "$bad"
`;

/**
 * Removes the containers and networks of a Compose project by their label. Argument: the project. Exits 1 where one stays, and where Docker
 * does not tell which there are.
 */
export const removeContainersScript = String.raw`${opening}
of="label=com.docker.compose.project=$1"
ids=$(docker ps -aq --filter "$of") || exit 1
for id in $ids; do docker rm -f "$id" >/dev/null || exit 1; done
ids=$(docker network ls -q --filter "$of") || exit 1
for id in $ids; do docker network rm "$id" >/dev/null || exit 1; done
`;

/**
 * Removes a node's files. Arguments: base, "keep" or "drop" (the cache), then our files in the order in which they go.
 * The base itself goes when nothing is left in it; what is left is named. A link in the base's place is never followed.
 */
export const removeScript = String.raw`${opening}
base=$1 cache=$2; shift 2
[ ! -L "$base" ] || exit 74
[ -d "$base" ] || exit 0
cd "$base" || exit 71
rm -rf ./.previous ./.incoming
# Folders without a single blob, such as an apply leaves that broke off before it served, are no cache.
kept=lock
if [ "$cache" = keep ] && [ -d ./data/blobs/sha256 ]; then kept=data; else rm -rf ./data; fi
for f in "$@"; do rm -f "./$f"; done
for f in "$@"; do
  d=$f
  while :; do
    case $d in */*) d=\${d%/*} ;; *) break ;; esac
    rmdir "./$d" 2>/dev/null || break
  done
done
find . -mindepth 1 -maxdepth 1 ! -name lock ! -name '.lock.*' ! -name '.brought.*' ! -name "$kept" -print | head -n 20 | sed "s/^/left$t/"
rm -f ./lock ./.lock.* ./.brought.*
cd / && rmdir "$base" 2>/dev/null
printf 'removed\n'
`.replaceAll('\\${', '${');
