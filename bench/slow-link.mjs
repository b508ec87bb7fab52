// A TCP link with a long way: what goes in at one end comes out of the other after half a round trip. The kernels at
// hand have no netem. It runs as a process of its own: `node slow-link.mjs HOST PORT MILLISECONDS` prints the port it
// listens on.
import { connect, createServer } from 'node:net';

const [host, port, roundTrip] = process.argv.slice(2);
const half = Number(roundTrip) / 2;

/** Gives on chunks in order, each `half` after it came. */
function delayed(from, to) {
  from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), half));
  from.on('end', () => setTimeout(() => to.end(), half));
  from.on('error', () => to.destroy());
  from.on('close', () => setTimeout(() => to.destroy(), half * 2));
}

const server = createServer({ noDelay: true }, (near) => {
  // The handshake of TCP takes a round trip of its own: nothing is read before it would be over.
  near.pause();
  setTimeout(() => {
    const far = connect({ host, port: Number(port), noDelay: true });
    delayed(near, far);
    delayed(far, near);
    near.resume();
  }, Number(roundTrip));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
