// Loki's clients on npm: loki.mjs winston|winston-json|pino URL, lines of JSON on standard input: labels first, then
// records with their metadata. Says "ack" or "failed" for each request.
//   loki.mjs winston|winston-json|pino URL singly: a request a record, without batches
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
const require = createRequire(process.env.NODE_MODULES + "/");

const [client, host, singly] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const labels = JSON.parse((await lines.next()).value);

if (client === "pino") {
  const pino = require("pino");
  const { pinoLoki } = require("pino-loki");
  // It tells nobody how a request ended.
  const fetch_ = globalThis.fetch;
  globalThis.fetch = async (...request) => {
    const answer = await fetch_(...request).catch(() => undefined);
    console.log(answer?.ok ? "ack" : "failed");
    return answer ?? Response.error();
  };
  const batching = singly ? false : { interval: 1 };
  const stream = pinoLoki({ host, labels, batching, structuredMetaKey: "meta", silenceErrors: true });
  const logger = pino({ base: null }, stream);
  for await (const line of lines) {
    const { record, meta } = JSON.parse(line);
    const { message, ...rest } = record;
    logger.info({ ...rest, meta }, message);
  }
  stream.end();
} else {
  const winston = require("winston");
  const Loki = require("winston-loki");
  let failed = false;
  const transport = new Loki({
    host,
    labels,
    json: client === "winston-json",
    interval: 1,
    batching: !singly,
    // Node gives up after five seconds, and a debug build under load may take longer for two megabytes.
    timeout: 60000,
    gracefulShutdown: false,
    onConnectionError: () => (failed = true),
  });
  // It writes its errors there.
  console.error = () => {};
  const logger = winston.createLogger({ transports: [transport], format: winston.format.json() });
  const sent = async () => {
    await new Promise((done) => setImmediate(done));
    await transport.flush();
    console.log(failed ? "failed" : "ack");
    failed = false;
  };
  for await (const line of lines) {
    logger.info(JSON.parse(line).record);
    if (singly) await sent();
  }
  if (!singly) await sent();
  process.exit(0);
}
