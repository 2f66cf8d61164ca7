import assert from "node:assert/strict";
import { createServer } from "node:http";
import test, { after, before } from "node:test";
import { createPortal } from "./app.js";
import { customers } from "./customers.js";
import { hashPassword, isPassword, LoginSessions, PerMinute } from "./login.js";

const TOKEN = "inlay_not-to-be-seen-by-any-browser";
const PAT = `pat_${"0123456789abcdef".repeat(4)}`;
const APP_ID = "8ba8bf0e-6b8f-4e07-abb9-6fd2d816fabc";
const LINKS = {
    "/api/ext/users/personal-access-token": {
        status: 201,
        body: {
            personalAccessToken: PAT,
            redirectUrl: `http://label.localhost:3000/embed-apps/${APP_ID}?personal-access-token=${PAT}`,
        },
    },
    "/api/embed-url/external-user": {
        status: 200,
        body: { embedUrl: "http://label.localhost:3000/_inlay/embed/the-secret_of-this-link" },
    },
};

/** What the stand-in for Inlay answers next, if not a link, and what it was asked last. */
/** @type {{ status: number, body: unknown, headers?: Record<string, string> } | null} */
let refusal = null;
/** @type {{ path: string, authorization: string | undefined, body: any } | null} */
let asked = null;

const inlay = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) {
        text += chunk;
    }
    const path = request.url ?? "";
    asked = { path, authorization: request.headers.authorization, body: JSON.parse(text) };
    const { status, body, headers } = {
        headers: {},
        ...(refusal ?? LINKS[/** @type {keyof typeof LINKS} */ (path)]),
    };
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
});

/** @type {import("node:http").Server} */
let portal;
let origin = "";

before(async () => {
    const inlayUrl = await listen(inlay);
    // The portal must know its own name, which has the port in it.
    const probe = createServer();
    origin = (await listen(probe)).replace("127.0.0.1", "localhost");
    await new Promise((closed) => probe.close(closed));
    portal = createPortal({
        origin,
        inlayUrl,
        inlayToken: TOKEN,
        appId: APP_ID,
        appOrigins: "http://*.localhost:3000",
        customers,
        groupIds: new Map([
            ["fernhill", [4]],
            ["saltmarsh", [9]],
        ]),
    }).listen(Number(new URL(origin).port), "127.0.0.1");
    await new Promise((listening) => portal.once("listening", listening));
});

after(() => {
    for (const server of [portal, inlay]) {
        server.close();
        server.closeAllConnections();
    }
});

/** @param {import("node:http").Server} server */
async function listen(server) {
    await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(null)));
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    return `http://127.0.0.1:${address.port}`;
}

/**
 * @param {string} path
 * @param {Record<string, string>} [headers]
 * @param {Record<string, string>} [form]
 */
function post(path, headers = {}, form) {
    return fetch(origin + path, {
        method: "POST",
        headers: { origin, ...headers },
        redirect: "manual",
        ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    });
}

/** @param {string} key */
async function logIn(key) {
    const { person } = customers.find((customer) => customer.key === key) ?? assert.fail();
    const response = await post(`/${key}/login`, {}, { email: person.email, password: `${key}-demo` });
    assert.equal(response.status, 303);
    return response.headers.get("set-cookie") ?? "";
}

/**
 * @param {Response} response
 * @returns {Promise<any>}
 */
const json = (response) => response.json();

/** @param {string} cookie */
const sent = (cookie) => ({ cookie: cookie.split(";")[0] ?? "" });

test("a password is right or wrong, and its hash is salted", async () => {
    const hash = await hashPassword("correct horse");
    assert.notEqual(hash, await hashPassword("correct horse"));
    assert.equal(await isPassword("correct horse", hash), true);
    assert.equal(await isPassword("Correct horse", hash), false);
});

test("a login session opens one customer's pages until it is closed", () => {
    const sessions = new LoginSessions();
    const value = sessions.open("fernhill");
    assert.equal(sessions.isOpen(value, "fernhill"), true);
    assert.equal(sessions.isOpen(value, "saltmarsh"), false);
    sessions.close(value);
    assert.equal(sessions.isOpen(value, "fernhill"), false);
});

test("only so much is allowed in a minute", () => {
    const twice = new PerMinute(2);
    assert.deepEqual(
        [1, 2, 3].map(() => twice.allows("a")),
        [true, true, false],
    );
    assert.equal(twice.allows("b"), true);
});

test("each customer's cookie stays under their own path", async () => {
    assert.match(await logIn("fernhill"), /; Path=\/fernhill; HttpOnly; SameSite=Lax$/);
    assert.match(await logIn("saltmarsh"), /; Path=\/saltmarsh; HttpOnly; SameSite=Lax$/);
});

test("a wrong password opens nothing", async () => {
    const form = { email: "mira@fernhill.example", password: "saltmarsh-demo" };
    const response = await post("/fernhill/login", {}, form);
    assert.equal(response.status, 401);
    assert.equal(response.headers.get("set-cookie"), null);
});

test("no link is given without a login, or with another customer's", async () => {
    const fernhill = await logIn("fernhill");
    asked = null;
    assert.equal((await post("/fernhill/api/embedUrl")).status, 401);
    assert.equal((await post("/saltmarsh/api/embedUrl", sent(fernhill))).status, 401);
    assert.equal(asked, null);
});

test("another site cannot ask for links", async () => {
    const headers = { ...sent(await logIn("fernhill")), origin: "http://localhost:3000" };
    assert.equal((await post("/fernhill/api/embedUrl", headers)).status, 403);
});

test("a personal access token is asked for the person who is logged in", async () => {
    const response = await post("/saltmarsh/api/get-tooljet-url", sent(await logIn("saltmarsh")));
    const answer = await json(response);
    assert.equal(answer.redirectUrl, LINKS["/api/ext/users/personal-access-token"].body.redirectUrl);
    assert.deepEqual(asked, {
        path: "/api/ext/users/personal-access-token",
        authorization: `Basic ${TOKEN}`,
        body: { email: "tomas@saltmarsh.example", appId: APP_ID, sessionExpiry: 60, patExpiry: 3600 },
    });
});

test("an embed URL carries the customer's group and data, within the contract's limit", async () => {
    const response = await post("/fernhill/api/embedUrl", sent(await logIn("fernhill")));
    const answer = await json(response);
    assert.equal(answer.embedUrl, LINKS["/api/embed-url/external-user"].body.embedUrl);
    assert.equal(asked?.authorization, `Bearer ${TOKEN}`);
    assert.deepEqual(asked.body.groupIds, [4]);
    assert.equal(asked.body.metadata.company, "Fernhill Bakery");
    for (const { metadata } of customers) {
        assert.ok(JSON.stringify(metadata).length <= 1024);
    }
});

test("what the page may see of the exchange holds no secret", async () => {
    const cookie = await logIn("fernhill");
    for (const path of ["/fernhill/api/embedUrl", "/fernhill/api/get-tooljet-url"]) {
        const { exchange } = await json(await post(path, sent(cookie)));
        assert.doesNotMatch(JSON.stringify(exchange), /not-to-be-seen|0123456789abcdef|the-secret/);
    }
});

test("refusals of Inlay keep their meaning", async () => {
    const cookie = sent(await logIn("fernhill"));
    for (const [given, expected] of [
        [400, 400],
        [401, 502],
        [403, 403],
        [404, 404],
        [429, 429],
        [500, 502],
    ]) {
        refusal = { status: given ?? 0, body: { message: "no" }, headers: { "retry-after": "42" } };
        const response = await post("/fernhill/api/get-tooljet-url", cookie);
        assert.equal(response.status, expected);
        assert.equal(response.headers.get("retry-after"), given === 429 ? "42" : null);
        const answer = await json(response);
        assert.equal(typeof answer.error, "string");
        assert.equal(answer.exchange.response.status, given);
    }
    refusal = null;
});

test("the portal has one name, its own", async () => {
    const elsewhere = origin.replace("localhost", "127.0.0.1");
    const page = await fetch(`${elsewhere}/fernhill`, { redirect: "manual" });
    assert.equal(page.status, 302);
    assert.equal(page.headers.get("location"), origin);
    const login = await fetch(`${elsewhere}/fernhill/login`, { method: "POST" });
    assert.equal(login.status, 421);
});

test("pages escape what they show", async () => {
    const { loginPage } = await import("./pages.js");
    const [customer = assert.fail()] = customers;
    const page = loginPage({ ...customer, company: `<b>"A&B'</b>` }, { password: `"><script>` });
    assert.doesNotMatch(page, /<b>|"><script>/);
});
