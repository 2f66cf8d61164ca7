// The commands that talk to a server.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { request } from "../lib/browserlike.mjs";
import { smallApp, tarGz, zip } from "../lib/bundle.mjs";
import { exit, expect, withFolder } from "../lib/command.mjs";
import { eventually } from "../lib/eventually.mjs";
import { adminToken, command, startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

describe("the client commands", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    let environment;

    before(async () => {
        server = await startServer();
        environment = { INLAY_URL: server.url, INLAY_TOKEN: server.token };
    });
    after(() => server.discard());

    const inlay = (...words) => expect(exit.done, words, { environment });
    const json = async (...words) => JSON.parse((await inlay(...words, "--json")).stdout);
    const fails = (code, ...words) => expect(code, words, { environment });

    it("app: what links and browsers may do", async () => {
        const slug = unique("strict");
        const app = await json("app", "create", slug, "--slug", slug, "--strict", "--service-workers", "off");
        assert.deepEqual([app.strict, app.serviceWorkers, app.topLevel], [true, "off", "own-pages"]);
        const next = await json(
            "app",
            "update",
            slug,
            "--no-strict",
            "--top-level",
            "any-page",
            "--start-path",
            "/home",
        );
        assert.deepEqual([next.strict, next.topLevel, next.startPath], [false, "any-page", "/home"]);
        const { stdout } = await inlay("app", "show", slug);
        assert.match(stdout, /^start path +\/home\nservice workers +off\ntop level +any-page\nstrict +(no|false)$/m);
        assert.match((await fails(exit.refused, "app", "update", slug, "--top-level", "never")).stderr, /topLevel/);
    });

    it("session clear-storage, and session end --clear-storage", async () => {
        const world = await makeWorld(server);
        const { slug } = world.app;
        assert.match((await fails(exit.usage, "session", "clear-storage")).stderr, /--app, --user/);
        await inlay("session", "clear-storage", "--app", slug);
        await inlay("session", "clear-storage", "--user", world.user.email, "--app", slug);
        assert.equal((await world.lastEvent("storage.clear")).userId, world.user.id);
        const before = (await world.lastEvent("storage.clear")).id;
        await inlay("session", "end", "--app", slug);
        assert.equal((await world.lastEvent("storage.clear")).id, before);
        await inlay("session", "end", "--app", slug, "--clear-storage");
        assert.notEqual((await world.lastEvent("storage.clear")).id, before);
        const opened = await world.opened();
        await inlay("session", "end", (await opened.session()).json.session.id, "--clear-storage");
        assert.equal((await world.lastEvent("storage.clear")).userId, world.user.id);
    });

    it("embed prints what is posted to a strict app on a line of its own", async () => {
        const world = await makeWorld(server);
        await world.api.patch(`/apps/${world.app.id}`, { strict: true });
        const { stdout } = await inlay("embed", world.app.slug, "--user", world.user.email);
        assert.match(stdout, /^http:\S+\?appSlug=\S+\npat_[0-9a-f]{64}\n$/);
    });

    it("app: create, list, show, update, delete", async () => {
        const slug = unique("orders");
        const app = await json(
            "app",
            "create",
            "Order list",
            "--slug",
            slug,
            "--portal",
            "https://a.example.com",
            "--portal",
            "https://b.example.com",
        );
        assert.deepEqual(
            [app.slug, app.name, app.portals],
            [slug, "Order list", ["https://a.example.com", "https://b.example.com"]],
        );

        const { stdout } = await inlay("app", "list");
        const [head, ...lines] = stdout.trimEnd().split("\n");
        assert.match(head, /^SLUG +NAME +RELEASE +PORTALS +ID$/);
        const line = lines.find((one) => one.startsWith(slug)) ?? "";
        assert.ok(line.includes(app.id));
        assert.equal(line.indexOf("Order list"), head.indexOf("NAME"), "columns are aligned");

        assert.match((await inlay("app", "show", slug)).stdout, new RegExp(`^id +${app.id}\nslug +${slug}\n`));
        assert.equal((await json("app", "show", app.id)).id, app.id);
        assert.equal((await json("app", "update", slug, "--name", "Orders")).name, "Orders");
        assert.deepEqual((await json("app", "update", slug, "--portal", "https://c.example.com")).portals, [
            "https://c.example.com",
        ]);
        assert.deepEqual((await json("app", "update", slug, "--no-portal")).portals, []);

        assert.match((await fails(exit.refused, "app", "create", "Twice", "--slug", slug)).stderr, /^inlay: .+\.\n$/);
        assert.equal((await inlay("app", "delete", slug, "--json")).stdout, "", "204 has no JSON");
        const { stderr } = await fails(exit.notFound, "app", "show", slug);
        assert.match(stderr, /"inlay app list" shows what there is/);
    });

    it("app: what is set for its server is shown, and can be taken back", async () => {
        const slug = unique("grafana");
        await request(`${server.url}/api/v1/environments`, {
            method: "POST",
            headers: { Authorization: `Bearer ${server.token}` },
            body: JSON.stringify({ name: "staging" }),
        });
        const { id } = await json(
            "app",
            "create",
            slug,
            "--upstream",
            "https://10.0.0.7/base",
            "--no-tls-verify",
            "--environment-upstream",
            "staging=http://10.0.0.8",
            "--read-timeout",
            "90",
        );
        const shown = (await inlay("app", "show", slug)).stdout;
        assert.match(
            shown,
            /^upstream +https:\/\/10\.0\.0\.7\/base\nenvironments +{"staging":"http:\/\/10\.0\.0\.8"}\n/m,
        );
        assert.match(shown, /^host header +app\n(?:.*\n)*read timeout +90\n(?:.*\n)*tls verify +no\n/m);
        const { upstream } = await json(
            "app",
            "update",
            id,
            "--tls-verify",
            "--no-tls-ca",
            "--no-environment-upstream",
        );
        assert.deepEqual(
            [upstream.url, upstream.tlsVerify, upstream.tlsCa, upstream.environments],
            ["https://10.0.0.7/base", true, null, {}],
        );
        assert.doesNotMatch((await inlay("app", "create", unique("bundle"))).stdout, /tls verify/);
    });

    it("user: create, list, show, archive, restore, delete, by id or email", async () => {
        const email = `${unique("ann")}@acme.example`;
        const user = await json("user", "create", email, "--first-name", "Ann", "--last-name", "Lee");
        assert.deepEqual([user.email, user.firstName, user.lastName, user.status], [email, "Ann", "Lee", "active"]);
        assert.match(
            (await inlay("user", "list", "--kind", "internal", "--status", "active")).stdout,
            new RegExp(email),
        );
        assert.equal((await json("user", "show", email)).id, user.id);
        assert.equal((await json("user", "archive", email)).status, "archived");
        assert.equal((await json("user", "restore", user.id)).status, "active");
        assert.match((await inlay("user", "delete", email)).stdout, /^Deleted/);
        assert.match(
            (await fails(exit.notFound, "user", "show", email)).stderr,
            new RegExp(`There is no user ${email}.*inlay user create`),
        );
        assert.match((await fails(exit.usage, "user", "show", "ann")).stderr, /neither the id nor the email address/);
    });

    it("group: create, list, members, apps, delete, by id or name", async () => {
        const name = unique("customers & friends/of");
        const group = await json("group", "create", name);
        const emails = [`${unique("a")}@acme.example`, `${unique("b")}@acme.example`];
        for (const email of emails) {
            await inlay("user", "create", email);
        }
        const app = await json("app", "create", unique("app"));
        assert.match(
            (await inlay("group", "add", name, ...emails)).stdout,
            /^a.* is in the group .*\nb.* is in the group .*\n$/,
        );
        await inlay("group", "allow", String(group.id), app.slug);
        assert.deepEqual(
            (await json("group", "members", name)).map((user) => user.email),
            emails,
        );
        assert.deepEqual(
            (await json("group", "apps", name)).map((one) => one.slug),
            [app.slug],
        );
        assert.match((await inlay("group", "list")).stdout, new RegExp(`^${group.id} +${name} +2 +1 `, "m"));
        await inlay("group", "remove", name, emails[0]);
        await inlay("group", "disallow", name, app.id);
        assert.equal((await json("group", "members", name)).length, 1);
        const { stdout, stderr } = await inlay("group", "apps", name);
        assert.deepEqual([stdout, stderr], ["", "The group may use no app.\n"]);
        await inlay("group", "delete", name);
        assert.match((await fails(exit.notFound, "group", "delete", name)).stderr, /inlay group list/);
    });

    it("workspace: create, list, rename, archive, restore, delete, by id or name", async () => {
        const [name, other] = [unique("Acme & sons"), unique("Acme/2")];
        const workspace = await json("workspace", "create", name);
        assert.deepEqual([workspace.name, workspace.status], [name, "active"]);
        assert.match(
            (await inlay("workspace", "list")).stdout,
            new RegExp(`^${name} +active +\\S+ \\S+ +${workspace.id}$`, "m"),
        );
        assert.equal((await json("workspace", "rename", name, other)).name, other);
        assert.equal((await json("workspace", "archive", other)).status, "archived");
        assert.equal((await json("workspace", "restore", workspace.id)).status, "active");
        assert.match((await fails(exit.refused, "workspace", "delete", "default")).stderr, /default workspace/);
        assert.match((await inlay("workspace", "delete", other)).stdout, /^Deleted/);
        assert.match(
            (await fails(exit.notFound, "workspace", "archive", other)).stderr,
            /inlay workspace list.*inlay workspace create/,
        );
    });

    it("workspace brand: shows, changes, and takes away what Inlay's own pages show", async () => {
        const workspace = await json("workspace", "create", unique("brand"));
        const brand = ["workspace", "brand", workspace.id];
        const none = { name: null, color: null, support: null, logo: null };
        const texts = { name: "Acme", color: "#123456", support: "help@acme.example" };
        assert.deepEqual(await json(...brand), none);
        await withFolder(
            { "logo.png": Buffer.from("\x89PNG\r\n\x1a\n?>?>", "latin1"), "logo.svg": "<svg/>" },
            async (folder) => {
                const options = Object.entries(texts).flatMap(([name, text]) => [`--${name}`, text]);
                const { logo, ...rest } = await json(...brand, ...options, "--logo", path.join(folder, "logo.png"));
                assert.deepEqual(rest, texts);
                assert.match(logo, /\/_inlay\/logo\//);
                const wrong = await fails(exit.refused, ...brand, "--logo", path.join(folder, "logo.svg"));
                assert.match(wrong.stderr, /PNG, JPEG or WebP/);
                const absent = await fails(exit.local, ...brand, "--logo", path.join(folder, "logo.jpg"));
                assert.match(absent.stderr, /cannot be read/);
            },
        );
        assert.match((await fails(exit.refused, ...brand, "--color", "red")).stderr, /#0f6b5c/);
        assert.deepEqual(await json(...brand, "--name", "", "--color", "", "--support", "", "--no-logo"), none);
    });

    it("environment: create, list, show, update, delete, by id or name, in another workspace too", async () => {
        const name = unique("staging");
        const created = await json("environment", "create", name, "--app-config", '{"currency": "EUR"}');
        assert.deepEqual(created.config, { currency: "EUR" });
        assert.match((await inlay("environment", "list")).stdout, new RegExp(`^${name} .* ${created.id}$`, "m"));
        assert.match((await inlay("environment", "show", name)).stdout, /^config +{"currency":"EUR"}$/m);
        assert.equal((await json("environment", "update", name, "--name", `${name}-2`)).name, `${name}-2`);
        assert.deepEqual((await json("environment", "update", created.id, "--app-config", "{}")).config, {});
        assert.match((await fails(exit.usage, "environment", "update", `${name}-2`)).stderr, /--app-config/);
        assert.match(
            (await fails(exit.usage, "environment", "create", "x", "--app-config", "[]")).stderr,
            /JSON object.*it is no object/,
        );
        const workspace = await json("workspace", "create", unique("other"));
        const there = ["--workspace", workspace.id];
        assert.notEqual(
            (await json("environment", "show", "production", ...there)).id,
            (await json("environment", "show", "production")).id,
        );
        assert.match(
            (await fails(exit.notFound, "environment", "show", `${name}-2`, ...there)).stderr,
            /inlay environment list/,
        );
        assert.match((await inlay("environment", "delete", `${name}-2`)).stdout, /^Deleted/);
        await fails(exit.notFound, "environment", "delete", `${name}-2`);
    });

    it("token: create prints the secret alone, list never, revoke ends it", async () => {
        const { stdout, stderr } = await inlay(
            "token",
            "create",
            unique("portal"),
            "--scope",
            "users:read",
            "--scope",
            "embed",
            "--description",
            "of a test",
        );
        assert.match(stdout, /^inlay_[\w-]{43}\n$/);
        assert.match(stderr, /only time/);
        const secret = stdout.trim();
        const own = { environment: { INLAY_URL: server.url, INLAY_TOKEN: secret } };
        await expect(exit.done, ["user", "list"], own);
        const denied = await expect(exit.notAllowed, ["app", "list"], own);
        assert.match(denied.stderr, /apps:read.*INLAY_TOKEN.*inlay token create/);

        const listed = await json("token", "list");
        assert.ok(!JSON.stringify(listed).includes(secret));
        const { id } = listed.find((token) => secret.endsWith(token.last4));
        await inlay("token", "revoke", id);
        const refused = await expect(exit.notAllowed, ["user", "list"], own);
        assert.match(refused.stderr, /The token came from INLAY_TOKEN/);
        for (const output of [denied, refused]) {
            assert.ok(!(output.stdout + output.stderr).includes(secret));
        }
    });

    it("admin: invite and link print the link alone, list, role, remove", async () => {
        const email = `${unique("Ann")}@acme.example`;
        const { stdout, stderr } = await inlay("admin", "invite", email, "--role", "builder");
        assert.match(stdout, /^http:\/\/localhost:\d+\/setup#[\w-]{43}\n$/);
        assert.match(stderr, /works once/);
        const again = await inlay("admin", "link", email.toUpperCase());
        assert.match(again.stdout, /\/setup#[\w-]{43}\n$/);
        assert.notEqual(again.stdout, stdout);
        const ours = async () => (await json("admin", "list")).find((admin) => admin.email === email);
        assert.deepEqual([(await ours()).role, (await ours()).status], ["builder", "invited"]);
        await inlay("admin", "role", email, "viewer");
        assert.equal((await ours()).role, "viewer");
        await inlay("admin", "remove", (await ours()).id);
        assert.equal(await ours(), undefined);
        await expect(exit.notFound, ["admin", "link", email], {
            environment: { INLAY_URL: server.url, INLAY_TOKEN: adminToken },
        });
    });

    it("deploy, releases, rollback, branches, embed, session, event: an app from its folder to its end", async () => {
        await withFolder({ "dist/index.html": "<h1>one</h1>", "dist/assets/app.js": "1;" }, async (folder) => {
            const app = await json("app", "create", unique("app"), "--portal", "http://localhost:5173");
            const email = `${unique("ann")}@acme.example`;
            const group = await json("group", "create", unique("group"));
            await inlay("user", "create", email);
            await inlay("group", "add", group.name, email);
            await inlay("group", "allow", group.name, app.slug);

            const dist = path.join(folder, "dist");
            const { stdout, stderr } = await inlay("app", "deploy", app.slug, `${dist}/`, "--version", "1.0.0");
            assert.match(stdout, /1\.0\.0: 2 files, .*It is current now/);
            assert.equal(stderr, "", "no progress bar without a terminal");
            fs.writeFileSync(path.join(dist, "index.html"), "<h1>two</h1>");
            assert.equal((await json("app", "deploy", app.slug, dist, "--version", "2.0.0")).version, "2.0.0");
            assert.match(
                (await fails(exit.refused, "app", "deploy", app.slug, dist, "--version", "2.0.0")).stderr,
                /choose another version/,
            );
            assert.match((await inlay("app", "rollback", app.slug, "1.0.0")).stdout, /1\.0\.0 is current now/);
            assert.match((await inlay("app", "releases", app.slug)).stdout, /^1\.0\.0 +yes +2 /m);
            assert.equal((await json("app", "deploy", app.slug, dist, "--branch", "preview")).name, "preview");
            assert.deepEqual(
                (await json("app", "branches", app.slug)).map((branch) => branch.name),
                ["preview"],
            );

            const pat = await inlay(
                "embed",
                app.slug,
                "--user",
                email,
                "--session-minutes",
                "30",
                "--link-seconds",
                "60",
            );
            assert.match(
                pat.stdout,
                /^http:\/\/[a-z2-7]{26}\.localhost:\d+\/embed-apps\/\S+pat_[0-9a-f]{64}&appSlug=\S+\n$/,
            );
            const link = await inlay(
                "embed",
                app.slug,
                "--external",
                "acme-7",
                "--group",
                group.name,
                "--group",
                String(group.id),
                "--metadata",
                '{"storeId": 9007199254740993}',
                "--email",
                "c@acme.example",
                "--first-name",
                "C",
                "--branch",
                "preview",
            );
            assert.match(link.stdout, /^http:\/\/[a-z2-7]{26}\.localhost:\d+\/_inlay\/embed\/[\w-]{43}\n$/);
            assert.ok((await json("embed", app.slug, "--user", email)).personalAccessToken);
            const look = ["--theme", "dark", "--locale", "pt-BR"];
            await json("embed", app.slug, "--user", email, ...look);
            await json("embed", app.slug, "--external", "x", "--group", group.name, ...look);
            const { items: links } = (
                await request(`${server.url}/api/v1/links?appId=${app.id}`, {
                    headers: { Authorization: `Bearer ${server.token}` },
                })
            ).json;
            assert.deepEqual(
                links
                    .filter(({ theme, locale }) => theme === "dark" && locale === "pt-BR")
                    .map(({ kind }) => kind)
                    .sort(),
                ["reusable", "single-use"],
            );

            const { Browserlike } = await import("../lib/browserlike.mjs");
            const page = await new Browserlike().open(link.stdout.trim());
            assert.match(page.text, /two/);
            const [session] = await json("session", "list", "--app", app.slug, "--status", "active");
            assert.equal(session.user.externalIdentifier, "acme-7");
            assert.match((await inlay("session", "list", "--app", app.slug)).stdout, /acme-7/);
            const shown = (await inlay("session", "show", session.id)).stdout;
            assert.match(shown, /^metadata +\{"storeId":9007199254740993\}$/m);
            assert.match((await inlay("session", "end", session.id)).stdout, /^Ended the session/);
            assert.equal((await json("session", "end", "--app", app.slug)).ended, 0);
            assert.match((await inlay("session", "end", "--user", email)).stdout, /^Ended 0 sessions\.$/m);

            const events = await json("event", "list", "--app", app.slug, "--limit", "3");
            assert.equal(events.length, 3);
            assert.match(
                (await inlay("event", "list", "--type", "mint", "--app", app.slug)).stdout,
                /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}Z +mint /m,
            );
            assert.ok(!(await inlay("event", "list", "--limit", "500")).stdout.includes("pat_"));
            assert.equal((await json("event", "list", "--session", session.id, "--type", "redeem")).length, 1);
        });
    });

    it("event list --follow prints what comes, oldest first, a line each", async () => {
        const first = await json("group", "create", unique("before"));
        const child = spawn(
            command,
            ["event", "list", "--follow", "--json", "--type", "group.create", "--limit", "1"],
            { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "inherit"] },
        );
        const closed = once(child, "close");
        let stdout = "";
        child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
        try {
            await eventually("the last event before", () => stdout.includes(first.name));
            const groups = [];
            for (let n = 0; n < 3; n++) {
                groups.push((await json("group", "create", unique("followed"))).name);
            }
            await eventually("the last group", () => stdout.includes(groups[2]));
            const events = stdout
                .trimEnd()
                .split("\n")
                .map((line) => JSON.parse(line));
            const ids = events.map((event) => event.id);
            assert.deepEqual(
                ids,
                [...new Set(ids)].sort((a, b) => a - b),
            );
            assert.deepEqual(
                events.slice(-3).map((event) => event.type),
                Array(3).fill("group.create"),
            );
        } finally {
            child.kill();
            await closed;
        }
    });

    it("--workspace acts in another workspace, by slug and by name too", async () => {
        const post = (path, body) =>
            request(`${server.url}/api/v1${path}`, {
                method: "POST",
                headers: { Authorization: `Bearer ${server.token}`, "Content-Type": "application/json" },
                body: JSON.stringify(body),
            });
        const workspace = (await post("/workspaces", { name: unique("other") })).json;
        const slug = unique("there");
        const there = ["--workspace", workspace.id];
        const app = await json("app", "create", slug, "--slug", slug, ...there);
        assert.equal(app.workspaceId, workspace.id);
        await fails(exit.notFound, "app", "show", slug);
        assert.equal((await json("app", "show", slug, ...there)).id, app.id);
        await inlay("group", "create", slug, ...there);
        await inlay("group", "allow", slug, slug, ...there);
        assert.match(
            (await fails(exit.usage, "embed", slug, "--user", "a@b.example", ...there)).stderr,
            /token of the other workspace/,
        );
    });

    it("long lists come whole", async () => {
        const prefix = unique("many");
        const post = (n) =>
            request(`${server.url}/api/v1/groups`, {
                method: "POST",
                headers: { Authorization: `Bearer ${server.token}` },
                body: JSON.stringify({ name: `${prefix}-${n}` }),
            });
        for (let n = 0; n < 230; n++) {
            assert.equal((await post(n)).status, 201);
        }
        const groups = (await json("group", "list")).filter((group) => group.name.startsWith(prefix));
        assert.deepEqual(
            groups.map((group) => group.name),
            Array.from({ length: 230 }, (_, n) => `${prefix}-${n}`),
        );
    });

    it("a name with terminal escapes does not reach the terminal", async () => {
        const user = `${unique("esc")}@acme.example`;
        await inlay("user", "create", user, "--first-name", "\u009b31m");
        assert.ok(!(await inlay("user", "show", user)).stdout.includes("\u009b"));
    });

    describe("app deploy", () => {
        let app;
        before(async () => {
            app = await json("app", "create", unique("deploy"));
        });
        const deploy = (code, place, ...more) =>
            fails(code, "app", "deploy", app.slug, place, "--version", "1.0.0", ...more);

        it("of a project instead of its build says what was meant, before anything is sent", async () => {
            await withFolder({ "dist/index.html": "", "src/a.ts": "" }, async (folder) => {
                assert.match(
                    (await deploy(exit.local, folder)).stderr,
                    new RegExp(`no index\\.html\\. Did you mean ${folder}/dist\\?`),
                );
                assert.match(
                    (await deploy(exit.local, path.join(folder, "src"))).stderr,
                    /Name the folder that the build/,
                );
                assert.match((await deploy(exit.local, path.join(folder, "none"))).stderr, /No such file/);
                assert.match((await deploy(exit.local, path.join(folder, "src/a.ts"))).stderr, /neither a folder nor/);
            });
        });

        it("leaves dotfiles and node_modules behind, and says so", async () => {
            await withFolder(
                {
                    "index.html": "x",
                    ".env": "SECRET=1",
                    ".git/config": "",
                    "node_modules/a/index.js": "",
                    ".well-known/security.txt": "",
                    "a/.DS_Store": "",
                    "a/b.css": "",
                },
                async (folder) => {
                    const version = ["--version", "3.0.0"];
                    const { stderr, stdout } = await inlay("app", "deploy", app.slug, folder, ...version);
                    assert.match(stdout, /3 files/);
                    assert.match(stderr, /^Left behind: \.env and others/);
                },
            );
        });

        it("refuses links that lead outside, and follows those that do not", async () => {
            await withFolder(
                { "site/index.html": "x", "site/.env": "SECRET", "outside.txt": "secret" },
                async (folder) => {
                    const site = path.join(folder, "site");
                    const link = path.join(site, "link.txt");
                    for (const target of ["../outside.txt", "/etc/passwd", ".env", ".", "missing"]) {
                        fs.symlinkSync(target, link);
                        assert.match((await deploy(exit.local, site)).stderr, /link\.txt is a link to/);
                        fs.unlinkSync(link);
                    }
                    fs.symlinkSync("index.html", link);
                    assert.match(
                        (await inlay("app", "deploy", app.slug, site, "--version", "4.0.0")).stdout,
                        /2 files/,
                    );
                },
            );
        });

        it("packs names beyond ASCII, in any locale", async () => {
            const files = { "index.html": "x", "ü.txt": "1", "日本/語.txt": "2", "cafe\u0301.html": "3" };
            await withFolder(files, async (folder) => {
                for (const [i, locale] of ["C", "POSIX", "C.UTF-8", "de_DE.ISO-8859-1"].entries()) {
                    const words = ["app", "deploy", app.slug, folder, "--version", `4.1.${i}`];
                    const { stdout } = await expect(exit.done, words, {
                        environment: { ...environment, LC_ALL: locale },
                    });
                    assert.match(stdout, /4 files/, locale);
                }
            });
        });

        it("takes .tar.gz and .zip, whatever they are called", async () => {
            await withFolder({ "one.bin": tarGz(smallApp()), two: zip(smallApp()) }, async (folder) => {
                await inlay("app", "deploy", app.slug, path.join(folder, "one.bin"), "--version", "5.0.0");
                await inlay("app", "deploy", app.slug, path.join(folder, "two"), "--version", "5.0.1");
            });
        });

        it("of the same files makes the same bytes", async () => {
            await withFolder({ "index.html": "x", "b/c.js": "1", "a.js": "2" }, async (folder) => {
                const one = await json("app", "deploy", app.slug, folder, "--version", "6.0.0");
                fs.utimesSync(path.join(folder, "a.js"), 1, 1);
                const two = await json("app", "deploy", app.slug, folder, "--version", "6.0.1");
                assert.equal(one.digest, two.digest);
            });
        });

        it("shows a progress bar on a terminal only, and never with --json", async (t) => {
            try {
                execFileSync("script", ["--version"], { stdio: "ignore" });
            } catch {
                t.skip("script is not installed");
                return;
            }
            await withFolder({ "index.html": "x", "big.bin": Buffer.alloc(300_000, 1) }, async (folder) => {
                const onTerminal = (...words) =>
                    execFileSync(
                        "script",
                        ["-qec", [command, "app", "deploy", app.slug, folder, ...words].join(" "), "/dev/null"],
                        {
                            env: { ...process.env, ...environment },
                            encoding: "utf8",
                            stdio: ["ignore", "pipe", "pipe"],
                        },
                    );
                assert.match(onTerminal("--version", "7.0.0"), /Uploading \[#+\.*\] +\d+ %/);
                assert.doesNotMatch(onTerminal("--version", "7.0.1", "--json"), /Uploading/);
            });
        });

        it("leaves no temporary file", async () => {
            await withFolder({ "index.html": "x" }, async (folder) => {
                const temporary = path.join(folder, "tmp");
                fs.mkdirSync(temporary);
                await expect(exit.refused, ["app", "deploy", app.slug, folder, "--version", "not-a-version"], {
                    environment: { ...environment, TMPDIR: temporary },
                });
                assert.deepEqual(fs.readdirSync(temporary), []);
            });
        });
    });
});
