// Grafana's recipe, without Grafana: what its documentation says it checks holds for the assertion of a real session.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { Api } from "../lib/api.mjs";
import { root, startServer } from "../lib/server.mjs";
import { portalOrigin, unique, World } from "../lib/world.mjs";

const recipes = path.join(root, "docs/recipes");

describe("Grafana's recipe", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {http.Server} */ let grafana;
    /** @type {World} */ let world;
    /** @type {Awaited<ReturnType<World["opened"]>>} */ let opened;
    /** @type {any} what Grafana was sent */ let headers;

    before(async () => {
        server = await startServer();
        grafana = http
            .createServer((request, response) => response.end(JSON.stringify(request.headers)))
            .listen(0, "127.0.0.1");
        await once(grafana, "listening");
        const { port } = /** @type {import("node:net").AddressInfo} */ (grafana.address());
        const api = new Api(server, server.token);
        const app = await api.post("/apps", {
            name: unique("grafana"),
            kind: "upstream",
            portals: [portalOrigin],
            upstream: { url: `http://127.0.0.1:${port}`, trustedHeaders: ["X-WEBAUTH-*"] },
        });
        const group = await api.post("/groups", { name: "Grafana editors" });
        await api.put(`/groups/${group.id}/apps/${app.id}`);
        const user = await api.post("/users", {
            email: `${unique("ann")}@acme.example`,
            firstName: "Ann",
            lastName: "Lee",
        });
        await api.put(`/groups/${group.id}/members/${user.id}`);
        world = new World(server, api, app, null, group, user);
        opened = await world.opened();
        headers = JSON.parse(
            (
                await opened.fetch("/", {
                    headers: { "X-Inlay-Assertion": "e30.e30.e30", "X-Inlay-User": "admin", "X-WEBAUTH-USER": "admin" },
                })
            ).text,
        );
    });
    after(async () => {
        await server.discard();
        grafana.closeAllConnections();
        grafana.close();
    });

    /** Who Grafana would sign in by this assertion, if it expected this app. */
    async function signedIn(assertion, appId) {
        const file = path.join(server.folder, "grafana.ini");
        const ini = fs.readFileSync(path.join(recipes, "grafana.ini"), "utf8");
        fs.writeFileSync(
            file,
            ini
                .replaceAll("https://inlay.example.com", server.url)
                .replace("00000000-0000-4000-8000-000000000000", appId),
        );
        const running = promisify(execFile)("/usr/bin/python3", [
            path.join(root, "tests/servers/grafana_rules.py"),
            file,
        ]);
        running.child.stdin?.end(assertion);
        return JSON.parse((await running).stdout);
    }

    it("signs in the user of the session, with name, email address and the role of their group", async () => {
        const { id, email } = world.user;
        assert.deepEqual(await signedIn(headers["x-inlay-assertion"], world.app.id), {
            id,
            login: id,
            email,
            name: "Ann Lee",
            role: "Editor",
        });
    });

    it("signs in nobody by the assertion for another app, or by one that was changed", async () => {
        assert.match((await signedIn(headers["x-inlay-assertion"], world.user.id)).refused, /audience/i);
        const [header, payload, signature] = headers["x-inlay-assertion"].split(".");
        const claims = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), groups: ["Grafana admins"] };
        const changed = [header, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
        assert.match((await signedIn(changed, world.app.id)).refused, /signature/i);
    });

    it("that believes headers is sent those that it names, and none that the browser made up", () => {
        const ini = fs.readFileSync(path.join(recipes, "grafana-proxy.ini"), "utf8");
        const named = { user: /^header_name = (\S+)$/m, name: /Name:(\S+)/, email: /Email:(\S+)/ };
        const sent = Object.fromEntries(
            Object.entries(named).map(([what, pattern]) => [
                what,
                headers[String(pattern.exec(ini)?.[1]).toLowerCase()],
            ]),
        );
        assert.deepEqual(sent, { user: world.user.id, name: "Ann Lee", email: world.user.email });
        assert.doesNotMatch(JSON.stringify(headers), /admin/);
    });
});
