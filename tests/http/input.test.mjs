// Bad input: every one is a 4xx that says what is wrong, and does nothing.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, describe, it } from "node:test";
import { request } from "../lib/browserlike.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

/** @type {import("../lib/server.mjs").Server} */ let server;
/** @type {import("../lib/world.mjs").World} */ let world;

describe("input", () => {
    before(async () => {
        server = await startServer({ body_max: "64k" });
        world = await makeWorld(server);
    });
    after(() => server.discard());

    /** The JSON calls, each with a body that is good but for what a test puts in. */
    const calls = () => ({
        "/users": { body: { email: `${unique("u")}@acme.example` }, member: "firstName" },
        "/api/ext/users/personal-access-token": {
            body: { email: world.user.email, appId: world.app.id },
            member: "appSlug",
        },
        "/api/embed-url/external-user": {
            body: { landingPageUuid: world.app.id, groupIds: [world.group.id], externalIdentifier: "x" },
            member: "environment",
        },
    });
    const message = (answer) => answer.json?.detail ?? answer.json?.message ?? "";

    /** POSTs bytes to all of them. @param {(call: {body: any, member: string}) => Buffer | string} make */
    async function refusedEverywhere(make, pattern) {
        for (const [path, call] of Object.entries(calls())) {
            const answer = await world.api.call("POST", path, { raw: make(call), type: "application/json" });
            assert.equal(answer.status, 400, `${path}: ${answer.text}`);
            assert.match(message(answer), pattern, path);
        }
    }

    /** A good body with one more member, as raw text. */
    const withRaw = ({ body, member }, raw) => `${JSON.stringify(body).slice(0, -1)},"${member}":${raw}}`;

    it("that is not JSON is refused", async () => {
        for (const raw of [
            "",
            " ",
            "{",
            "}",
            "nonsense",
            "{'a':1}",
            '{"a":1,}',
            '{"a":01}',
            '{"a":+1}',
            '{"a":.5}',
            '{"a":1.}',
            '{"a":"\t"}',
            '{"a":"\\x41"}',
            '{"a":"\\u12"}',
            "[1]",
            " \u{feff}{}",
            "{} {}",
            "/* c */ {}",
            '{"a":0x10}',
            '{"a":tru}',
        ]) {
            await refusedEverywhere(() => raw, /JSON/);
        }
    });

    it("with NaN or Infinity is refused", async () => {
        for (const raw of ["NaN", "Infinity", "-Infinity", "nan", "1e"]) {
            await refusedEverywhere((call) => withRaw(call, raw), /JSON/);
        }
    });

    it("with a member twice is refused, at any depth and however it is written", async () => {
        await refusedEverywhere(
            ({ body, member }) => `${JSON.stringify(body).slice(0, -1)},"${member}":"a","${member}":"b"}`,
            /twice|duplicate/i,
        );
        await refusedEverywhere((call) => withRaw(call, '{"x":1,"x":2}'), /twice|duplicate/i);
        await refusedEverywhere((call) => withRaw(call, '{"x":1,"\\u0078":2}'), /twice|duplicate/i);
    });

    it("with a lone surrogate is refused", async () => {
        for (const raw of [
            '"\\ud800"',
            '"\\udc00"',
            '"\\ud800x"',
            '"\\ud800\\u0041"',
            '"\\udc00\\ud800"',
            '{"\\ud800":1}',
        ]) {
            await refusedEverywhere((call) => withRaw(call, raw), /JSON|UTF/);
        }
    });

    it("that is not UTF-8 is refused: overlong, surrogates, beyond Unicode, cut off, latin-1", async () => {
        for (const bytes of [
            [0xc0, 0xaf],
            [0xc1, 0xbf],
            [0xe0, 0x80, 0xaf],
            [0xf0, 0x80, 0x80, 0xaf],
            [0xed, 0xa0, 0x80],
            [0xf4, 0x90, 0x80, 0x80],
            [0xf8, 0x88, 0x80, 0x80, 0x80],
            [0xe2, 0x82],
            [0x80],
            [0xfc],
            [0xff],
            [0xc0, 0x80],
        ]) {
            await refusedEverywhere(
                ({ body, member }) =>
                    Buffer.concat([
                        Buffer.from(`${JSON.stringify(body).slice(0, -1)},"${member}":"`),
                        Buffer.from(bytes),
                        Buffer.from('"}'),
                    ]),
                /UTF-8|JSON/,
            );
        }
    });

    it("with U+0000 is refused, in values and in names", async () => {
        for (const raw of ['"a\\u0000b"', '{"a\\u0000b":1}', '{"x":{"y":"\\u0000"}}']) {
            await refusedEverywhere((call) => withRaw(call, raw), /NUL|null|JSON|control/i);
        }
        await refusedEverywhere(({ body, member }) => `${JSON.stringify(body).slice(0, -1)},"${member}":"a\0b"}`, /./);
    });

    it("with control characters in a name is refused", async () => {
        for (const text of ["a\nb", "a\rb", "\u001b[31m", "\u007f", "a\tb"]) {
            const answer = await world.api.call("POST", "/groups", { body: { name: text } });
            assert.equal(answer.status, 400, JSON.stringify(text));
            assert.equal(answer.json.member, "name");
        }
    });

    it("nested 16 deep is taken and 17 deep is refused with the limit", async () => {
        const nested = (depth) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
        // The body itself is one level.
        const name = unique("deep");
        const good = await world.api.call("POST", "/environments", {
            raw: `{"name":"${name}","config":${nested(15)}}`,
        });
        assert.equal(good.status, 201, good.text);
        await refusedEverywhere((call) => withRaw(call, nested(16)), /\b16\b/);
        await refusedEverywhere((call) => withRaw(call, `${"[".repeat(16)}${"]".repeat(16)}`), /\b16\b/);
        await refusedEverywhere(() => "[".repeat(20_000), /\b16\b|JSON/);
        await refusedEverywhere(() => '{"a":'.repeat(5000), /\b16\b|JSON/);
    });

    it("with a number out of range is refused with the member", async () => {
        for (const number of ["1e400", "-1e400", "9223372036854775808", "123456789012345678901234567890"]) {
            const answer = await world.api.call("POST", "/api/ext/users/personal-access-token", {
                raw: `{"email":"${world.user.email}","appId":"${world.app.id}","sessionExpiry":${number}}`,
            });
            assert.equal(answer.status, 400, `${number}: ${answer.text}`);
        }
        for (const number of ["1e2", "60.0", "-0"]) {
            const answer = await world.api.call("POST", "/api/ext/users/personal-access-token", {
                raw: `{"email":"${world.user.email}","appId":"${world.app.id}","sessionExpiry":${number}}`,
            });
            assert.equal(answer.status, 400, `${number}: ${answer.text}`);
            assert.match(answer.json.message[0], /sessionExpiry/);
        }
    });

    const texts = [
        ["/workspaces", "name", 128, {}],
        ["/groups", "name", 128, {}],
        ["/apps", "name", 128, {}],
        ["/api-tokens", "name", 128, { scopes: ["embed"] }],
        ["/api-tokens", "description", 1024, { name: "t", scopes: ["embed"] }],
        ["/users", "firstName", 128, { email: "long@acme.example" }],
        ["/users", "lastName", 128, { email: "long@acme.example" }],
    ];
    for (const [path, member, limit, rest] of texts) {
        it(`POST ${path}: ${member} may have ${limit} bytes, and one more is refused by name and limit`, async () => {
            const email = rest.email === undefined ? {} : { email: `${unique("l")}@acme.example` };
            const good = await world.api.call("POST", path, {
                body: { ...rest, ...email, [member]: `${unique("x")}-`.padEnd(limit, "x") },
            });
            assert.equal(good.status, 201, good.text);
            for (const long of ["x".repeat(limit + 1), "é".repeat(limit / 2 + 1)]) {
                const answer = await world.api.call("POST", path, { body: { ...rest, ...email, [member]: long } });
                assert.equal(answer.status, 400, answer.text);
                assert.equal(answer.json.member, member);
                assert.match(answer.json.detail, new RegExp(`\\b${limit}\\b`));
            }
        });
    }

    it("with an empty or blank name is refused", async () => {
        for (const name of ["", null, 5, [], {}, true]) {
            for (const path of ["/workspaces", "/groups", "/apps"]) {
                const answer = await world.api.call("POST", path, { body: { name } });
                assert.equal(answer.status, 400, `${path} ${JSON.stringify(name)}`);
                assert.equal(answer.json.member, "name");
            }
        }
    });

    it("larger than body_max is 413 and names the limit, with or without a length", async () => {
        for (const [path, { body }] of Object.entries(calls())) {
            const raw = JSON.stringify({ ...body, padding: "x".repeat(65_536) });
            const answer = await world.api.call("POST", path, { raw });
            assert.equal(answer.status, 413, `${path}: ${answer.text}`);
            assert.match(message(answer), /65536|64/);
            const chunked = await world.api.call("POST", path, { raw, headers: { "Transfer-Encoding": "chunked" } });
            assert.equal(chunked.status, 413, `${path}, chunked: ${chunked.text}`);
        }
    });

    it("in an Authorization header is refused and never breaks anything", async () => {
        for (const value of [
            "Bearer",
            "Bearer  ",
            `Bearer ${"x".repeat(2000)}`,
            "Basic !!!",
            `Basic ${Buffer.from("a:b:c").toString("base64")}`,
            `Basic ${Buffer.from(":").toString("base64")}`,
            `Basic ${Buffer.from("\xff\xfe", "latin1").toString("base64")}`,
            "Bearer \xfc",
            "Token x",
            "inlay_x",
            `Bearer ${server.token} ${server.token}`,
        ]) {
            const answer = await world.api.as(null).call("GET", "/users", { headers: { Authorization: value } });
            assert.equal(answer.status, 401, value.slice(0, 30));
        }
    });

    it("in a query is refused by name", async () => {
        for (const [query, status] of [
            ["?limit=%zz", 400],
            ["?%00=1", 400],
            ["?email=%ff%fe", 400],
            ["?email=%00", 400],
            [`?email=${"x".repeat(3000)}`, null],
        ]) {
            const answer = await world.api.send("GET", `/users${query}`);
            assert.ok(
                status === null ? answer.status >= 400 && answer.status < 500 : answer.status === status,
                `${query.slice(0, 20)}: ${answer.status}`,
            );
        }
    });

    it("with a method that the address does not take is 405, names it and says which it takes", async () => {
        const taken = { "/users": "GET, HEAD, POST" };
        for (const path of Object.keys(calls())) {
            for (const method of ["PUT", "X", "OPTIONS", "M".repeat(300)]) {
                const answer = await world.api.send(method, path);
                assert.equal(answer.status, 405, `${method} ${path}: ${answer.text}`);
                assert.equal(answer.headers.allow, taken[path] ?? "POST", path);
                assert.match(message(answer), new RegExp(`[^A-Z]${method.slice(0, 20)}[^A-Z]`), path);
                assert.equal(
                    answer.headers["content-type"],
                    path === "/users" ? "application/problem+json" : "application/json",
                );
            }
        }
    });

    it("of SQL is only text", async () => {
        for (const text of [
            "'; DROP TABLE users; --",
            '" OR 1=1',
            "x' UNION SELECT * FROM api_tokens --",
            "%",
            "_",
            "a\\'b",
        ]) {
            const group = await world.api.post("/groups", { name: `${text}${unique("")}` });
            assert.deepEqual(
                (await world.api.get("/groups", { name: group.name })).items.map((one) => one.id),
                [group.id],
            );
            assert.deepEqual((await world.api.get("/groups", { name: text })).items, []);
            assert.deepEqual((await world.api.get("/users", { email: text })).items, []);
        }
    });

    it("of every language stays what it is", async () => {
        for (const name of ["Grüße", "日本語", "🙂 emoji", "اردو", "a<b>&amp;\"'", "\u200bzero", "e\u0301"]) {
            const group = await world.api.post("/groups", { name: `${name} ${unique("")}` });
            assert.ok(group.name.startsWith(name));
            assert.equal((await world.api.get(`/groups/${group.id}`)).name, group.name);
        }
    });

    it("in headers has limits", async () => {
        const long = await request(`${server.url}/api/v1/users`, { headers: { "X-Long": "y".repeat(70_000) } });
        assert.ok([400, 413, 431].includes(long.status), String(long.status));
        const path = await request(server.url, { path: `/api/v1/${"x".repeat(70_000)}` });
        assert.ok([400, 404, 414].includes(path.status), String(path.status));
    });

    it("that is no HTTP is refused and the connection closed", async () => {
        const host = `Host: localhost:${server.port}`;
        for (const raw of [
            "nonsense\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            `GET / HTTP/1.1\r\n${host}\r\nHost: other\r\n\r\n`,
            `POST /api/v1/users HTTP/1.1\r\n${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
            `POST /api/v1/users HTTP/1.1\r\n${host}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde`,
            `POST /api/v1/users HTTP/1.1\r\n${host}\r\nContent-Length: -5\r\n\r\nabcde`,
            `GET /\0 HTTP/1.1\r\n${host}\r\n\r\n`,
            `GET / HTTP/1.1\r\n${host}\r\nX: a\0b\r\n\r\n`,
        ]) {
            const status = await rawStatus(raw);
            assert.match(status, /^HTTP\/1\.1 4\d\d /, JSON.stringify(raw.slice(0, 60)));
        }
    });

    /** The status line that raw bytes get. */
    function rawStatus(raw) {
        return new Promise((resolve, reject) => {
            const socket = net.connect(server.port, "127.0.0.1", () => socket.write(raw, "latin1"));
            let text = "";
            socket.setTimeout(10_000, () => socket.destroy(new Error("no answer")));
            socket.on("data", (data) => {
                text += data;
                socket.end();
            });
            socket.on("close", () => resolve(text.split("\r\n")[0]));
            socket.on("error", reject);
        });
    }

    it("left the server as it was", async () => {
        assert.equal((await request(`${server.url}/readyz`)).status, 200);
        const opened = await world.opened();
        assert.equal(await opened.refusal(), null);
        server.requireNothingFound();
    });
});
