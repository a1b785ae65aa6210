import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from '../lab/internet/faults.ts';
import type { GateClient } from '../lab/internet/gate-client.ts';
import type { UpstreamName } from '../lab/internet/upstreams.ts';

/** A time, in milliseconds since 1970, in which something was wrong with a place; without an end it still is. */
export interface Window {
  readonly what: string;
  readonly where: string;
  readonly from: number;
  to?: number;
}

/** Whether a stretch of time and a window of that place have a moment in common. */
export function touches({ from, to, where }: Window, place: string, began: number, ended: number): boolean {
  return where === place && from <= ended && (to ?? Number.POSITIVE_INFINITY) >= began;
}

const faults: readonly Fault[] = [
  { kind: 'status', status: 429 },
  { kind: 'hang' },
  { kind: 'cut', afterBytes: 20_000 },
  { kind: 'status', status: 503 },
  { kind: 'slow', bytesPerSecond: 400_000 },
];

/** Faults of the lab's internet that come and go: one upstream at a time, each kind in turn. */
export class Weather {
  readonly windows: Window[] = [];
  readonly #gate: GateClient;
  readonly #chance: () => number;
  #clear: Promise<void> = Promise.resolve();

  constructor(gate: GateClient, chance: () => number) {
    this.#gate = gate;
    this.#chance = chance;
  }

  /** Goes on until `over` says so and every kind of fault has been. Three to eight seconds of each, two to five without any between. */
  async blow(upstreams: readonly UpstreamName[], over: () => boolean): Promise<void> {
    for (let turn = 0; !over() || turn < faults.length; turn += 1) {
      await this.#pause(2000, 5000);
      const upstream = upstreams[Math.floor(this.#chance() * upstreams.length)];
      const fault = faults[turn % faults.length];
      if (upstream === undefined || fault === undefined) throw new Error('There is no upstream to disturb.');
      await this.#clear;
      await this.#strike(upstream, fault);
    }
  }

  /** Does something while no upstream has a fault, and keeps the next fault waiting until it is done. */
  async inFairWeather<T>(act: () => Promise<T>): Promise<T> {
    while (this.windows.some(({ to }) => to === undefined)) await wait(50);
    const acting = act();
    this.#clear = acting.then(
      () => undefined,
      () => undefined,
    );
    return acting;
  }

  async #strike(where: UpstreamName, fault: Fault): Promise<void> {
    const what = fault.kind === 'status' ? String(fault.status) : fault.kind;
    const window: Window = { what, where, from: Date.now() };
    this.windows.push(window);
    await this.#gate.fault(where, fault);
    await this.#pause(3000, 8000);
    await this.#gate.clear(where);
    if (fault.kind === 'hang') {
      // Requests that were taken and never answered hang on when the fault is gone: their connections end, as a router's restart ends them.
      await this.#gate.cut(where);
      await this.#gate.restore(where);
    }
    window.to = Date.now();
  }

  #pause(shortest: number, longest: number): Promise<void> {
    return wait(shortest + this.#chance() * (longest - shortest));
  }
}
