// A crowd that calls a gateway while something happens to it, and tells whether
// anybody noticed.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { transports } from "./lib.mjs";

export const rows = { select: { opportunityRecId: true, opportunityName: true,
  company: { select: { companyName: true } } } };

export const openFiles = (pid) => readdirSync(`/proc/${pid}/fd`).length;

// Clients of all transports, most of which ask all the time.
export class Crowd {
  lost = 0;
  asked = 0;
  answered = 0;
  wrong = [];
  running = true;

  async connect(gw, n = 30) {
    this.gw = gw;
    this.clients = await Promise.all(Array.from({ length: n }, (_, i) =>
      gw.socket(Object.values(transports)[i % 3])));
    for (const c of this.clients)
      c.on("disconnect", (why) => { this.lost++; this.wrong.push(why); });
    this.work = this.clients.filter((_, i) => i % 6 !== 0).map((c) =>
      this.ask(c));
  }

  async ask(c) {
    // a test that fails leaves us to ourselves
    while (this.running && this.gw.exit === undefined) await this.one(c);
  }

  one(c) {
    this.asked++;
    let times = 0;
    return new Promise((done) => {
      const timer = setTimeout(() => {
        this.wrong.push("no answer");
        done();
      }, 40000);
      c.emit("fetchOpportunities", rows, (answer) => {
        clearTimeout(timer);
        if (++times > 1 || !answer.success)
          this.wrong.push(JSON.stringify(answer).slice(0, 200));
        else this.answered++;
        done();
      });
    });
  }

  // Those who were idle, too, are still served.
  async end() {
    this.running = false;
    await Promise.all(this.work);
    await Promise.all(this.clients.map((c) => this.one(c)));
    assert.deepEqual(this.wrong.slice(0, 5), []);
    assert.equal(this.lost, 0, "no connection lost");
    assert.equal(this.answered, this.asked, "each is answered once");
  }
}
