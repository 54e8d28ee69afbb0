// Programs that must be accepted: each line uses a type as it is promised.
import { io, type Socket } from "socket.io-client";
import type { ClientToServerEvents, DalpuriSocket, OptionsOf, RowOf,
  ServerToClientEvents } from "./dalpuri.js";

const socket: Socket<ServerToClientEvents, ClientToServerEvents> =
  io("http://127.0.0.1:1");

socket.emit("fetchCompanies", (answer) => {
  if (answer.success) {
    const id: number = answer.data[0].companyRecId;
    const name: string = answer.data[0].companyName;
    console.log(id, name);
  } else {
    const error: string = answer.error;
    if (answer.code === "LIMIT") console.log(error);
  }
});
socket.emit("fetchCompanies", null, (answer) => console.log(answer.success));
socket.emit("fetchCompanies", { select: ["companyId", "market"] }, (answer) => {
  if (!answer.success) return;
  const id: string | null | undefined = answer.data[0].companyId;
  console.log(id, answer.data[0].market?.description);
});
socket.emit("fetchCompanies", {
  include: { childCompanies: {
    where: { OR: [{ companyId: { contains: "x" } }, { parentCompany: null }] },
    orderBy: [{ market: { description: "asc" } }, { companyName: "desc" }],
    take: -3,
  } },
}, () => {});
const counted = await socket.emitWithAck("fetchCompanies", {
  where: { childCompanies: { some: { companyRecId: { in: [1, 2] } } } },
  distinct: "companyName",
});
if (counted.success) console.log(counted.data.length);

const exact = socket as unknown as DalpuriSocket;
exact.emit("fetchCompanies", {
  select: {
    companyId: true,
    market: { select: { description: true } },
    childCompanies: { include: { parentCompany: true } },
    _count: { select: { childCompanies: true } },
  },
}, (answer) => {
  if (!answer.success) return;
  const row = answer.data[0];
  const market: string | null | undefined = row.market?.description;
  const parent: number | undefined =
    row.childCompanies[0].parentCompany?.companyRecId;
  const count: number = row._count.childCompanies;
  console.log(market, parent, count);
});
exact.emit("fetchProducts", { include: ["inventory"],
  omit: { longDescription: true } }, (answer) => {
  if (answer.success)
    console.log(answer.data[0].inventory.length, answer.data[0].ivItemRecId);
});
const members = await exact.emitWithAck("fetchMembers",
  { select: { memberId: true } });
if (members.success) {
  const id: string = members.data[0].memberId;
  console.log(id);
}
const large: OptionsOf<"large"> = { minId: 3, take: 2 };
exact.emit("large", large, (answer) => {
  if (!answer.success) return;
  const row: RowOf<"large"> = answer.data[0];
  const id: number | null = row.id;
  const name: string | null = row.name;
  console.log(id, name);
});
