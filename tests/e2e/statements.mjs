// What the gateway's login has sent to the servers of tests/servers, and what
// of it is more than reading:
//
//	node statements.mjs FOLDER	fails when there is such a statement
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const readers = {
  postgresql: (log, database) => log.split(/\n(?=[^\t])/).flatMap((l) => {
    const m = /^dalpuri@(\S+) \d+: LOG: {2}(?:statement|execute [^:]*): (.*)$/s
      .exec(l);
    return m && [undefined, m[1]].includes(database) ? [m[2]] : [];
  }),
  mariadb: (log, database = "") => {
    const mine = new Set();
    return log.split("\n").flatMap((l) => {
      const m = /^(?:\S+\s+\S+)?\s+(\d+) (Connect|Query|Execute)\t(.*)$/
        .exec(l);
      if (m?.[2] === "Connect")
        mine[/^dalpuri@\S+ on (\S*) /.exec(`${m[3]} `)?.[1]
          .startsWith(database) ? "add" : "delete"](m[1]);
      return m && m[2] !== "Connect" && mine.has(m[1]) ? [m[3]] : [];
    });
  },
};

// All, or those to one database.
export const statementsOf = (folder, family, database) => readers[family](
  readFileSync(path.join(folder, `${family}.log`), "utf8"), database);

// Reads, cursors of reads, what a session is set to, its transactions; and the
// end of a session that nobody waits for.
const first = ["SELECT", "WITH", "FETCH", "SHOW", "DESCRIBE", "CLOSE",
  String.raw`DECLARE\s\S+(?:\s\w+)*\sCURSOR\b.*\sFOR\s+(?:SELECT|WITH)`,
  "DEALLOCATE", "DISCARD", "SET", "BEGIN", "START TRANSACTION", "ROLLBACK",
  "COMMIT", "SAVEPOINT", "RELEASE", String.raw`KILL \d+$`];
const inside = ["INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "DROP",
  "ALTER", "TRUNCATE", "GRANT", "REVOKE", "COPY", "CALL", "INTO", "LOCK",
  "EXECUTE"];
const reads = new RegExp(
  `^(?:/\\* reads \\*/ )?(?:${first.join("|")})\\b`, "is");
const writes = new RegExp(`\\b(?:${inside.join("|")})\\b`, "i");
const quotes = {
  postgresql: /'(?:[^']|'')*'|"(?:[^"]|"")*"/g,
  mariadb: /'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|`[^`]*`/gs,
};

// Those that do more.  What stands in quotes is a value or a name.
export const writingOf = (statements, family) => statements.filter((s) =>
  s.replace(quotes[family], "''").split(";").some((part) => part.trim() &&
    (!reads.test(part.trim()) || writes.test(part))));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let bad = 0;
  for (const family of Object.keys(readers)) {
    const all = statementsOf(process.argv[2], family);
    // the proof that this login could write (readonly.test.mjs)
    const wrong = writingOf(all, family).filter((s) =>
      !/^(?:INSERT INTO|DELETE FROM) could_write\b/.test(s));
    console.log(`${family}: ${all.length} statements`);
    for (const s of wrong) console.log(`  not a read: ${s.slice(0, 500)}`);
    bad += wrong.length + (all.length === 0);
  }
  process.exit(bad ? 1 : 0);
}
