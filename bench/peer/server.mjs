// The peer: Socket.IO in front of Prisma, as somebody would write it who needs
// what dalpuri does.  One process, on Node or Bun:
//
//   PORT, PSK, DATABASE_URL (postgresql://... or file:...)
//   ENGINE=bun	Bun's own server instead of node:http
//
// It answers fetchX(options) with all rows that findMany(options) gives of the
// model X stands for; a list in select or include names what is true in it.
import { Server } from "socket.io";

const { PORT, PSK, DATABASE_URL, ENGINE } = process.env;

async function database() {
  if (DATABASE_URL.startsWith("file:")) {
    const { PrismaLibSql } = await import("@prisma/adapter-libsql");
    const { PrismaClient } = await import("./sqlite/client/client.ts");
    return new PrismaClient({ adapter: new PrismaLibSql({
      url: DATABASE_URL }) });
  }
  const { PrismaPg } = await import("@prisma/adapter-pg");
  const { PrismaClient } = await import("./postgresql/client/client.ts");
  return new PrismaClient({ adapter: new PrismaPg({
    connectionString: DATABASE_URL }) });
}

const prisma = await database();
const events = {
  fetchCompanies: prisma.company,
  fetchContacts: prisma.contact,
  fetchMembers: prisma.member,
  fetchProducts: prisma.productCatalog,
};

function findManyArguments(options) {
  const args = { ...options };
  for (const key of ["select", "include"])
    if (Array.isArray(args[key]))
      args[key] = Object.fromEntries(args[key].map((name) => [name, true]));
  return args;
}

const io = new Server({ cors: { origin: "*" } });
io.use((socket, next) => {
  const { auth, headers, query } = socket.handshake;
  const shown = auth.psk || headers["x-psk"] || query.psk;
  next(shown === PSK ? undefined : new Error("Unauthorized"));
});
io.on("connection", (socket) => {
  for (const [event, model] of Object.entries(events))
    socket.on(event, async (...args) => {
      const answer = args.pop();
      try {
        const data = await model.findMany(findManyArguments(args[0]));
        answer({ success: true, data });
      } catch (error) {
        answer({ success: false, error: error.message });
      }
    });
});

if (ENGINE === "bun") {
  const { Server: Engine } = await import("@socket.io/bun-engine");
  const engine = new Engine({ path: "/socket.io/" });
  io.bind(engine);
  Bun.serve({ hostname: "127.0.0.1", port: Number(PORT), ...engine.handler() });
} else {
  const { createServer } = await import("node:http");
  const server = createServer();
  io.attach(server);
  server.listen(Number(PORT), "127.0.0.1");
}
