// Apps that are servers of their own: one to stand behind Inlay, and the world around it.
import { once } from "node:events";
import http from "node:http";
import { Api } from "./api.mjs";
import { eventually } from "./eventually.mjs";
import { portalOrigin, unique, World } from "./world.mjs";

/**
 * A server on loopback; a WebSocket gets back what it sends.
 * @param {http.RequestListener} handler
 */
export async function listen(handler, { host = "127.0.0.1", port = 0 } = {}) {
    const server = http.createServer(handler);
    server.on("upgrade", (_request, socket) => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n");
        socket.on("data", (data) => socket.write(data));
        socket.on("error", () => {});
    });
    server.listen(port, host);
    await once(server, "listening");
    return server;
}

/** @param {http.Server} server */
export function close(server) {
    server.closeAllConnections?.();
    server.close();
}

/** An app whose server is at url, a group that may use it, and a user in it. */
export async function upstreamWorld(server, upstream) {
    const api = new Api(server, server.token);
    const app = await api.post("/apps", {
        name: unique("upstream"),
        kind: "upstream",
        portals: [portalOrigin],
        upstream,
    });
    const group = await api.post("/groups", { name: unique("group") });
    await api.put(`/groups/${group.id}/apps/${app.id}`);
    const user = await api.post("/users", { email: `${unique("ann")}@acme.example` });
    await api.put(`/groups/${group.id}/members/${user.id}`);
    return new World(server, api, app, null, group, user);
}

/** The event that tells why the app's server gave no answer: it is written behind the page. */
export function failure(world) {
    return eventually("the event upstream.fail", () => world.lastEvent("upstream.fail", { appId: world.app.id }));
}

/** A request on a connection of its own (or an agent's), as a page of the opened app sends it; not sent yet. */
export function ask(opened, path, { method = "GET", headers = {}, agent = false } = {}) {
    const { port, host } = new URL(opened.origin);
    const cookie = `__Host-inlay=${opened.browser.cookies(opened.origin).get("__Host-inlay")}`;
    return http.request({
        host: "127.0.0.1",
        port,
        method,
        path,
        agent,
        maxHeaderSize: 128 * 1024,
        headers: { Host: host, Cookie: cookie, Origin: opened.origin, ...headers },
    });
}

/** A WebSocket of the opened app that works. @returns {Promise<import("node:net").Socket>} */
export async function webSocket(opened) {
    const asking = ask(opened, "/socket", { headers: { Connection: "Upgrade", Upgrade: "websocket" } });
    asking.end();
    const [, socket] = await once(asking, "upgrade");
    socket.on("error", () => {});
    socket.write("ping");
    await once(socket, "data");
    return socket;
}

/** When it was closed, in ms. */
export const closedAt = (stream) => new Promise((resolve) => stream.on("close", () => resolve(Date.now())));
