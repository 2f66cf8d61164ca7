// The session backend of nginx's auth_request: a Map of sessions behind node:http, and nothing else.
//     node session-backend.mjs PORT COOKIE LABEL
import http from "node:http";

const [port, cookie, label] = process.argv.slice(2);
const later = Date.now() + 24 * 3_600_000;
const sessions = new Map([[cookie, { label, expiresAt: later }]]);
for (let i = 1; i < 10_000; i++) {
    sessions.set(`another-cookie-${i}`, { label: `another-label-${i}`, expiresAt: later });
}

const server = http.createServer((request, response) => {
    const value = /(?:^|; )__Host-inlay=([^;]*)/.exec(request.headers.cookie ?? "")?.[1];
    const session = value === undefined ? undefined : sessions.get(value);
    const host = request.headers.host ?? "";
    const good = session !== undefined && session.expiresAt > Date.now() && host.startsWith(`${session.label}.`);
    response.writeHead(good ? 204 : 401).end();
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), "127.0.0.1");
