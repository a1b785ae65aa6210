import { connect, createServer } from 'node:net';

/** Run in a machine's network: what connects to the socket file reaches that port of the machine's own loopback. */
const [socketFile = '', port = ''] = process.argv.slice(2);
const server = createServer((outside) => {
  const inside = connect(Number(port), '127.0.0.1');
  outside.pipe(inside).pipe(outside);
  outside.on('error', () => inside.destroy());
  inside.on('error', () => outside.destroy());
});
server.listen(socketFile, () => process.stdout.write('ready\n'));
