// The Forward protocol as npm's @fluent-org/logger speaks it.
//   send PORT MODE [KEY [USER PASSWORD]]
//                              records as lines of JSON on standard input, their tags from themselves; "ack SEQ" for each
//                              that is acknowledged
//   sink PORT FILE [KEY [USER PASSWORD]]
//                              each event as a line of JSON, written before anything else happens
// FORWARD_TLS names a folder of certificates: TLS with one on both sides.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { appendFileSync, readFileSync } from "node:fs";
import { Socket } from "node:net";
const require = createRequire(process.env.NODE_MODULES + "/");
const { FluentClient, FluentServer } = require("@fluent-org/logger");

const [role, port, what, ...rest] = process.argv.slice(2);
const certificates = (name) => {
  const read = (file) => readFileSync(`${process.env.FORWARD_TLS}/${file}`);
  return { ca: read("ca.pem"), cert: read(`${name}.pem`), key: read(`${name}.key`) };
};
const tls = process.env.FORWARD_TLS !== undefined;
if (role === "send") {
  const [sharedKey, username, password] = rest;
  const client = new FluentClient(null, {
    eventMode: what,
    ack: { ackTimeout: 120000 },
    milliseconds: true,
    flushInterval: 5,
    socket: {
      host: "127.0.0.1",
      port: Number(port),
      timeout: 120000,
      tls: tls ? { ...certificates("client"), servername: "localhost" } : undefined,
    },
    security: sharedKey ? { clientHostname: "client.example", sharedKey, username, password } : undefined,
  });
  const sent = [];
  for await (const line of createInterface({ input: process.stdin })) {
    const record = JSON.parse(line);
    const tag = record.tags[record.seq % record.tags.length];
    sent.push(client.emit(tag, record).then(() => console.log(`ack ${record.seq}`)));
  }
  await Promise.all(sent);
  await client.disconnect();
} else {
  const [sharedKey, username, password] = rest;
  const users = { authorize: username !== undefined, userDict: { [username]: password } };
  // The server acknowledges a chunk just before it hands its events out; the word leaves when they are in the file.
  const { write } = Socket.prototype;
  Socket.prototype.write = function (...what) {
    setImmediate(() => write.apply(this, what));
    return true;
  };
  const server = new FluentServer({
    listenOptions: { host: "127.0.0.1", port: Number(port) },
    tlsOptions: tls ? { ...certificates("sink"), requestCert: true } : undefined,
    security: sharedKey ? { serverHostname: "sink.example", sharedKey, ...users } : undefined,
  });
  server.on("entry", (tag, time, record) => {
    appendFileSync(what, JSON.stringify({ tag, time, record }) + "\n");
  });
  await server.listen();
  console.log("ready");
}
