// An Inlay with an app, people who may use it, and a token: the folder that every comparison gets a copy of.
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { Browserlike, frameHeaders, request } from "../../tests/lib/browserlike.mjs";
import { tarGz } from "../../tests/lib/bundle.mjs";
import { Server, freePort } from "../../tests/lib/server.mjs";
import { onServerCore, processTree, processorSeconds } from "./machine.mjs";

export const FILE_BYTES = 16 * 1024;
export const LARGE_BYTES = 64 * 1024;
export const USERS = 200;
export const filePath = "/assets/index-BkX3d8sV.js";
export const smallPath = "/assets/small-C9dQ2w7x.js";
export const largePath = "/assets/large-D4kP8z1v.js";

/** A script as minifiers leave it: letters that compress a little. */
const script = (bytes) =>
    `//${crypto
        .createHash("sha512")
        .update("inlay")
        .digest("hex")
        .repeat(Math.ceil(bytes / 128))}`.slice(0, bytes);
export const files = [
    {
        path: "index.html",
        content: `<!doctype html><title>Bench</title><link rel="icon" href="data:,"><script src="${filePath}"></script><p>bench</p>\n`,
    },
    { path: filePath.slice(1), content: script(FILE_BYTES) },
    { path: smallPath.slice(1), content: script(1024) },
    { path: largePath.slice(1), content: script(LARGE_BYTES) },
];

/** inlay serve with a folder of its own, on the servers' core. */
export async function startInlay(folder, settings = {}) {
    fs.mkdirSync(folder, { recursive: true });
    const server = new Server({ access_log: "off", ...settings }, { folder, prefix: onServerCore });
    server.port = await freePort();
    return server.start();
}

/** @param {import("../../tests/lib/server.mjs").Server} server */
export const busySeconds = (server) => processorSeconds(processTree(server.pid));

async function call(server, method, pathname, body, status, type = "application/json") {
    const answer = await request(new URL(pathname, server.url).href, {
        method,
        headers: { Authorization: `Bearer ${server.token}`, "Content-Type": body === undefined ? undefined : type },
        body: body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    });
    if (answer.status !== status) {
        throw new Error(`${method} ${pathname} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
    }
    return answer.json;
}

export const email = (number) => `user-${number}@bench.example`;

/** Makes the folder; what is in it. */
export async function makeWorld(folder) {
    const server = await startInlay(folder);
    const api = (method, pathname, body, status = 201) => call(server, method, `/api/v1${pathname}`, body, status);
    const portalPort = await freePort();
    const app = await api("POST", "/apps", {
        name: "Bench",
        slug: "bench",
        portals: [`http://localhost:${portalPort}`],
    });
    await call(server, "POST", `/api/v1/apps/${app.id}/releases?version=1.0.0`, tarGz(files), 201, "application/gzip");
    const group = await api("POST", "/groups", { name: "Everyone" });
    await api("PUT", `/groups/${group.id}/apps/${app.id}`, undefined, 204);
    for (let i = 1; i <= USERS; i++) {
        const user = await api("POST", "/users", { email: email(i) });
        await api("PUT", `/groups/${group.id}/members/${user.id}`, undefined, 204);
    }
    const { token } = await api("POST", "/api-tokens", { name: "portal", scopes: ["embed"] });
    await server.stop();
    return { data: path.join(folder, "data"), appId: app.id, groupId: group.id, token, portalPort };
}

/** An app that is a server of its own, for everybody. */
export async function addUpstream(server, world, url, name = "Upstream") {
    const app = await call(server, "POST", "/api/v1/apps", { name, kind: "upstream", upstream: { url } }, 201);
    await call(server, "PUT", `/api/v1/groups/${world.groupId}/apps/${app.id}`, undefined, 204);
    return app;
}

/** Another folder with the same content. */
export function copyWorld(world, folder) {
    fs.mkdirSync(folder, { recursive: true });
    fs.cpSync(world.data, path.join(folder, "data"), { recursive: true, filter: (name) => !/\/run(\/|$)/.test(name) });
    return path.join(folder, "data", "inlay.db");
}

export const mintPath = "/api/ext/users/personal-access-token";
export const mintBody = (world, user) =>
    JSON.stringify({ email: user, appId: world.appId, sessionExpiry: 600, patExpiry: 3600 });

/** A whole redeem over one kept connection: how many milliseconds its parts took, and the session it opened. */
export async function redeem(server, world, user, agent) {
    const times = [performance.now()];
    const step = async (status, wanted) => {
        const answer = await wanted;
        if (answer.status !== status) {
            throw new Error(`a redeem's step answered ${answer.status}: ${answer.text.slice(0, 500)}`);
        }
        times.push(performance.now());
        return answer;
    };
    const browser = new Browserlike();
    const navigate = (url) => browser.send(url, { agent, headers: frameHeaders() });
    const minted = await step(
        201,
        request(server.url + mintPath, {
            method: "POST",
            agent,
            headers: { Authorization: `Bearer ${world.token}`, "Content-Type": "application/json" },
            body: mintBody(world, user),
        }),
    );
    const link = minted.json.redirectUrl;
    const opened = await step(303, navigate(link));
    const enter = new URL(opened.headers.location ?? "", link).href;
    const entered = await step(303, navigate(enter));
    const page = new URL(entered.headers.location ?? "", link).href;
    await step(200, navigate(page));
    const { host } = new URL(page);
    return {
        mint: times[1] - times[0],
        redeem: times[4] - times[1],
        host,
        cookie: `__Host-inlay=${browser.cookies(page).get("__Host-inlay")}`, // the pending one is over after a minute
    };
}

/** Throws unless the file comes whole. */
export async function expectFile(port, pathname, headers, bytes) {
    const answer = await request(`http://127.0.0.1:${port}${pathname}`, { headers });
    if (answer.status !== 200 || answer.bytes.length !== bytes) {
        throw new Error(
            `${pathname} answered ${answer.status} with ${answer.bytes.length} bytes: ${answer.text.slice(0, 300)}`,
        );
    }
}

/** A value of /metrics. */
export async function metric(server, name) {
    const { text } = await request(`${server.url}/metrics`);
    return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

export const keptConnection = () => new http.Agent({ keepAlive: true, maxSockets: 1 });
