import { opening } from './remote-scripts.ts';

/**
 * Looks at a machine before anything is put on it, in one go and without changing anything. Arguments: base, edge port, Compose project,
 * then host and port of each upstream. It answers `key<TAB>words` lines. Upstreams are asked at the same time, each
 * with the best tool that is there: curl, wget, openssl (TLS), bash (TCP only).
 */
export const preflightScript = String.raw`${opening}base=$1 port=$2 project=$3; shift 3
say() { printf '%s\t%s\n' "$1" "$(printf '%s' "$2" | tr '\t\n' '  ' | cut -c 1-300)"; }
printf 'preflight\t1\n'
say clock "$(date +%s)"
say uid "$(id -u)"
say kernel "$(uname -s)"
say arch "$(uname -m)"
if [ -r /etc/os-release ]; then say os "$(. /etc/os-release; printf '%s' "\${PRETTY_NAME:-\${NAME:-}}")"; fi
say cpus "$(grep -c '^processor' /proc/cpuinfo 2>/dev/null || getconf _NPROCESSORS_ONLN)"
say memory "$(awk '/^MemTotal:/ {print $2 * 1024}' /proc/meminfo 2>/dev/null)"
at=$base
while [ ! -e "$at" ]; do at=$(dirname "$at"); done
say place "$at"
say disk "$(df -P -k "$at" 2>/dev/null | awk 'NR == 2 {print $2 * 1024, $4 * 1024}')"
say inodes "$(df -P -i "$at" 2>/dev/null | awk 'NR == 2 {print $2, $4}')"
if command -v docker >/dev/null 2>&1; then
  say docker "$(docker version --format '{{.Server.Version}}' 2>/dev/null </dev/null || echo stopped)"
  say ours "$(docker ps --filter "label=com.docker.compose.project=$project" --format '{{.Ports}}' 2>/dev/null </dev/null | tr '\n' ' ')"
fi
if v=$(docker compose version --short 2>/dev/null </dev/null); then say compose "plugin $v"
elif command -v docker-compose >/dev/null 2>&1; then say compose "standalone $(docker-compose version --short 2>/dev/null </dev/null)"; fi
if command -v podman >/dev/null 2>&1; then say podman "$(podman --version 2>/dev/null </dev/null)"; fi
if command -v ss >/dev/null 2>&1; then
  ss -Hltnp "sport = :$port" 2>/dev/null | head -n 4 | while IFS= read -r l; do say listener "$l"; done
  say ports checked
elif [ -r /proc/net/tcp ]; then
  hex=$(printf '%04X' "$port")
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v p=":$hex" '$4 == "0A" && substr($2, length($2) - 4) == p {print $2}' | head -n 4 | while IFS= read -r l; do say listener "$l"; done
  say ports checked
fi
if command -v getenforce >/dev/null 2>&1; then say selinux "$(getenforce 2>/dev/null)"; fi
if command -v timeout >/dev/null 2>&1; then limit='timeout 10'; else limit=; fi
work=$(mktemp -d) || exit 70
trap 'rm -rf "$work"' EXIT
ask() {
  if command -v curl >/dev/null 2>&1; then
    out=$(curl -sS -o /dev/null -m 10 --connect-timeout 8 -w '%{http_code}' "https://$1:$2/v2/" 2>&1 </dev/null); printf 'curl %s %s' "$?" "$out"
  elif command -v openssl >/dev/null 2>&1; then
    out=$($limit openssl s_client -connect "$1:$2" -servername "$1" -verify_return_error </dev/null 2>&1 >/dev/null | grep -i 'error\|errno' | head -n 1); printf 'openssl %s %s' "$([ -z "$out" ] && echo 0 || echo 1)" "$out"
  elif command -v bash >/dev/null 2>&1; then
    out=$($limit bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2" 2>&1 </dev/null); printf 'tcp %s %s' "$?" "$out"
  else printf 'none 0 -'; fi
}
n=0
while [ $# -gt 1 ]; do
  n=$((n + 1))
  ( r=$(ask "$1" "$2"); say "upstream" "$1:$2 $r" >"$work/$n" ) &
  shift 2
done
wait
cat "$work"/* 2>/dev/null
printf 'end\n'
`.replaceAll('\\${', '${');
