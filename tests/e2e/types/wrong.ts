// Programs that must be refused: a line that is accepted is an error here.
import { io, type Socket } from "socket.io-client";
import type { ClientToServerEvents, DalpuriSocket, ServerToClientEvents }
  from "./dalpuri.js";

const socket: Socket<ServerToClientEvents, ClientToServerEvents> =
  io("http://127.0.0.1:1");
const exact = socket as unknown as DalpuriSocket;

// @ts-expect-error no such collector
socket.emit("fetchCompany", () => {});
// @ts-expect-error no such option
socket.emit("fetchCompanies", { selct: ["companyId"] }, () => {});
// @ts-expect-error no such field
socket.emit("fetchCompanies", { select: ["companyIdd"] }, () => {});
// @ts-expect-error a field is no relation
socket.emit("fetchCompanies", { include: ["companyId"] }, () => {});
// @ts-expect-error text where a number is
socket.emit("fetchCompanies", { where: { companyRecId: "x" } }, () => {});
// @ts-expect-error no such operator
socket.emit("fetchCompanies", { where: { companyRecId: { above: 1 } } }, () => {});
// @ts-expect-error select and include
socket.emit("fetchCompanies", { select: ["companyId"], include: ["market"] }, () => {});
// @ts-expect-error no such order
socket.emit("fetchCompanies", { orderBy: { companyId: "up" } }, () => {});
// @ts-expect-error a list of counts is ordered by _count
socket.emit("fetchCompanies", { orderBy: { childCompanies: "asc" } }, () => {});
// @ts-expect-error success was not looked at
socket.emit("fetchCompanies", (answer) => answer.data.length);
// @ts-expect-error a success has no error
socket.emit("fetchCompanies", (answer) => answer.success && answer.error);
// @ts-expect-error no such code
socket.emit("fetchCompanies", (answer) => !answer.success && answer.code === "OOPS");
// @ts-expect-error not selected
exact.emit("fetchCompanies", { select: { companyId: true } }, (answer) => answer.success && answer.data[0].companyName);
// @ts-expect-error withheld by its file
socket.emit("fetchContacts", { select: ["gender"] }, () => {});
// @ts-expect-error a parameter of another type
socket.emit("large", { minId: "3" }, () => {});
// @ts-expect-error a required parameter is missing
socket.emit("large", {}, () => {});
