// The inlay command by itself: its words, settings and data folder.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { describe, it } from "node:test";
import { exit, expect, withFolder } from "../lib/command.mjs";
import { adminToken, command, freePort, root } from "../lib/server.mjs";

describe("the command line", () => {
    const families = [
        "serve",
        "init",
        "check",
        "backup",
        "app",
        "user",
        "group",
        "workspace",
        "environment",
        "token",
        "admin",
        "embed",
        "session",
        "event",
        "key",
        "version",
    ];

    it("without words is a usage error that shows the help", async () => {
        const { stdout, stderr } = await expect(exit.usage, []);
        assert.equal(stdout, "");
        assert.match(stderr, /Usage: inlay COMMAND/);
    });

    it("explains itself, and every command of every family with an example", async () => {
        const { stdout } = await expect(exit.done, ["--help"]);
        for (const family of families) {
            assert.match(stdout, new RegExp(`^  ${family} `, "m"));
            const help = (await expect(exit.done, [family, "--help"])).stdout;
            const verbs = [...help.matchAll(new RegExp(`^  ${family} (\\w+) `, "gm"))].map(([, verb]) => verb);
            for (const words of verbs.length === 0 ? [[family]] : verbs.map((verb) => [family, verb])) {
                const one = (await expect(exit.done, [...words, "-h"])).stdout;
                assert.match(one, new RegExp(`^Usage: inlay ${words.join(" ")}`));
                assert.match(one, new RegExp(`\\nExamples:\\n  inlay ${words.join(" ")}`), words.join(" "));
                assert.equal((await expect(exit.done, ["help", ...words])).stdout, one);
                assert.ok(
                    one.split("\n").every((line) => line.length <= 100),
                    words.join(" "),
                );
            }
        }
        assert.ok(!stdout.includes("settings-reference"));
    });

    for (const [words, message] of [
        [["sevre"], /did you mean serve\?/],
        [["app", "craete", "x"], /did you mean app create\?/],
        [["app"], /Usage: inlay app COMMAND/],
        [["app", "list", "--jsno"], /did you mean --json\?/],
        [["app", "list", "one"], /"one" is one word too many\. Usage: inlay app list/],
        [["app", "create"], /Something is missing\. Usage: inlay app create NAME/],
        [["app", "create", "x", "--slug"], /--slug needs a value/],
        [["app", "create", "x", "--slug", "a", "--slug=b"], /--slug is given twice/],
        [["app", "list", "--json=yes"], /--json takes no value/],
        [["serve", "--public-ulr", "x"], /did you mean --public-url\?/],
        [["serve", "--workers", "1", "--workers", "2"], /--workers is given twice/],
        [["embed", "x"], /--user EMAIL .* or --external ID/],
        [["app", "deploy", "x", "."], /--version 1\.0\.0 for a release, or --branch/],
        [["token", "create", "x"], /--scope embed/],
        [["session", "end"], /one by its ID, or all of --user or --app/],
        [["event", "list", "--limit", "0"], /--limit must be a whole number from 1/],
        [["app", "update", "x"], /Say what to change/],
        [
            ["app", "create", "x", "--upstream", "http://a.example", "--environment-upstream", "staging"],
            /--environment-upstream takes NAME=URL, not "staging"/,
        ],
        [
            ["app", "create", "x", "--upstream", "http://a.example", "--read-timeout", "0"],
            /--read-timeout must be a whole number from 1/,
        ],
        [["embed", "x", "--user", "a@b.example", "--group", "1"], /--group goes with --external/],
        [["embed", "x", "--external", "1", "--group", "1", "--metadata", "[1]"], /--metadata must be a JSON object/],
    ]) {
        it(`inlay ${words.join(" ")}: is a usage error that says what would be right`, async () => {
            const environment = { INLAY_URL: "http://localhost:9", INLAY_TOKEN: adminToken };
            const { stdout, stderr } = await expect(exit.usage, words, { environment });
            assert.match(stderr, message);
            assert.equal(stdout, "");
        });
    }

    it("refuses authorities that it cannot read, before anything is sent", async () => {
        await withFolder({}, async (folder) => {
            const environment = { INLAY_URL: "http://localhost:9", INLAY_TOKEN: adminToken };
            const create = (file) =>
                expect(exit.local, ["app", "create", "x", "--upstream", "https://a.example", "--tls-ca", file], {
                    environment,
                    cwd: folder,
                });
            assert.match((await create("none.pem")).stderr, /none\.pem cannot be read: No such file/);
            fs.writeFileSync(path.join(folder, "ca.pem"), Buffer.from([0xff, 0xfe]));
            assert.match((await create("ca.pem")).stderr, /ca\.pem holds no certificates in PEM form/);
        });
    });

    it("takes words that start with a dash after --", async () => {
        const environment = { INLAY_URL: "http://localhost:9", INLAY_TOKEN: adminToken };
        await expect(exit.unreachable, ["app", "show", "--", "--json"], { environment });
    });

    it("refuses words that are not UTF-8", async () => {
        const child = spawn("sh", ["-c", `"${command}" app create "$(printf '\\377')"`], {
            stdio: ["ignore", "ignore", "pipe"],
        });
        let stderr = "";
        child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
        assert.deepEqual(await once(child, "close"), [exit.usage, null]);
        assert.match(stderr, /not valid UTF-8/);
    });

    it("tells its version, for machines too", async () => {
        const version = fs.readFileSync(path.join(root, "VERSION"), "utf8").trim();
        for (const words of [["version"], ["--version"]]) {
            assert.ok((await expect(exit.done, words)).stdout.startsWith(`inlay ${version}\n`));
        }
        assert.deepEqual(JSON.parse((await expect(exit.done, ["version", "--json"])).stdout), { version });
    });

    it("fails when its output cannot be written", async () => {
        if (fs.existsSync("/dev/full")) {
            const child = spawn("sh", ["-c", `exec "${command}" --help > /dev/full`], { stdio: "ignore" });
            assert.deepEqual(await once(child, "close"), [exit.local, null]);
        }
    });
});

describe("docs/configuration.md", () => {
    it("is what the table of settings says (make docs)", async () => {
        const { stdout } = await expect(exit.done, ["settings-reference"]);
        assert.equal(fs.readFileSync(path.join(root, "docs/configuration.md"), "utf8"), stdout);
    });
});

describe("inlay init", () => {
    it("writes settings, data folder and token, which the other commands find", async () => {
        await withFolder({}, async (folder) => {
            const { stdout } = await expect(exit.done, ["init"], { cwd: folder });
            assert.match(stdout, /inlay serve\n/);
            assert.match(fs.readFileSync(path.join(folder, "data/admin-token"), "utf8"), /^inlay_[\w-]{43}\n$/);
            assert.equal(fs.statSync(path.join(folder, "data/admin-token")).mode & 0o777, 0o600);
            assert.equal(fs.statSync(path.join(folder, "data")).mode & 0o077, 0);
            assert.match(
                (await expect(exit.done, ["check", "--listen", `127.0.0.1:${await freePort()}`], { cwd: folder }))
                    .stdout,
                /Everything is fine/,
            );
            const { stderr } = await expect(
                exit.unreachable,
                ["app", "list", "--url", `http://localhost:${await freePort()}`],
                { cwd: folder },
            );
            assert.match(stderr, /inlay serve/);
        });
    });

    it("changes nothing that is there already", async () => {
        await withFolder({ "inlay.yaml": "workers: 2\n" }, async (folder) => {
            const { stderr } = await expect(exit.local, ["init", folder]);
            assert.match(stderr, /exists already; nothing was changed/);
            assert.deepEqual(fs.readdirSync(folder), ["inlay.yaml"]);
        });
    });

    it("in another folder puts the data there", async () => {
        await withFolder({}, async (folder) => {
            const { stdout } = await expect(exit.done, ["init", "new"], { cwd: folder });
            assert.match(stdout, /inlay serve --config new\/inlay\.yaml/);
            assert.ok(fs.existsSync(path.join(folder, "new/data/inlay.db")));
            assert.ok(!fs.existsSync(path.join(folder, "data")));
        });
    });
});

describe("inlay check", () => {
    it("says everything that is wrong, and from where it has that", async () => {
        await withFolder({ "inlay.yaml": "workers: many\nlisen: 1\nkeep_events_days: 1\n" }, async (folder) => {
            const environment = { INLAY_LOG_LEVEL: "loud", INLAY_PUBLIC_ULR: "x" };
            const { stdout } = await expect(exit.local, ["check", "--embed-link-seconds", "601"], {
                cwd: folder,
                environment,
            });
            assert.match(stdout, /^- inlay\.yaml:1: workers must be .* not "many"\.$/m);
            assert.match(stdout, /^- inlay\.yaml:2: There is no setting "lisen"; did you mean listen\?$/m);
            assert.match(stdout, /^- INLAY_LOG_LEVEL: log_level must be/m);
            assert.match(stdout, /^- --embed-link-seconds: .* from 1 to 600 seconds/m);
            assert.match(
                stdout,
                /^- The variable INLAY_PUBLIC_ULR means nothing to Inlay; did you mean INLAY_PUBLIC_URL\?$/m,
            );
            assert.match(stdout, /^5 problems\./m);
        });
    });

    it("for machines is a list of {severity, setting, message}", async () => {
        await withFolder({}, async (folder) => {
            const port = await freePort();
            const words = ["check", "--json", "--listen", `127.0.0.1:${port}`];
            assert.deepEqual(JSON.parse((await expect(exit.done, words, { cwd: folder })).stdout), []);
            const wrong = JSON.parse(
                (
                    await expect(
                        exit.local,
                        [
                            ...words,
                            "--public-url",
                            "http://inlay.example.com",
                            "--app-url",
                            "https://*.apps.example.net",
                        ],
                        { cwd: folder },
                    )
                ).stdout,
            );
            assert.equal(wrong[0].severity, "problem");
            assert.equal(wrong[0].setting, "public_url");
            assert.match(wrong[0].message, /^--public-url: .*plain http works on localhost only/);
        });
    });

    it("warns about apps that share a registrable domain with the API, the console or a portal", async () => {
        await withFolder({}, async (folder) => {
            const check = async (appUrl, ...words) => {
                const urls = ["--public-url", "https://inlay.example.com", "--app-url", appUrl];
                const listen = ["--listen", `127.0.0.1:${await freePort()}`, "--trusted-proxies", "127.0.0.1"];
                return (await expect(exit.done, ["check", ...urls, ...listen, ...words], { cwd: folder })).stdout;
            };
            assert.match(
                await check("https://*.apps.example.com"),
                /^Warning: Apps \(app_url https:\/\/\*\.apps\.example\.com\) and the API .* share a registrable domain/m,
            );
            const [warning, ...others] = JSON.parse(await check("https://*.apps.example.com", "--json"));
            assert.deepEqual([warning.severity, warning.setting, others.length], ["warning", "app_url", 0]);
            assert.doesNotMatch(await check("https://*.apps.example.net"), /Warning/);
        });
    });

    it("finds a port in use, a data folder that is none, and a short INLAY_API_TOKEN", async () => {
        await withFolder({ file: "" }, async (folder) => {
            const listener = net.createServer().listen(0, "127.0.0.1");
            await once(listener, "listening");
            const { port } = /** @type {net.AddressInfo} */ (listener.address());
            const { stdout } = await expect(
                exit.local,
                ["check", "--listen", `127.0.0.1:${port}`, "--data", "file/data"],
                { cwd: folder, environment: { INLAY_API_TOKEN: "short" } },
            );
            listener.close();
            assert.match(stdout, new RegExp(`Another program already listens on 127.0.0.1:${port}`));
            assert.match(stdout, /file\/data/);
            assert.match(stdout, /INLAY_API_TOKEN has 5 characters; it needs at least 16/);
            assert.ok(!stdout.includes("short"));
        });
    });

    it("finds certificates that are missing, expired, of another key, or for other names", async () => {
        await withFolder({}, async (folder) => {
            const openssl = (...words) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
            const certificate = (name, names, days = "2") => {
                openssl(
                    "req",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:prime256v1",
                    "-nodes",
                    "-keyout",
                    `${name}.key`,
                    "-out",
                    `${name}.csr`,
                    "-subj",
                    "/CN=test",
                    "-addext",
                    `subjectAltName=${names}`,
                );
                openssl(
                    "x509",
                    "-req",
                    "-in",
                    `${name}.csr`,
                    "-signkey",
                    `${name}.key`,
                    "-days",
                    days,
                    "-copy_extensions",
                    "copy",
                    "-out",
                    `${name}.pem`,
                );
            };
            certificate("good", "DNS:inlay.example.com,DNS:*.apps.example.net");
            certificate("other", "DNS:inlay.example.com");
            certificate("old", "DNS:inlay.example.com,DNS:*.apps.example.net", "-1");
            const listen = `127.0.0.1:${await freePort()}`;
            const check = (code, pem, key) =>
                expect(
                    code,
                    [
                        "check",
                        "--listen",
                        listen,
                        "--public-url",
                        "https://inlay.example.com",
                        "--app-url",
                        "https://*.apps.example.net",
                        "--tls-certificate",
                        pem,
                        "--tls-key",
                        key,
                    ],
                    { cwd: folder },
                );
            assert.match((await check(exit.done, "good.pem", "good.key")).stdout, /Everything is fine/);
            assert.match(
                (await check(exit.local, "none.pem", "good.key")).stdout,
                /tls_certificate none\.pem cannot be used: No such file/,
            );
            assert.match((await check(exit.local, "good.key", "good.key")).stdout, /holds no PEM certificate/);
            assert.match((await check(exit.local, "good.pem", "other.key")).stdout, /not the key of the certificate/);
            assert.match(
                (await check(exit.local, "other.pem", "other.key")).stdout,
                /not for \*\.apps\.example\.net.*wildcard/,
            );
            assert.match((await check(exit.local, "old.pem", "old.key")).stdout, /old\.pem has expired/);
        });
    });

    it("finds a damaged database", async () => {
        await withFolder({ "data/inlay.db": "this is no database ".repeat(1000) }, async (folder) => {
            const { stdout } = await expect(exit.local, ["check", "--listen", `127.0.0.1:${await freePort()}`], {
                cwd: folder,
            });
            assert.match(stdout, /inlay\.db/);
        });
    });
});
