/** The parts of the program that write log lines, one topic each. */
export type Topic =
  | 'core'
  | 'hosts'
  | 'provision'
  | 'monitor'
  | 'cache'
  | 'runtimes'
  | 'certificates'
  | 'store'
  | 'endpoints';
export type Level = 'debug' | 'info' | 'warn' | 'error';
/** Facts that go with a line. Secrets print as `[redacted]` by their own type. */
export type Facts = Readonly<Record<string, unknown>>;

/** Writes one line of one topic. */
export interface Log {
  debug(message: string, facts?: Facts): void;
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
}

/** Where lines go: a file of the core, standard error of a door, a list in a test. */
export type LogSink = (line: string) => void;

/** A logger for one topic. A line is one JSON object: time (ISO), level, topic, message, facts. */
export function createLog(topic: Topic, sink: LogSink, now: () => Date = () => new Date()): Log {
  const write = (level: Level) => (message: string, facts?: Facts) =>
    sink(JSON.stringify({ time: now().toISOString(), level, topic, message, ...facts }));
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** A logger that says nothing, for callers that do not care. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
