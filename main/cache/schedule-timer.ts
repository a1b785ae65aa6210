import type { NodeLayout } from '../fleet/node-layout.ts';
import type { Schedule } from '../../preload/contract/cache.ts';

/** A file of the machine, beside the node's own, that starts the schedule. */
export interface TimerFile {
  readonly path: string;
  readonly text: string;
}

/** What starts the script: two units of systemd, or a line for cron. The words are for whoever finds them on the server. */
export function timerFiles(layout: NodeLayout, { at }: Schedule): { systemd: readonly TimerFile[]; cron: TimerFile } {
  const name = timerName(layout);
  const script = `${layout.schedule.folder}/prune.sh`;
  const [hour = '3', minute = '30'] = at.split(':');
  return {
    systemd: [
      {
        path: `/etc/systemd/system/${name}.service`,
        text: `# Written by Mirrorfleet; taken off by: mirrorfleet cache schedule NODE --off
[Unit]
Description=Prune the image cache in ${layout.base}
RequiresMountsFor=${layout.base}

[Service]
Type=oneshot
Nice=19
IOSchedulingClass=idle
ExecStart=/bin/sh ${script}
`,
      },
      {
        path: `/etc/systemd/system/${name}.timer`,
        text: `# Written by Mirrorfleet; taken off by: mirrorfleet cache schedule NODE --off
[Unit]
Description=Prune the image cache in ${layout.base} every day

[Timer]
OnCalendar=*-*-* ${at}:00
Persistent=true

[Install]
WantedBy=timers.target
`,
      },
    ],
    cron: {
      path: `/etc/cron.d/${name}`,
      text: `# Written by Mirrorfleet; taken off by: mirrorfleet cache schedule NODE --off
${Number(minute)} ${Number(hour)} * * * root /bin/sh ${script} >/dev/null 2>&1
`,
    },
  };
}

/** The name of the units and of cron's file: the Compose project's, so that two nodes on one machine have two. */
export function timerName(layout: Pick<NodeLayout, 'project'>): string {
  return `${layout.project}-prune`;
}

const opening = String.raw`set -u
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
name=$1
timer=/etc/systemd/system/$name.timer service=/etc/systemd/system/$name.service entry=/etc/cron.d/$name
systemd() { [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; }
# A crontab is no timer where nothing reads it.
cron() { grep -qxE 'cron|crond' /proc/[0-9]*/comm 2>/dev/null; }
# Lines of ours in root's own crontab, where there is no /etc/cron.d, end with this.
mark="# $name"
others() { crontab -l 2>/dev/null | grep -vF -- "$mark"; }
`;

/**
 * Starts the timer, and answers by whom it will be started: `systemd` or `cron`. Arguments: the name, then the texts of service, timer and
 * cron's file. Exit 20 where neither systemd nor a cron daemon runs; nothing was changed then.
 */
export const startTimerScript = String.raw`${opening}
put() { # path, text
  printf '%s' "$2" > "$1.new" && chmod 644 "$1.new" && mv -f "$1.new" "$1"
}
if systemd; then
  put "$service" "$2" && put "$timer" "$3" || exit 21
  systemctl daemon-reload && systemctl enable --now "$name.timer" >/dev/null || exit 21
  # Enabling does not make a running timer read its new time.
  systemctl restart "$name.timer" || exit 21
  rm -f "$entry"
  echo systemd
elif cron; then
  if [ -d /etc/cron.d ]; then put "$entry" "$4" || exit 21
  elif command -v crontab >/dev/null 2>&1; then
    { others; printf '%s' "$4" | sed -n "s|^\([0-9* ]*\) root \(.*\)|\1 \2 $mark|p"; } | crontab - || exit 21
  else exit 20; fi
  echo cron
else exit 20; fi
`;

/**
 * Takes timer, cron's entry and the folder of the schedule away. Arguments: the name, the folder, its files. What somebody else put into that
 * folder stays and is named on standard error. Nothing there is fine.
 */
export const stopTimerScript = String.raw`${opening}
folder=$2; shift 2
bad=0
if [ -e "$timer" ] || [ -e "$service" ]; then
  if systemd; then systemctl disable --now "$name.timer" >/dev/null 2>&1; fi
  rm -f "$timer" "$service" "/etc/systemd/system/timers.target.wants/$name.timer" || bad=1
  if systemd; then systemctl daemon-reload || bad=1; systemctl reset-failed "$name.service" "$name.timer" 2>/dev/null; fi
fi
rm -f "$entry" || bad=1
if command -v crontab >/dev/null 2>&1 && crontab -l 2>/dev/null | grep -qF -- "$mark"; then others | crontab - || bad=1; fi
rm -f "/var/lib/systemd/timers/stamp-$name.timer"
if [ -d "$folder" ] && [ ! -L "$folder" ]; then
  cd "$folder" || exit 22
  rm -f -- "$@" || bad=1
  cd /
  rmdir "$folder" 2>/dev/null || { ls -A "$folder" >&2; bad=1; }
fi
[ "$bad" = 0 ] || exit 22
`;

/**
 * What is on the node: a first line `systemd`, `cron` or `none` (what will start it), then the rules and the last run, each after a line of its
 * own. Arguments: the name, the folder. A timer that is switched off, or whose cron is gone, starts nothing and is `none`.
 */
export const showTimerScript = String.raw`${opening}
folder=$2
[ -d "$(dirname "$folder")/data" ] || exit 10
if systemd && [ -e "$timer" ] && systemctl is-active --quiet "$name.timer"; then echo systemd
elif [ -e "$entry" ] && cron; then echo cron
elif command -v crontab >/dev/null 2>&1 && crontab -l 2>/dev/null | grep -qF -- "$mark" && cron; then echo cron
else echo none; fi
for file in rules last-run; do
  [ -f "$folder/$file" ] || continue
  printf -- '-- %s\n' "$file"; head -c 4096 "$folder/$file"; echo
done
`;
