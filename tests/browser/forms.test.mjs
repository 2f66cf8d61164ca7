// Forms of servers that people run, whose CSRF protection is a cookie, while a sibling app puts cookies of the same names on the
// domain of both: on one site, with third-party cookies allowed, where a sibling can do most.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { startApart } from "../lib/apart.mjs";
import { framesOf, launchChromium } from "../lib/chromium.mjs";
import { eventually } from "../lib/eventually.mjs";
import { Portal } from "../lib/portal.mjs";
import { Program } from "../lib/program.mjs";
import { freshFolder, root } from "../lib/server.mjs";
import { close, listen, upstreamWorld } from "../lib/upstream.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const forms = path.join(root, "tests/servers/forms");
const folder = freshFolder();

/** An API as Angular's HttpClient speaks to it: the value of the cookie XSRF-TOKEN comes back in X-XSRF-TOKEN. */
const angular = (request, response) => {
    const cookies = Object.fromEntries(
        (request.headers.cookie ?? "")
            .split("; ")
            .map((pair) => [pair.split("=")[0], pair.slice(pair.indexOf("=") + 1)]),
    );
    const isGood = cookies["XSRF-TOKEN"] !== undefined && cookies["XSRF-TOKEN"] === request.headers["x-xsrf-token"];
    const refused = request.method === "POST" && !isGood;
    response.writeHead(refused ? 403 : 200, {
        "Content-Type": "text/html",
        ...(cookies["XSRF-TOKEN"] === undefined && {
            "Set-Cookie": `XSRF-TOKEN=${unique("token")}; Path=/; Secure; SameSite=None`,
        }),
    });
    // How Angular reads it: the first cookie of the name (parseCookieValue).
    response.end(`<!doctype html><title>Angular</title><link rel="icon" href="data:,"><p>empty</p><button>Save</button><script>
        document.querySelector("button").onclick = async () => {
            const pair = document.cookie.split("; ").find((one) => one.startsWith("XSRF-TOKEN="));
            const headers = pair ? { "X-XSRF-TOKEN": decodeURIComponent(pair.slice(11)) } : {};
            const answer = await fetch("/save", { method: "POST", headers });
            document.querySelector("p").textContent = answer.ok ? "saved Ann, visit 2" : "refused " + answer.status;
        };
    </script>`);
};

const names = ["csrftoken", "sessionid", "XSRF-TOKEN", "laravel_session", "_xsrf", "username-127-0-0-1-8888"];

describe("behind Inlay, with a sibling that sets the same cookies", () => {
    let apart, portal, hostile, angularServer;
    /** @type {Record<string, Program>} */ let programs;

    before(async () => {
        [apart, programs, angularServer] = await Promise.all([
            startApart({ launch: (options) => launchChromium({ ...options, allowsThirdParties: true }) }),
            (async () => ({
                Django: await Program.start((port) => [
                    "/usr/bin/python3",
                    path.join(forms, "django_form.py"),
                    String(port),
                ]),
                Laravel: await Program.start(
                    (port) => ["/usr/bin/php", "-S", `127.0.0.1:${port}`, path.join(forms, "laravel_form.php")],
                    { env: { FORM_FOLDER: folder } },
                ),
                Jupyter: await Program.start(
                    (port) => [
                        "/usr/bin/jupyter-notebook",
                        `--config=${root}/docs/recipes/jupyter_config.py`,
                        `--port=${port}`,
                        ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
                    ],
                    {
                        cwd: folder,
                        env: {
                            HOME: folder,
                            JUPYTER_CONFIG_DIR: folder,
                            JUPYTER_RUNTIME_DIR: path.join(folder, "run"),
                        },
                    },
                ),
            }))(),
            listen(angular),
        ]);
        portal = await new Portal("portal.vendor.example", apart.certificate).start();
        hostile = await makeWorld(apart.server, { portals: [portal.origin] });
        await Promise.all([
            programs.Django.untilReady("/form"),
            programs.Laravel.untilReady("/form"),
            programs.Jupyter.untilReady("/api"),
        ]);
    });
    after(async () => {
        portal?.close();
        close(angularServer);
        await apart?.close();
        await Promise.all(Object.values(programs ?? {}).map((program) => program.stop()));
        fs.rmSync(folder, { recursive: true, force: true });
    });

    const servers = {
        Django: { page: "/form", url: () => programs.Django.url },
        Laravel: { page: "/form", url: () => programs.Laravel.url },
        Angular: { page: "/", url: () => `http://127.0.0.1:${angularServer.address().port}` },
        Jupyter: { page: "/tree", url: () => programs.Jupyter.url },
    };

    /** The hostile app and the server's, in frames of one page. */
    async function open(t, { url, page: place }) {
        const world = await upstreamWorld(apart.server, { url: url() });
        await world.api.patch(`/apps/${world.app.id}`, { portals: [portal.origin] });
        const context = await apart.launched.browser.newContext();
        t.after(() => context.close());
        const page = await context.newPage();
        const show = async (links) => page.goto(portal.framing(links));
        const link = () => world.embedLink({ externalIdentifier: "ann", path: place });
        return { world, page, show, link, frame: (index) => framesOf(page)[index] };
    }

    /** What a sibling may do: cookies for the domain of both, for the path of the form, too, which comes first. */
    const toss = (frame, paths, value = "EVIL") =>
        frame.evaluate(
            ([list, places, evil]) => {
                for (const name of list) {
                    for (const place of places) {
                        document.cookie = `${name}=${evil}; Path=${place}; Secure; SameSite=None; Domain=apps.vendor.example`;
                    }
                }
            },
            [names, paths, value],
        );

    async function save(frame) {
        await frame.click("button");
        return eventually("the answer", () =>
            frame.evaluate(() => {
                const said = document.querySelector("p")?.textContent;
                return /saved|refused|expired|Forbidden/.test(document.body.innerText) ? said || "refused" : null;
            }),
        );
    }

    for (const name of ["Django", "Laravel", "Angular"]) {
        it(`a form of ${name} is saved, in the session that it was opened in`, async (t) => {
            const app = await open(t, servers[name]);
            await app.show([await hostile.embedLink(), await app.link()]);
            await eventually("the form", () => app.frame(1).evaluate(() => document.querySelector("button") !== null));
            // Scripts read the first of several; that with the longer path would be first, see below.
            await toss(app.frame(0), name === "Angular" ? ["/"] : ["/", "/form", "/save"]);
            assert.equal(await save(app.frame(1)), "saved Ann, visit 2");
        });

        it(`a form of ${name} is saved, if the sibling was there first`, async (t) => {
            const app = await open(t, servers[name]);
            await app.show([await hostile.embedLink()]);
            await eventually("the sibling", () => app.frame(0).evaluate(() => document.querySelector("p") !== null));
            await toss(app.frame(0), ["/"], "a".repeat(64));
            await app.show([await hostile.embedLink(), await app.link()]);
            await eventually("the form", () => app.frame(1).evaluate(() => document.querySelector("button") !== null));
            assert.equal(await save(app.frame(1)), "saved Ann, visit 2");
        });
    }

    it("Jupyter takes its own token, and none that only a sibling has set", async (t) => {
        const app = await open(t, servers.Jupyter);
        await app.show([await hostile.embedLink(), await app.link()]);
        const write = (token) =>
            app.frame(1).evaluate(async (mine) => {
                const answer = await fetch("/api/contents/a.txt", {
                    method: "PUT",
                    headers: { "Content-Type": "application/json", "X-XSRFToken": mine },
                    body: JSON.stringify({ type: "file", format: "text", content: "x" }),
                });
                return answer.status;
            }, token);
        const own = await eventually("its token", () =>
            app.frame(1).evaluate(() => /\b_xsrf=([^;]*)/.exec(document.cookie)?.[1]),
        );
        assert.equal(await write(own), 201);
        await toss(app.frame(0), ["/", "/api"]);
        assert.equal(await write(own), 200, "the file is there now");
        assert.equal(await write("EVIL"), 403);
    });

    it("no script of an app is led to send a sibling's token, whatever it reads: the server refuses it", async (t) => {
        const app = await open(t, servers.Angular);
        await app.show([await hostile.embedLink(), await app.link()]);
        await eventually("the form", () => app.frame(1).evaluate(() => document.querySelector("button") !== null));
        await app.frame(1).evaluate(() => void (location.href = "/save"));
        await eventually("the form there", () =>
            app.frame(1).evaluate(() => location.pathname === "/save" && document.querySelector("button") !== null),
        );
        await toss(app.frame(0), ["/save"]);
        assert.equal(await save(app.frame(1)), "refused 403");
    });
});
