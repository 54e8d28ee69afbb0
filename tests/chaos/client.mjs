// A process with some of the chaos clients: unmodified socket.io-client, each
// with so many requests open all the time.  Every request ends in exactly one
// of: answered, failed (with its code), lost (with its connection).  What the
// parent says: { begin }, { pause }, { resume }, { report }.
import { createRequire } from "node:module";
import { faultOf, nextRequest, random } from "./asking.mjs";

const require = createRequire(new URL("../e2e/package.json", import.meta.url));
const { io } = require("socket.io-client");

const transports = [["websocket"], ["polling"], ["polling", "websocket"]];
const stats = { asked: 0, answered: 0, lost: {}, faults: [],
  failures: [], reconnects: 0, refused: 0, open: 0, connected: 0, took: [] };
const clients = [];
let paused = true;
let begun;

const count = (table, key, n = 1) => {
  table[key] = (table[key] ?? 0) + n;
};
const fault = (text) => {
  if (stats.faults.length < 20) stats.faults.push(text);
};

class Client {
  constructor(i, { url, psk, data, depth, seed }) {
    Object.assign(this, { data, depth, i });
    this.rand = random(seed * 1000 + i);
    this.pending = new Map();
    this.id = 0;
    const socket = io(url, { auth: { psk }, forceNew: true,
      transports: transports[i % 3], reconnectionDelay: 20,
      reconnectionDelayMax: 500 });
    this.socket = socket;
    socket.on("connect", () => this.connected());
    socket.on("disconnect", (why) => this.disconnected(why));
    socket.on("connect_error", (e) => {
      stats.refused++;
      if (e.message === "Unauthorized") fault("refused with a right key");
    });
    // The client's own bookkeeping forgets an answer; ours does not.
    const { onack } = socket;
    socket.onack = (packet) => {
      if (!(packet.id in socket.acks))
        fault(`client ${i}: a second answer, or one that nobody asked for`);
      return onack.call(socket, packet);
    };
  }

  connected() {
    if (this.wasLost) stats.reconnects++;
    this.sid = this.socket.io.engine.id;
    process.send({ opened: this.sid });
    this.fill();
  }

  disconnected(why) {
    const asked = [...this.pending.values()].map((r) => r.at);
    const n = asked.length;
    if (n > 0) count(stats.lost, why, n);
    stats.open -= n;
    this.wasLost = why !== "io client disconnect";
    this.pending.clear();
    process.send({ closed: this.sid, why, at: Date.now(), asked });
    // the server's own "disconnect" is not followed by a reconnect
    if (why === "io server disconnect") this.socket.connect();
  }

  fill() {
    while (!paused && this.socket.connected && this.pending.size < this.depth)
      this.ask();
  }

  ask() {
    const id = ++this.id;
    const request = nextRequest(this.data, this.rand);
    request.at = Date.now();
    stats.asked++;
    stats.open++;
    this.pending.set(id, request);
    this.socket.emit(request.event, request.options, (answer) =>
      this.answered(id, request, answer));
  }

  answered(id, request, answer) {
    if (!this.pending.delete(id)) {
      fault(`client ${this.i}: request ${id} was lost, and then answered`);
      return;
    }
    stats.open--;
    const wrong = faultOf(request, answer);
    if (wrong !== undefined)
      fault(`client ${this.i}: ${request.event} ${
        JSON.stringify(request.options)}: ${wrong}`);
    if (answer?.success === true) {
      stats.answered++;
      stats.took.push(Date.now() - request.at);
    } else {
      stats.failures.push([answer?.code ?? "none", Date.now()]);
    }
    setImmediate(() => this.fill());
  }
}

// Ends all connections in good order, and begins anew when told to.
const commands = {
  begin(options) {
    begun = options;
    for (let i = 0; i < options.count; i++)
      clients.push(new Client(options.first + i, options));
  },
  resume() {
    paused = false;
    for (const c of clients) {
      if (!c.socket.connected) c.socket.connect();
      c.fill();
    }
  },
  pause() {
    paused = true;
  },
  leave() {
    for (const c of clients) c.socket.disconnect();
  },
  report() {
    const now = Date.now();
    const oldest = Math.max(0, ...clients.flatMap((c) =>
      [...c.pending.values()].map((r) => now - r.at)));
    process.send({ report: { ...stats, oldest, clients: begun.count,
      connected: clients.filter((c) => c.socket.connected).length } });
  },
};
process.on("message", (m) => {
  for (const [name, value] of Object.entries(m)) commands[name](value);
});
process.on("disconnect", () => process.exit(0));
