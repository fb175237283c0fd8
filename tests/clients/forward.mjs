// The Forward protocol as npm's @fluent-org/logger speaks it.
//   send PORT MODE TAG [KEY]   records as lines of JSON on standard input; "ack SEQ" for each that is acknowledged
//   sink PORT FILE [KEY]       each event as a line of JSON, written before anything else happens
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { appendFileSync } from "node:fs";
const require = createRequire(process.env.NODE_MODULES + "/");
const { FluentClient, FluentServer } = require("@fluent-org/logger");

const [role, port, what, ...rest] = process.argv.slice(2);
if (role === "send") {
  const [tag, sharedKey] = rest;
  const client = new FluentClient(null, {
    eventMode: what,
    ack: { ackTimeout: 120000 },
    milliseconds: true,
    flushInterval: 5,
    socket: { host: "127.0.0.1", port: Number(port), timeout: 120000 },
    security: sharedKey ? { clientHostname: "client.example", sharedKey } : undefined,
  });
  const sent = [];
  for await (const line of createInterface({ input: process.stdin })) {
    const record = JSON.parse(line);
    sent.push(client.emit(tag, record).then(() => console.log(`ack ${record.seq}`)));
  }
  await Promise.all(sent);
  await client.disconnect();
} else {
  const [sharedKey] = rest;
  const server = new FluentServer({
    listenOptions: { host: "127.0.0.1", port: Number(port) },
    security: sharedKey ? { serverHostname: "sink.example", sharedKey } : undefined,
  });
  server.on("entry", (tag, time, record) => {
    appendFileSync(what, JSON.stringify({ tag, time, record }) + "\n");
  });
  await server.listen();
  // Between two events, so that what was acknowledged is in the file.
  process.on("SIGTERM", () => process.exit(0));
  console.log("ready");
}
