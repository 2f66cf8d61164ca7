// Starts the demo portal. Settings come from the environment: INLAY_URL, INLAY_API_TOKEN or INLAY_API_TOKEN_FILE,
// APP_ID, GROUP_FERNHILL, GROUP_SALTMARSH, PORT.
import { readFileSync } from "node:fs";
import { createPortal } from "./app.js";
import { customers } from "./customers.js";

const { env } = process;

/** @param {string} name */
function required(name) {
    const value = env[name];
    if (value === undefined || value === "") {
        console.error(`portal: ${name} is not set`);
        process.exit(2);
    }
    return value;
}

const port = Number(env["PORT"] ?? 5173);
const inlayUrl = env["INLAY_URL"] ?? "http://localhost:3000";
const { protocol, host } = new URL(inlayUrl);

const origin = `http://localhost:${port}`;
const demoPasswords = new Map(customers.map(({ key }) => [key, `${key}-demo`]));

const server = createPortal({
    origin,
    inlayUrl,
    inlayToken: env["INLAY_API_TOKEN"] ?? readFileSync(required("INLAY_API_TOKEN_FILE"), "utf8").trim(),
    appId: required("APP_ID"),
    appOrigins: `${protocol}//*.${host}`,
    customers,
    groupIds: new Map(customers.map(({ key }) => [key, [Number(required(`GROUP_${key.toUpperCase()}`))]])),
    demoPasswords,
}).listen(port, "127.0.0.1");

server.on("listening", () => {
    console.log(`Portal        ${origin}`);
    for (const { key, company, person } of customers) {
        console.log(`              ${company}: ${person.email}, password ${demoPasswords.get(key)}`);
    }
});

server.on("error", (error) => {
    console.error(`portal: ${error.message}`);
    process.exit(1);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
        server.close();
        server.closeAllConnections();
    });
}
