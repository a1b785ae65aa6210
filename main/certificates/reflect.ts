/**
 * The X.509 library wires its parts with decorators that record facts on `Reflect`, a proposal that JavaScript never took up. These are
 * the three functions it calls, so that no polyfill of the whole proposal is needed. Import this file before `@peculiar/x509`.
 */
type Metadata = Map<unknown, unknown>;

const records = new WeakMap<object, Metadata>();

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const record = records.get(target) ?? new Map<unknown, unknown>();
  record.set(key, value);
  records.set(target, record);
}

function getOwnMetadata(key: unknown, target: object): unknown {
  return records.get(target)?.get(key);
}

function getMetadata(key: unknown, target: object): unknown {
  if (records.get(target)?.has(key) === true) return getOwnMetadata(key, target);
  const parent: unknown = Object.getPrototypeOf(target);
  return typeof parent === 'function' || (typeof parent === 'object' && parent !== null)
    ? getMetadata(key, parent)
    : undefined;
}

if (!('getMetadata' in Reflect)) Object.assign(Reflect, { defineMetadata, getOwnMetadata, getMetadata });
