// The OpenTelemetry SDK for JavaScript: otlp.mjs proto|json|grpc URL none|gzip, lines of JSON on standard input: headers
// and resource first, then { body, attributes }. A request a record, one after the other; "ack" or "failed" for each.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
const require = createRequire(process.env.NODE_MODULES + "/");
const { LoggerProvider, SimpleLogRecordProcessor } = require("@opentelemetry/sdk-logs");
const { resourceFromAttributes } = require("@opentelemetry/resources");

const [kind, url, compression] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { headers, resource } = JSON.parse((await lines.next()).value);
const packages = { proto: "proto", json: "http", grpc: "grpc" };
const { OTLPLogExporter } = require(`@opentelemetry/exporter-logs-otlp-${packages[kind]}`);
const options = { url, compression };
if (kind === "grpc") {
  const { Metadata } = require("@grpc/grpc-js");
  options.metadata = new Metadata();
  for (const [key, value] of Object.entries(headers)) options.metadata.set(key, value);
} else {
  options.headers = headers;
}
// What it tries again it tries for as long as it has time.
const limits = { timeoutMillis: Number(process.env.TIMEOUT ?? 60000) };
const exporter = new OTLPLogExporter({ ...options, ...limits });
let told;
const listening = {
  export: (records, callback) =>
    exporter.export(records, (result) => {
      callback(result);
      told(result.code === 0 ? "ack" : "failed");
    }),
  shutdown: () => exporter.shutdown(),
  forceFlush: () => exporter.forceFlush?.(),
};
const processor = new SimpleLogRecordProcessor({ exporter: listening });
const provider = new LoggerProvider({ resource: resourceFromAttributes(resource), processors: [processor] });
const logger = provider.getLogger("scope", "1.0");
for await (const line of lines) {
  const { body, attributes } = JSON.parse(line);
  const answer = new Promise((resolve) => (told = resolve));
  logger.emit({ severityNumber: 9, severityText: "INFO", body, attributes });
  console.log(await answer);
}
await provider.shutdown();
