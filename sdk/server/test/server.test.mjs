// @inlay/server: links by both contracts, and assertions that are not what they should be.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import http from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { bundle } from "../../build.mjs";

const folder = fileURLToPath(new URL("..", import.meta.url));
const { createClient, verifier, InlayError, CLOCK_TOLERANCE_S } = await import(
    `data:text/javascript,${encodeURIComponent(await bundle(folder))}`
);

let server, url, asked, respond;
before(async () => {
    server = http.createServer(async (request, response) => {
        let body = "";
        for await (const chunk of request) {
            body += chunk;
        }
        asked.push({ method: request.method, path: request.url, authorization: request.headers.authorization, body });
        const { status = 200, headers = {}, json } = respond(request);
        response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(json));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
    server.closeAllConnections();
    server.close();
});
beforeEach(() => {
    asked = [];
});

const refused = (status, code) => (error) => {
    assert.ok(error instanceof InlayError && error instanceof Error);
    assert.deepEqual([error.name, error.status, error.code], ["InlayError", status, code]);
    assert.ok(error.message.length > 0);
    return true;
};

/** What is not a text of use, and what is said of it. */
const useless = [
    [undefined, /is undefined/],
    [null, /is null/],
    ["", /is empty/],
    ["   ", /is empty/],
    ["undefined", /is the text "undefined"/],
    [7, /is a number/],
    [{}, /is an object/],
    [["x"], /is an array/],
];
const useful = { url: "https://inlay.example.com", token: "secret", appId: "app" };
const takers = { createClient: ["url", "token"], verifier: ["url", "appId", "keysUrl"] };

for (const [name, options] of Object.entries(takers)) {
    const make = (options) => (name === "createClient" ? createClient(options) : verifier(options));
    for (const option of options) {
        test(`${name} says at once what is wrong with ${option}, and never shows it`, () => {
            for (const [value, words] of useless) {
                if (option === "keysUrl" && value === undefined) {
                    continue; // it may be left out
                }
                assert.throws(
                    () => make({ ...useful, [option]: value }),
                    (error) => {
                        assert.ok(error instanceof TypeError);
                        assert.ok(error.message.startsWith(`${option} is `), error.message);
                        assert.match(error.message, words);
                        return true;
                    },
                );
            }
        });
    }
    test(`${name} takes no url that is none`, () => {
        for (const url of [
            "inlay.example.com",
            "/inlay",
            "ftp://inlay.example.com",
            "https://",
            "http:inlay",
            "https://a b",
        ]) {
            assert.throws(() => make({ ...useful, url }), /^TypeError: url .*https:\/\/inlay\.example\.com/);
        }
        assert.throws(() => make(), /^TypeError: url is undefined/);
    });
}

test("a token that isn't set says which variable may be missing, and a broken one isn't sent", () => {
    assert.throws(() => createClient({ ...useful, token: undefined }), /token is undefined: is INLAY_TOKEN set\?/);
    for (const token of ["secret\n", " secret", "Bearer secret", "sec\u00a0ret"]) {
        assert.throws(
            () => createClient({ ...useful, token }),
            (error) => /^token has /.test(error.message) && !error.message.includes("sec"),
        );
    }
});

describe("createClient", () => {
    test("asks by both contracts, integers of 64 bits too", async () => {
        respond = () => ({ status: 201, json: { personalAccessToken: "pat_1", redirectUrl: "http://a/b" } });
        const inlay = createClient({ url, token: "secret" });
        const link = await inlay.personalAccessToken({ email: "ann@acme.example", appSlug: "orders" });
        assert.deepEqual(link, { personalAccessToken: "pat_1", redirectUrl: "http://a/b" });
        respond = () => ({ json: { embedUrl: "http://a/c" } });
        const metadata = { big: 9007199254740993n, small: 51, text: "9007199254740993" };
        const request = { landingPageUuid: "x", groupIds: [1], externalIdentifier: "acme-7", metadata };
        assert.deepEqual(await inlay.embedUrl(request), { embedUrl: "http://a/c" });
        assert.deepEqual(
            asked.map(({ method, path, authorization }) => [method, path, authorization]),
            [
                ["POST", "/api/ext/users/personal-access-token", "Bearer secret"],
                ["POST", "/api/embed-url/external-user", "Bearer secret"],
            ],
        );
        assert.equal(asked[0].body, '{"email":"ann@acme.example","appSlug":"orders"}');
        assert.match(asked[1].body, /"metadata":\{"big":9007199254740993,"small":51,"text":"9007199254740993"\}/);
    });

    const answers = {
        400: "bad_request",
        401: "unauthorized",
        403: "forbidden",
        404: "not_found",
        413: "too_large",
        418: "unexpected",
        503: "unavailable",
    };
    for (const [status, code] of Object.entries(answers)) {
        test(`${status} is ${code}, with Inlay's message`, async () => {
            respond = () => ({ status: Number(status), json: { message: "This is wrong." } });
            await assert.rejects(
                createClient({ url, token: "t" }).embedUrl({}),
                (error) => refused(Number(status), code)(error) && error.message === "This is wrong.",
            );
        });
    }

    test("too many requests say when to come again", async () => {
        respond = () => ({ status: 429, headers: { "Retry-After": "7" }, json: { message: "Too many." } });
        await assert.rejects(
            createClient({ url, token: "t" }).embedUrl({}),
            (error) => refused(429, "too_many_requests")(error) && error.retryAfterSeconds === 7,
        );
    });

    test("the token follows no redirect, and no error tells it", async () => {
        respond = () => ({ status: 307, headers: { Location: `${url}/elsewhere` }, json: {} });
        await assert.rejects(
            createClient({ url, token: "secret" }).embedUrl({}),
            (error) => refused(503, "unreachable")(error) && !error.stack.includes("secret"),
        );
        assert.equal(asked.length, 1);
    });

    test("a server that does not answer is unreachable", async () => {
        await assert.rejects(
            createClient({ url: "http://127.0.0.1:1", token: "t" }).embedUrl({}),
            (error) => refused(503, "unreachable")(error) && error.cause instanceof Error,
        );
    });

    test("what is wrong with the call itself is told at once, and is not the server's fault", async () => {
        for (const wrong of [undefined, "", "localhost:3000"]) {
            assert.throws(() => createClient({ url: wrong, token: "t" }), /url must be Inlay's public URL/);
        }
        const loop = {};
        loop.loop = loop;
        await assert.rejects(createClient({ url, token: "t" }).embedUrl({ metadata: loop }), TypeError);
        assert.equal(asked.length, 0);
    });

    test("an answer that is no JSON is unexpected", async () => {
        respond = () => ({ status: 502, headers: { "Content-Type": "text/html" }, json: "oops" });
        await assert.rejects(createClient({ url, token: "t" }).embedUrl({}), refused(502, "unexpected"));
    });
});

describe("verifier", () => {
    const pair = () => crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = pair();
    const publicKey = (from, kid) => ({ ...from.publicKey.export({ format: "jwk" }), kid, alg: "ES256", use: "sig" });
    const base64url = (value) =>
        Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
    const now = () => Math.floor(Date.now() / 1000);
    function assertion({ header = {}, claims = {}, by = key, body } = {}) {
        const signed = [
            { alg: "ES256", typ: "JWT", kid: "one", ...header },
            body ?? { iss: url, aud: "app", sub: "ann", iat: now(), nbf: now() - 5, exp: now() + 60, ...claims },
        ]
            .map(base64url)
            .join(".");
        const signature = crypto.sign("sha256", Buffer.from(signed), { key: by.privateKey, dsaEncoding: "ieee-p1363" });
        return `${signed}.${signature.toString("base64url")}`;
    }
    let keys;
    beforeEach(() => {
        keys = [publicKey(key, "one")];
        respond = () => ({ json: { keys } });
    });
    const verify = (token) => verifier({ url, appId: "app" })(token);

    test("tells who the user is, integers of 64 bits too", async () => {
        const body = `{"iss":"${url}","aud":"app","sub":"ann","exp":${now() + 60},"metadata":{"big":9007199254740993}}`;
        const identity = await verify(assertion({ body }));
        assert.deepEqual([identity.sub, identity.metadata], ["ann", { big: 9007199254740993n }]);
        assert.deepEqual(
            asked.map(({ path }) => path),
            ["/.well-known/jwks.json"],
        );
    });

    test("clocks may differ by the stated tolerance", async () => {
        assert.equal(CLOCK_TOLERANCE_S, 10);
        assert.equal((await verify(assertion({ claims: { exp: now() - 5, nbf: now() + 5 } }))).sub, "ann");
    });

    const flipped = () => {
        const [head, body, signature] = assertion().split(".");
        return `${head}.${body}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
    };
    const otherBody = () => {
        const [head, , signature] = assertion().split(".");
        return `${head}.${base64url({ iss: url, aud: "app", sub: "eve", exp: now() + 60 })}.${signature}`;
    };
    const wrong = {
        "no assertion": ["assertion_missing", () => undefined],
        "an empty one": ["assertion_missing", () => ""],
        "two headers": ["assertion_malformed", () => [assertion(), assertion()]],
        "something that is no JWT": ["assertion_malformed", () => "nonsense"],
        "a head that is no JSON": ["assertion_malformed", () => `${base64url("nonsense")}.e30.AA`],
        "characters that are not base64url": ["assertion_malformed", () => `${assertion()}=`],
        "one that is too long": ["assertion_malformed", () => assertion({ claims: { more: "x".repeat(20_000) } })],
        "a body that is no object": ["assertion_malformed", () => assertion({ body: "[]" })],
        "another server's": ["assertion_issuer", () => assertion({ claims: { iss: "https://evil.example" } })],
        "another app's": ["assertion_audience", () => assertion({ claims: { aud: "other" } })],
        "several apps'": ["assertion_audience", () => assertion({ claims: { aud: ["app", "other"] } })],
        "an expired one": ["assertion_expired", () => assertion({ claims: { exp: now() - 11 } })],
        "one without an end": ["assertion_expired", () => assertion({ claims: { exp: undefined } })],
        "one whose end is text": ["assertion_expired", () => assertion({ claims: { exp: "9999999999" } })],
        "one of the future": ["assertion_early", () => assertion({ claims: { nbf: now() + 30 } })],
        "one of nobody": ["assertion_malformed", () => assertion({ claims: { sub: undefined } })],
        "one that is not signed": [
            "assertion_algorithm",
            () => `${base64url({ alg: "none" })}.${base64url({ sub: "ann" })}.`,
        ],
        "another algorithm": ["assertion_algorithm", () => assertion({ header: { alg: "HS256" } })],
        "an extension that must be understood": [
            "assertion_algorithm",
            () => assertion({ header: { crit: ["b64"], b64: false } }),
        ],
        "an unknown key": ["assertion_key", () => assertion({ header: { kid: "two" } })],
        "no key": ["assertion_key", () => assertion({ header: { kid: undefined } })],
        "another key's signature": ["assertion_signature", () => assertion({ by: pair() })],
        "a changed signature": ["assertion_signature", flipped],
        "a changed body": ["assertion_signature", otherBody],
    };
    for (const [what, [code, make]] of Object.entries(wrong)) {
        test(`refuses ${what}: ${code}`, async () => {
            await assert.rejects(verify(make()), refused(401, code));
        });
    }

    test("asks for the keys once, however many requests come", async () => {
        const ask = verifier({ url, appId: "app" });
        await Promise.all(Array.from({ length: 20 }, () => ask(assertion())));
        await ask(assertion());
        assert.equal(asked.length, 1);
    });

    test("asks again when a key is unknown, but not for every stranger", async (t) => {
        const ask = verifier({ url, appId: "app" });
        const next = pair();
        await ask(assertion());
        keys.push(publicKey(next, "two"));
        const steady = performance.now();
        const clock = t.mock.method(performance, "now", () => steady + 11_000);
        assert.equal((await ask(assertion({ by: next, header: { kid: "two" } }))).sub, "ann");
        await assert.rejects(ask(assertion({ header: { kid: "three" } })), refused(401, "assertion_key"));
        assert.equal(asked.length, 2);

        clock.mock.mockImplementation(() => steady + 330_000);
        keys = [publicKey(next, "two")];
        await assert.rejects(ask(assertion()), refused(401, "assertion_key"));
        assert.equal(asked.length, 3, "keys that were withdrawn are forgotten after five minutes");
    });

    test("keeps the keys for an hour while Inlay is silent, and no longer", async (t) => {
        const ask = verifier({ url, appId: "app" });
        await ask(assertion());
        respond = () => ({ status: 503, json: {} });
        const steady = performance.now();
        const clock = t.mock.method(performance, "now", () => steady + 3_000_000);
        assert.equal((await ask(assertion())).sub, "ann");
        clock.mock.mockImplementation(() => steady + 3_700_000);
        await assert.rejects(ask(assertion()), refused(503, "unreachable"));
    });
});
