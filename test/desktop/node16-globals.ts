// The older Electron of the tests has Node 16: what our programs use beyond it comes from here, before anything else is loaded.
import 'core-js/stable';
import 'core-js/proposals/explicit-resource-management';
import { Blob } from 'node:buffer';
import { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';

Object.assign(globalThis, {
  Blob,
  ReadableStream,
  TransformStream,
  WritableStream,
  // Nothing of ours is ever one of these, but the calls' encoding asks.
  FormData: class {},
  File: class {},
});
