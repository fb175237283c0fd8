// Loki's clients on npm: loki.mjs winston|winston-json|pino URL, records as lines of JSON on standard input.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
const require = createRequire(process.env.NODE_MODULES + "/");

const [client, host] = process.argv.slice(2);
const labels = { app: "shop", owner: "canary@example.org" };
const lines = createInterface({ input: process.stdin });

if (client === "pino") {
  const pino = require("pino");
  const { pinoLoki } = require("pino-loki");
  const stream = pinoLoki({ host, labels, batching: { interval: 1 }, structuredMetaKey: "meta", silenceErrors: false });
  const logger = pino({ base: null }, stream);
  for await (const line of lines) {
    const { message, ...rest } = JSON.parse(line);
    logger.info({ ...rest, meta: { user: "canary@example.org", seq: String(rest.seq) } }, message);
  }
  stream.end();
} else {
  const winston = require("winston");
  const Loki = require("winston-loki");
  const transport = new Loki({ host, labels, json: client === "winston-json", interval: 1, gracefulShutdown: false });
  const logger = winston.createLogger({ transports: [transport], format: winston.format.json() });
  for await (const line of lines) logger.info(JSON.parse(line));
  await new Promise((done) => setImmediate(done));
  await transport.flush();
  process.exit(0);
}
