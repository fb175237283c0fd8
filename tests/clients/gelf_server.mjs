// npm's graygelf as a server of GELF over UDP: gelf_server.mjs PORT says "ready", then each message in a line of JSON.
import { createRequire } from "node:module";
const require = createRequire(process.env.NODE_MODULES + "/");

const server = require("graygelf/server")();
server.on("message", (message) => console.log(JSON.stringify(message)));
server.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
server.listen(Number(process.argv[2]), "127.0.0.1");
server._udp.on("listening", () => console.log("ready"));
