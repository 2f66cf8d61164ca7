// Signing in to the console: links, passwords, second factor, sessions, and who may not.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { Api } from "../lib/api.mjs";
import { request, setCookie } from "../lib/browserlike.mjs";
import { Console, firstAdmin, password, setupLink, useLink } from "../lib/console.mjs";
import { startServer } from "../lib/server.mjs";

const cookieName = "__Host-inlay-console";

/** RFC 6238 with SHA-1, six digits; steps from now. */
function totp(secret, steps = 0) {
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const bits = [...secret].map((c) => digits.indexOf(c).toString(2).padStart(5, "0")).join("");
    const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
    const mac = createHmac("sha1", key).update(counter).digest();
    return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

describe("the console", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {Console} */ let admin;
    /** @type {Api} */ let api;
    let firstLink;

    before(async () => {
        server = await startServer();
        api = new Api(server, server.token);
        firstLink = await setupLink(server);
        admin = await firstAdmin(server);
    });
    after(() => server.discard());

    it("knows the first admin by a link that works once", async () => {
        const me = await admin.get("/me");
        assert.deepEqual([me.role, me.scopes, me.status], ["admin", ["admin"], "active"]);
        const code = new URL(firstLink).hash.slice(1);
        await new Console(server).refused(410, "setup_link_invalid", "POST", "/setup/check", { body: { code } });
        await new Console(server).refused(410, "setup_link_invalid", "POST", "/setup", {
            body: { code, password, email: "b@acme.example" },
        });
    });

    it("sets a cookie that scripts and other sites never get", async () => {
        const answer = await new Console(server).signIn(admin.email);
        assert.equal(answer.status, 200);
        assert.match(
            String(answer.headers["set-cookie"]),
            /^__Host-inlay-console=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=86400$/,
        );
    });

    it("refuses a wrong password and an unknown address in the same words", async () => {
        const visitor = new Console(server);
        const wrong = await visitor.refused(401, "sign_in_refused", "POST", "/sign-in", {
            body: { email: admin.email, password: "wrong wrong wrong" },
        });
        const unknown = await visitor.refused(401, "sign_in_refused", "POST", "/sign-in", {
            body: { email: "nobody@acme.example", password },
        });
        assert.equal(wrong.detail, unknown.detail);
        const [event] = (await api.get("/events", { type: "admin.refuse", limit: 1 })).items;
        assert.deepEqual(event.detail, { reason: "sign_in_refused" });
        assert.ok(!JSON.stringify(await api.all("/events")).includes("wrong wrong"), "no event has what was typed");
    });

    it("takes long passwords only", async () => {
        const { link } = await admin.post("/admins", { email: "short@acme.example", role: "viewer" });
        const body = { code: new URL(link).hash.slice(1), password: "fourteen chars" };
        await new Console(server).refused(400, "password_too_short", "POST", "/setup", { body });
        assert.equal(
            (await new Console(server).expect(200, "POST", "/setup/check", { body: { code: body.code } })).kind,
            "invitation",
        );
    });

    it("takes no request that comes from elsewhere", async () => {
        const own = new URL(server.url).origin;
        const strangers = [
            {},
            { Origin: "https://evil.example" },
            { Origin: own, "Sec-Fetch-Site": "same-site" },
            { Origin: own, "Sec-Fetch-Site": "cross-site" },
            { Origin: "null", "Sec-Fetch-Site": "same-origin" },
            { "Sec-Fetch-Site": "none" },
        ];
        for (const headers of strangers) {
            const stranger = admin.from(headers);
            await stranger.refused(403, "cross_origin", "POST", "/groups", { body: { name: "stolen" } });
            await stranger.refused(403, "cross_origin", "POST", "/sign-in", { body: { email: admin.email, password } });
        }
        await admin.from({ "Sec-Fetch-Site": "same-site" }).refused(403, "cross_origin", "GET", "/users");
        assert.deepEqual((await admin.get("/groups", { name: "stolen" })).items, []);
        await admin.from({ Origin: own }).expect(201, "POST", "/groups", { body: { name: "by Origin alone" } });
        await admin
            .from({ "Sec-Fetch-Site": "same-origin" })
            .expect(201, "POST", "/groups", { body: { name: "by Sec-Fetch-Site alone" } });
    });

    it("is named in the audit log as who did it", async () => {
        await admin.post("/groups", { name: "audited" });
        const [event] = (await api.get("/events", { type: "group.create", limit: 1 })).items;
        assert.deepEqual([event.actor.kind, event.actor.name], ["admin", admin.email]);
    });

    it("does not mint by the portals' calls", async () => {
        const answer = await admin.call("POST", "/api/ext/users/personal-access-token", { body: {} });
        assert.equal(answer.status, 401);
    });

    it("is not there on an app's origin", async () => {
        const label = "a".repeat(26);
        const url = `http://${label}.localhost:${server.port}/api/v1/me`;
        const answer = await request(url, { headers: { Cookie: `${cookieName}=${admin.cookie}` } });
        assert.equal(answer.status, 401);
        assert.equal(answer.json?.code ?? "session_missing", "session_missing");
        assert.ok(!answer.text.includes(admin.email));
    });

    it("changes a role at once, and keeps the last admin", async () => {
        const other = await admin.invite("viewer");
        const { id } = await other.get("/me");
        await other.refused(403, "scope_missing", "POST", "/groups", { body: { name: "x" } });
        await admin.patch(`/admins/${id}`, { role: "admin" });
        await other.post("/groups", { name: "by the new admin" });
        await admin.patch(`/admins/${id}`, { role: "builder" });
        const me = await admin.get("/me");
        await admin.refused(409, "admin_required", "PATCH", `/admins/${me.id}`, { body: { role: "viewer" } });
        await admin.refused(409, "admin_required", "DELETE", `/admins/${me.id}`);
        await admin.delete(`/admins/${id}`);
        await other.refused(401, "sign_in_missing", "GET", "/me");
    });

    it("ends sessions: by signing out, from a list, and when the password changes", async () => {
        const viewer = await admin.invite("viewer");
        const signedIn = async (word = password) =>
            new Console(
                server,
                setCookie(await new Console(server).signIn(viewer.email, { password: word }), cookieName),
            );
        const [one, two] = [await signedIn(), await signedIn()];
        const sessions = await viewer.all("/me/sessions");
        assert.deepEqual(
            sessions.map((session) => session.current),
            [false, false, true],
        );
        await viewer.delete(`/me/sessions/${sessions[0].id}`);
        await two.refused(401, "sign_in_missing", "GET", "/me");
        const newPassword = "another lamp and a longer table";
        await viewer.refused(400, "password_wrong", "PUT", "/me/password", {
            body: { currentPassword: "no", newPassword },
        });
        await viewer.expect(204, "PUT", "/me/password", { body: { currentPassword: password, newPassword } });
        await one.refused(401, "sign_in_missing", "GET", "/me");
        const three = await signedIn(newPassword);
        const answer = await three.call("POST", "/sign-out");
        assert.equal(setCookie(answer, cookieName), "");
        await three.refused(401, "sign_in_missing", "GET", "/me");
        const [left] = await admin.all("/admin-sessions", { adminId: (await viewer.get("/me")).id });
        await admin.delete(`/admin-sessions/${left.id}`);
        await viewer.refused(401, "sign_in_missing", "GET", "/me");
    });

    it("asks for a second factor, each code once, until a recovery code stands in", async () => {
        const viewer = await admin.invite("viewer");
        const { secret, uri } = await viewer.expect(200, "POST", "/me/totp");
        assert.ok(uri.startsWith("otpauth://totp/") && uri.includes(secret));
        await viewer.refused(400, "totp_wrong", "PUT", "/me/totp", {
            body: { currentPassword: password, code: "abcdef" },
        });
        const used = totp(secret, -1);
        const { recoveryCodes } = await viewer.expect(200, "PUT", "/me/totp", {
            body: { currentPassword: password, code: used },
        });
        const visitor = new Console(server);
        const refused = (code, more) =>
            visitor.refused(401, code, "POST", "/sign-in", { body: { email: viewer.email, password, ...more } });
        await refused("totp_required", {});
        await refused("totp_wrong", { code: used });
        const code = totp(secret, 1);
        assert.equal((await visitor.signIn(viewer.email, { code })).status, 200);
        await refused("totp_wrong", { code });
        const recovered = await visitor.signIn(viewer.email, { code: recoveryCodes[3] });
        assert.equal(recovered.status, 200, recovered.text);
        assert.equal(recovered.json.recoveryCodesLeft, 9);
        await refused("totp_wrong", { code: recoveryCodes[3] });
        const { link } = await admin.expect(201, "POST", `/admins/${recovered.json.id}/link`);
        assert.equal((await (await useLink(server, link)).get("/me")).totp, false);
    });

    it("slows down who fails, whether or not there is such an account, and says for how long", async () => {
        const viewer = await admin.invite("viewer");
        for (const email of [viewer.email, "slow@acme.example"]) {
            const visitor = new Console(server);
            let answer;
            for (let i = 0; i < 20 && answer?.status !== 429; i += 1) {
                answer = await visitor.call("POST", "/sign-in", { body: { email, password: "not the right one" } });
            }
            assert.equal(answer.status, 429, email);
            assert.equal(answer.json.code, "sign_in_slowed");
            assert.ok(Number(answer.headers["retry-after"]) >= 1);
        }
        assert.equal((await new Console(server).signIn(admin.email)).status, 200, "others are not held up");
    });
});

describe("sessions of the console", () => {
    it("survive a restart, which makes no new link once there is an admin", async () => {
        const server = await startServer();
        try {
            const admin = await firstAdmin(server);
            await server.stop();
            server.output = "";
            await server.start();
            await admin.get("/me");
            assert.ok(!server.output.includes("/setup#"));
            await server.stop();
            assert.ok(!server.logs().includes(admin.cookie));
        } finally {
            await server.discard();
        }
    });
});
