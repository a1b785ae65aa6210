import { expect } from 'vitest';
import type { Machine } from '../lab/lab.ts';

/** Where the prune's tools are counted and held; in memory, so that a power cut forgets it. */
const folder = '/run/mirrorfleet-held';

/** What `pgrep -f` knows the shell of a prune by, and no other: its script is in its command line. Who looks for it does not find itself. */
const ofPrune = 'mirrorfleet-prun[e]" ';
const untilItWorks = `until pid=$(pgrep -o -f '${ofPrune}'); do sleep 0.005; done`;

/**
 * Stands before `rm` and `rmdir` on the server. A call with which a prune removes something is a step; that whose number the order names does
 * half of its work, says so, and waits until it may go on. All others are the real program.
 */
const tool = String.raw`#!/bin/sh
name=$(basename "$0"); real=/usr/bin/$name; held=${folder}
case "$PWD $name $1 $2" in
  "/opt/mirrorfleet/data rm -f --") shift 2 ;;
  "/opt/mirrorfleet/data rmdir "*) ;;
  *) exec "$real" "$@" ;;
esac
[ "$name" = rmdir ] || set -- -f "$@"
[ -e "$held/order" ] || exec "$real" "$@"
echo "$name $#" >>"$held/steps"
[ "$(wc -l <"$held/steps")" = "$(cat "$held/order")" ] || exec "$real" "$@"
option=; [ "$name" = rmdir ] || { option=-f; shift; }
half=$(($# / 2))
while [ "$half" -gt 0 ]; do "$real" $option "$1"; shift; half=$((half - 1)); done
echo $$ >"$held/waiting.new"; mv "$held/waiting.new" "$held/waiting"
while [ ! -e "$held/go" ]; do sleep 0.02; done
[ $# -eq 0 ] || exec "$real" $option "$@"
`;

export type PruneVictim = 'core' | 'connection' | 'script' | 'server';

/** Steps of a prune on the server, and the ways in which it dies there. */
export class HeldPrune {
  readonly #server: Machine;

  constructor(server: Machine) {
    this.#server = server;
  }

  async install(): Promise<void> {
    for (const name of ['rm', 'rmdir']) await this.#server.writeFile(`/usr/local/bin/${name}`, tool, 0o755);
  }

  async uninstall(): Promise<void> {
    await this.#shell(`/usr/bin/rm -rf /usr/local/bin/rm /usr/local/bin/rmdir ${folder}`);
  }

  /** The next prune stops in the middle of this step; 0: at none. */
  async order(step: number): Promise<void> {
    await this.#shell(`rm -rf ${folder}; mkdir ${folder}; echo ${step} >${folder}/order`);
  }

  /** The steps that the last prune came by. */
  async steps(): Promise<string[]> {
    return (await this.#shell(`cat ${folder}/steps 2>/dev/null || true`)).split('\n').filter(Boolean);
  }

  /** Waits until a step is half done; a process of that prune. */
  async waiting(): Promise<number> {
    return Number(await this.#shell(`until [ -e ${folder}/waiting ]; do sleep 0.02; done; cat ${folder}/waiting`));
  }

  /** Waits until a prune works on the server and so many milliseconds more; its process, undefined when it has ended before. */
  async working(ms: number): Promise<number | undefined> {
    const found = await this.#shell(`${untilItWorks}; sleep ${ms / 1000}; [ ! -e /proc/$pid ] || echo $pid`);
    return found === '' ? undefined : Number(found);
  }

  /** Waits until a prune works on the server and has ended; the milliseconds in between. */
  async lasted(): Promise<number> {
    const script = `${untilItWorks}; from=$(date +%s%3N); while [ -e /proc/$pid ]; do sleep 0.005; done; echo $(($(date +%s%3N) - from))`;
    return Number(await this.#shell(script));
  }

  async release(): Promise<void> {
    await this.#shell(`[ ! -d ${folder} ] || touch ${folder}/go`);
  }

  /** SIGKILL to the whole session of the prune. */
  async killScript(pid: number): Promise<void> {
    const session = `ps -e -o pid=,sid= | awk -v sid="$(ps -o sid= -p ${pid} | tr -d ' ')" '$2 == sid { print $1 }'`;
    // Those that end with another of them are gone when their turn comes.
    await this.#shell(`for pid in $(${session}); do kill -KILL $pid 2>/dev/null || true; done`);
  }

  /** SIGKILL to the processes of sshd that serve the connection, not to the one that listens. One may end with another before its turn. */
  async killConnection(pid: number): Promise<void> {
    await this.#shell(String.raw`pid=${pid}; listener=$(cat /run/sshd.pid)
      while [ -n "$pid" ] && [ "$pid" -gt 1 ] && [ "$pid" != "$listener" ]; do
        above=$(ps -o ppid= -p "$pid" | tr -d ' ')
        case $(cat /proc/$pid/comm 2>/dev/null) in sshd*) kill -KILL "$pid" 2>/dev/null || true ;; esac
        pid=$above
      done`);
  }

  /** Waits until nothing of a prune runs on the server any more. */
  async ended(): Promise<void> {
    await expect.poll(async () => (await this.#server.exec(['pgrep', '-f', ofPrune])).code).toBe(1);
  }

  #shell(script: string): Promise<string> {
    return this.#server.mustExec(['sh', '-ec', script], { timeoutMs: 60_000 });
  }
}
