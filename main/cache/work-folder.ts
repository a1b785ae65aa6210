/**
 * Lines of shell that make a temporary folder for a script of the cache, `$work`, named by the process that works in it. The folders of
 * processes that are gone, which had no time to clean up (a kill, a lost connection), are removed first: it is root's disk, or this user's.
 * What follows these lines in a script says what to do where none can be made.
 */
export const workFolder = `for old in "\${TMPDIR:-/tmp}"/mirrorfleet-cache.*; do
  maker=\${old##*/mirrorfleet-cache.}; maker=\${maker%%.*}
  case $maker in ''|*[!0-9]*) continue ;; esac
  if [ -d "$old" ] && [ ! -L "$old" ] && [ -O "$old" ] && ! kill -0 "$maker" 2>/dev/null; then rm -rf -- "$old"; fi
done
work=$(mktemp -d -t "mirrorfleet-cache.$$.XXXXXX")`;
