// A client that comes for one large request: to leave it, or not to read it.
import { createRequire } from "node:module";
import { faultOf, largest } from "./asking.mjs";

const require = createRequire(new URL("../e2e/package.json", import.meta.url));
const { io } = require("socket.io-client");

// stats: asked, answered, failed, lost, left; broken() hears of wrong answers,
// failed() of codes.
export class Guest {
  constructor({ url, psk, data, stats, broken, failed }) {
    Object.assign(this, { url, psk, stats, broken, failed });
    this.request = largest(data);
  }

  // false: the gateway did not let it in, just now.
  connect(transports) {
    this.socket = io(this.url, { auth: { psk: this.psk }, forceNew: true,
      reconnection: false, transports });
    return new Promise((done) => {
      this.socket.once("connect", () => done(true));
      this.socket.once("connect_error", () => {
        this.socket.disconnect();
        done(false);
      });
    });
  }

  ask() {
    this.stats.asked++;
    this.over = new Promise((done) => { this.finish = done; });
    const end = (how) => {
      if (this.ended) return;
      this.ended = true;
      this.stats[how]++;
      this.finish();
    };
    this.end = end;
    this.socket.on("disconnect", () => end("lost"));
    this.socket.emit(this.request.event, this.request.options, (answer) => {
      const wrong = faultOf(this.request, answer);
      if (wrong !== undefined) this.broken(`guest: ${wrong}`);
      if (answer?.success === true) return end("answered");
      this.failed(answer?.code ?? "none");
      return end("failed");
    });
  }

  leave() {
    this.end("left");
    this.socket.disconnect();
  }

  // Answered, or without a connection; else it was forgotten.
  async done(ms) {
    const late = setTimeout(() => {
      this.broken("a slow reader was neither answered nor closed");
      this.end("left");
    }, ms);
    await this.over;
    clearTimeout(late);
    this.socket.disconnect();
  }
}
