// Theme, language and brand: what a portal asks for reaches the app and its server, and Inlay's own pages.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, describe, it } from "node:test";
import { Browserlike, frameHeaders, request } from "../lib/browserlike.mjs";
import { startServer } from "../lib/server.mjs";
import { close, listen, upstreamWorld } from "../lib/upstream.mjs";
import { makeWorld } from "../lib/world.mjs";

const PNG = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
);
/** A page of ours about a session that is fine: a form posted to a bundle. */
const misposted = ({ browser, origin }, headers = {}) =>
    browser.send(`${origin}/`, {
        method: "POST",
        headers: { ...frameHeaders(), "Sec-Fetch-Site": "same-origin", Origin: origin, ...headers },
    });
const dataUrl = (bytes, type = "image/png") => `data:${type};base64,${bytes.toString("base64")}`;

describe("theme and locale", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;
    let upstream;
    let seen;

    before(async () => {
        upstream = await listen((incoming, response) => {
            seen = incoming.rawHeaders;
            response.end("ok");
        });
        server = await startServer();
        world = await makeWorld(server);
    });
    after(async () => {
        await server.discard();
        close(upstream);
    });

    const mints = () => [(more) => world.patLink(more), (more) => world.embedLink(more)];

    async function told(opened) {
        const { theme, locale } = (await opened.session()).json.session;
        return { theme, locale };
    }

    it("reach the app by both mints, the locale with the usual capitals", async () => {
        for (const mint of mints()) {
            const opened = await world.opened(await mint({ theme: "dark", locale: "PT-br" }));
            assert.deepEqual(await told(opened), { theme: "dark", locale: "pt-BR" });
        }
    });

    it("are null where the mint says nothing", async () => {
        for (const mint of mints()) {
            for (const more of [{}, { theme: null, locale: null }, { theme: "", locale: "" }]) {
                assert.deepEqual(await told(await world.opened(await mint(more))), { theme: null, locale: null });
            }
        }
    });

    it("take part in neither the label nor the claims", async () => {
        const identifier = { externalIdentifier: "the same" };
        const one = new URL(await world.embedLink({ ...identifier, theme: "dark", locale: "de" }));
        const two = new URL(await world.embedLink({ ...identifier, theme: "light", locale: "fr" }));
        assert.equal(one.origin, two.origin);
        const opened = await world.opened(one.href);
        const { items } = await world.api.get("/sessions", { appId: world.app.id });
        const { id } = (await opened.session()).json.session;
        const found = items.find((item) => item.id === id);
        assert.deepEqual([found.theme, found.locale], ["dark", "de"]);
        assert.ok(!("theme" in found.claims) && !("locale" in found.claims));
    });

    it("are checked before anything is minted, and the error says what would be right", async () => {
        const wrong = {
            theme: ["Dark", "blue", "dark ", 1, true, { a: 1 }],
            locale: [
                "german",
                "de_DE",
                "d",
                "de-",
                "-de",
                "de--DE",
                "de-x",
                "a".repeat(36),
                "de-DE-DE",
                "*",
                "é",
                5,
                ["de"],
            ],
        };
        for (const [name, values] of Object.entries(wrong)) {
            for (const value of values.filter((value) => value !== "german")) {
                for (const [path, body] of [
                    ["/api/ext/users/personal-access-token", { email: world.user.email, appId: world.app.id }],
                    [
                        "/api/embed-url/external-user",
                        { landingPageUuid: world.app.id, groupIds: [world.group.id], externalIdentifier: "x" },
                    ],
                ]) {
                    const answer = await request(`${server.url}${path}`, {
                        method: "POST",
                        headers: { Authorization: `Bearer ${server.token}`, "Content-Type": "application/json" },
                        body: JSON.stringify({ ...body, [name]: value }),
                    });
                    assert.equal(answer.status, 400, `${path} ${name}: ${JSON.stringify(value)}`);
                    assert.match(answer.text, new RegExp(`${name} must`), answer.text);
                }
            }
        }
    });

    it("of a renewing link become the session's, and stay where it says nothing", async () => {
        const identifier = { externalIdentifier: "renewing" };
        const opened = await world.opened(await world.embedLink({ ...identifier, theme: "dark", locale: "de" }));
        await opened.browser.open(`${await world.embedLink({ ...identifier, theme: "light" })}?renew=1`);
        assert.deepEqual(await told(opened), { theme: "light", locale: "de" });
        const page = await misposted(opened, { "Accept-Language": "fr" });
        assert.equal(page.headers["content-language"], "de");
        assert.match(page.text, /data-theme="light"/);
    });

    it("reach the app's server as headers that no client can send", async () => {
        const up = await upstreamWorld(server, { url: `http://127.0.0.1:${upstream.address().port}` });
        const values = (name) => seen.filter((_, i) => i % 2 === 1 && seen[i - 1].toLowerCase() === name);
        const forged = {
            "X-Inlay-Theme": "light",
            "x-inlay_locale": "xx",
            "X-Inlay-Locale": "xx",
            X_INLAY_THEME: "xx",
        };
        const opened = await up.opened(await up.embedLink({ theme: "dark", locale: "de-CH" }));
        for (let i = 0; i < 2; i += 1) {
            await opened.fetch("/", { headers: forged });
            assert.deepEqual([values("x-inlay-theme"), values("x-inlay-locale")], [["dark"], ["de-CH"]]);
        }
        const silent = await up.opened(await up.embedLink());
        await silent.fetch("/", { headers: forged });
        assert.deepEqual([values("x-inlay-theme"), values("x-inlay-locale")], [[], []]);
        assert.ok(!seen.some((text) => /^x.inlay.(theme|locale)$/i.test(text)));
    });
});

describe("Inlay's own pages", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;
    let brandPath;

    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
        const { items } = await world.api.get("/workspaces");
        brandPath = `/workspaces/${items[0].id}/brand`;
    });
    after(() => server.discard());

    const lang = (page) => [/<html lang="(\w+)"/.exec(page.text)?.[1], page.headers["content-language"]];

    /** A link that was spent by another browser. */
    async function spent(more) {
        const link = await world.embedLink(more);
        await world.opened(link);
        return link;
    }

    it("speak the language that the portal asked for, whatever the browser likes", async () => {
        const titles = {
            en: "This link has already been used",
            de: "Dieser Link wurde bereits verwendet",
            fr: "Ce lien a déjà été utilisé",
            es: "Este enlace ya se ha utilizado",
            pt: "Este link já foi usado",
            ja: "このリンクはすでに使用されています",
        };
        for (const [locale, title] of Object.entries(titles)) {
            const page = await new Browserlike("another").open(await spent({ locale: `${locale}-XX` }), {
                "Accept-Language": "fr,ja;q=0.5",
            });
            assert.equal(page.status, 410);
            assert.deepEqual(lang(page), [locale, locale]);
            assert.match(page.text, new RegExp(`<title>${title}</title>`));
            assert.match(page.headers.vary, /Accept-Language/);
            assert.ok(Buffer.byteLength(page.text) < 6500, `${locale}: ${Buffer.byteLength(page.text)} bytes`);
        }
    });

    it("speak what the browser likes best where the portal said nothing, or what no page speaks", async () => {
        const cases = [
            ["de-CH, en;q=0.9", "de"],
            ["nl, ja;q=0.7, fr;q=0.8", "fr"],
            ["nl", "en"],
            ["de;q=0, es;q=0.1", "es"],
            ["de;q=nonsense, pt-BR;q=0.2", "pt"],
            [",,;=;q=1,*;q=0.1", "en"],
            [undefined, "en"],
        ];
        for (const more of [{}, { locale: "nl" }]) {
            const link = await spent(more);
            for (const [header, language] of cases) {
                const page = await new Browserlike("another").open(link, { "Accept-Language": header });
                assert.deepEqual(lang(page), [language, language], `${header}`);
            }
        }
    });

    it("say why a session ended in the reader's language", async () => {
        const opened = await world.opened(await world.embedLink({ locale: "de", theme: "dark" }));
        const { id } = (await opened.session()).json.session;
        await world.api.delete(`/sessions/${id}`);
        const page = await opened.navigate("/", { "Accept-Language": "en" });
        assert.match(page.text, /<p>Ein Administrator hat Ihre Sitzung beendet\.<\/p>/);
        assert.match(page.text, /data-theme="dark"/);
        assert.equal(await opened.refusal(), "session_ended");
    });

    it("speak the reader's language where nginx makes the error itself", async () => {
        const { host, port } = new URL(server.url);
        const answer = await new Promise((resolve, reject) => {
            const socket = net.connect(Number(port), "127.0.0.1");
            let text = "";
            socket.on("data", (data) => (text += data));
            socket.on("end", () => resolve(text));
            socket.on("error", reject);
            const header = `GET / HTTP/1.1\r\nHost: ${"a".repeat(26)}.${host}\r\nAccept-Language: ja\r\nAccept: text/html\r\n`;
            socket.end(`${header}X: ${"a".repeat(40_000)}\r\n\r\n`);
        });
        assert.match(answer, /Content-Language: ja/);
        assert.match(answer, /ブラウザー/);
    });

    it("carry the brand of the workspace that they are about", async () => {
        const brand = { name: "Acme & <Söhne>", color: "#FFEE00", support: "help@acme.example" };
        const saved = await world.api.patch(brandPath, { ...brand, logo: dataUrl(PNG) });
        assert.match(saved.logo, new RegExp(`^${server.url}/_inlay/logo/[\\w-]{22}$`));
        assert.deepEqual(await world.api.get(brandPath), saved);
        const logo = new URL(saved.logo).pathname;
        const branded = (page) => {
            assert.match(page.text, /data-color="#FFEE00"/);
            assert.match(page.text, /<b>Acme &amp; &lt;Söhne&gt;<\/b>/);
            assert.match(page.text, /<p>help@acme\.example<\/p>/);
            assert.ok(page.text.includes(`<img src="${logo}"`));
            assert.ok(Buffer.byteLength(page.text) < 6500);
        };
        // A link, a session, an origin without a session, and one that the server remembers.
        branded(await new Browserlike("another").open(await spent()));
        const opened = await world.opened();
        branded(await new Browserlike().navigate(`${opened.origin}/`));
        await opened.session();
        branded(await misposted(opened));
        // An address of an app that is no link.
        branded(await new Browserlike().navigate(`${server.url}/embed-apps/${world.app.id}`));
        // Of a host that nobody knows there is no workspace.
        const unknown = await new Browserlike().navigate(`${opened.origin.replace(/\/\/\w+/, `//${"a".repeat(26)}`)}/`);
        assert.match(unknown.text, /data-color=""/);
        assert.doesNotMatch(unknown.text, /Acme|<img/);

        for (const base of [server.url, opened.origin]) {
            const picture = await request(base + logo);
            assert.equal(picture.status, 200);
            assert.deepEqual(picture.bytes, PNG);
            assert.equal(picture.headers["content-type"], "image/png");
            assert.equal(picture.headers["x-content-type-options"], "nosniff");
            assert.equal(picture.headers["cross-origin-resource-policy"], "cross-origin");
            assert.match(picture.headers["content-security-policy"], /^default-src 'none'; /);
            assert.equal(picture.headers["cache-control"], "public, max-age=31536000, immutable");
            for (const other of ["/_inlay/logo/", `/_inlay/logo/${"a".repeat(22)}`, `${logo}x`, `${logo}/x`]) {
                assert.equal((await request(base + other)).status, 404, other);
            }
        }

        // What is read can be written back; a part leaves the rest; null takes away.
        assert.deepEqual(await world.api.patch(brandPath, saved), saved);
        assert.equal((await world.api.patch(brandPath, { name: null })).logo, saved.logo);
        await world.api.patch(brandPath, { color: null, support: "", logo: null });
        const bare = await misposted(opened);
        assert.match(bare.text, /data-color=""/);
        assert.doesNotMatch(bare.text, /Acme|<img|help@/);
        assert.equal((await request(server.url + logo)).status, 404);
    });

    it("take no brand that is active, too large, or not what it says", async () => {
        const refused = [
            [
                { logo: dataUrl(Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"), "image/svg+xml") },
                /PNG, JPEG or WebP/,
            ],
            [{ logo: dataUrl(Buffer.from("<script>1</script>")) }, /PNG, JPEG or WebP/],
            [{ logo: dataUrl(Buffer.concat([PNG, Buffer.alloc(32_768)])) }, /at most 32768 bytes/],
            [{ logo: "https://acme.example/logo.png" }, /data: URL/],
            [{ logo: "data:image/png;base64,%%%%" }, /base64/],
            [{ logo: "data:image/png;base64," }, /base64/],
            [{ logo: 5 }, /string or null/],
            [{ color: "red" }, /#0f6b5c/],
            [{ color: "#fff" }, /#0f6b5c/],
            [{ color: "#12345g" }, /#0f6b5c/],
            [{ support: "a".repeat(201) }, /at most 200/],
            [{ name: "a\nb" }, /name/],
            [{ colour: "#000000" }, /colour/],
        ];
        const was = await world.api.get(brandPath);
        for (const [body, message] of refused) {
            const answer = await world.api.call("PATCH", brandPath, { body });
            assert.equal(answer.status, 400, JSON.stringify(body).slice(0, 80));
            assert.match(answer.json.detail, message);
        }
        assert.deepEqual(await world.api.get(brandPath), was);
    });
});
