// How client commands find their token, and what they make of a server that answers otherwise than Inlay.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import path from "node:path";
import { describe, it } from "node:test";
import { exit, expect, withFolder } from "../lib/command.mjs";
import { freePort, run } from "../lib/server.mjs";

describe("finding the token", () => {
    it("prefers --token, then INLAY_TOKEN, INLAY_API_TOKEN, and the file in the data folder", async () => {
        /** @type {string[]} */ const seen = [];
        const server = http.createServer((incoming, response) => {
            seen.push(String(incoming.headers.authorization));
            response.setHeader("Content-Type", "application/json");
            response.end('{"items":[],"next":null}');
        });
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        const url = `http://localhost:${/** @type {net.AddressInfo} */ (server.address()).port}`;
        await withFolder({ "data/admin-token": "from-the-file\n" }, async (folder) => {
            const all = { INLAY_TOKEN: "from-inlay-token", INLAY_API_TOKEN: "from-inlay-api-token" };
            const list = (words, environment) =>
                expect(exit.done, ["app", "list", "--url", url, ...words], { cwd: folder, environment });
            await list(["--token", "from-the-flag"], all);
            await list([], all);
            await list([], { ...all, INLAY_TOKEN: "" });
            await list([], {});
            await list(["--data", path.join(folder, "data")], {});
            assert.deepEqual(
                seen,
                ["flag", "inlay-token", "inlay-api-token"]
                    .map((word) => `Bearer from-${word.startsWith("inlay") ? "" : "the-"}${word}`)
                    .concat(Array(2).fill("Bearer from-the-file")),
            );
        });
        server.close();
    });

    it("without one says where it looked", async () => {
        await withFolder({}, async (folder) => {
            const { stderr } = await expect(exit.notAllowed, ["app", "list"], { cwd: folder });
            assert.match(
                stderr,
                /set INLAY_TOKEN, or name the server's data folder with --data \(there is no \.\/data\/admin-token\)/,
            );
        });
    });

    it("refuses one that would be a header of its own", async () => {
        const { stderr } = await expect(exit.usage, ["app", "list", "--url", "http://localhost:9"], {
            environment: { INLAY_TOKEN: "a\r\nX-Evil: b" },
        });
        assert.match(stderr, /character that no token has/);
    });
});

describe("a server that does not answer as it should", () => {
    /** Runs a command against a server of the test's own. */
    async function against(answer, words, check) {
        const server = http.createServer((incoming, response) => {
            incoming.resume();
            answer(response, incoming);
        });
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        const url = `http://localhost:${/** @type {net.AddressInfo} */ (server.address()).port}`;
        try {
            check(await run([...words, "--url", url], { environment: { INLAY_TOKEN: "some-token" } }));
        } finally {
            server.closeAllConnections();
            server.close();
        }
    }

    const problem =
        (status, code, detail, headers = {}) =>
        (response) => {
            response.writeHead(status, { "Content-Type": "application/problem+json", ...headers });
            response.end(JSON.stringify({ type: "about:blank", title: "T", status, detail, code }));
        };

    for (const [status, code, expected, words] of [
        [400, "member_invalid", exit.refused, /^inlay: name is too long\.\n$/],
        [401, "api_token_invalid", exit.notAllowed, /name is too long\. The token came from INLAY_TOKEN\./],
        [403, "scope_missing", exit.notAllowed, /inlay token create --help/],
        [404, "not_found", exit.notFound, /"inlay app list" shows what there is/],
        [409, "app_exists", exit.refused, /name is too long\.\n/],
        [503, "unavailable", exit.refused, /server's log/],
    ]) {
        it(`by ${status} ${code}: exits with ${expected}`, async () => {
            await against(problem(status, code, "name is too long"), ["app", "show", "x"], (result) => {
                assert.equal(result.code, expected, result.stderr);
                assert.match(result.stderr, words);
                assert.equal(result.stdout, "");
            });
        });
    }

    it("by 429: says when to try again", async () => {
        const answer = (response) => {
            response.writeHead(429, { "Content-Type": "application/json", "Retry-After": "17" });
            response.end(JSON.stringify({ success: false, message: "Too many links" }));
        };
        await against(answer, ["embed", "x", "--user", "a@b.example"], (result) => {
            assert.equal(result.code, exit.refused);
            assert.equal(result.stderr, "inlay: Too many links. Try again in 17 seconds.\n");
        });
    });

    for (const [what, answer] of [
        ["HTML", (response) => response.end("<h1>hello</h1>")],
        ["HTML with an error", (response) => response.writeHead(502).end("<h1>Bad gateway</h1>")],
        ["JSON of something else", (response) => response.end("[1]")],
        ["a redirect", (response) => response.writeHead(302, { Location: "http://localhost:1/" }).end()],
    ]) {
        it(`but with ${what}: says that it is not Inlay`, async () => {
            await against(answer, ["app", "list"], (result) => {
                assert.equal(result.code, exit.refused);
                assert.match(result.stderr, /does not answer like Inlay.*Check --url or INLAY_URL/);
            });
        });
    }

    it("but hangs up: is not reachable", async () => {
        await against(
            (response) => response.destroy(),
            ["app", "list"],
            (result) => {
                assert.equal(result.code, exit.unreachable);
            },
        );
    });

    it("a list whose second page fails prints nothing", async () => {
        const answer = (response, incoming) => {
            if (incoming.url.includes("after=")) {
                problem(503, "unavailable", "No.")(response);
            } else {
                response.end('{"items":[{"id":"1"}],"next":"more"}');
            }
        };
        await against(answer, ["app", "list", "--json"], (result) => {
            assert.deepEqual([result.code, result.stdout], [exit.refused, ""]);
        });
    });

    it("that is not there: says how to start one", async () => {
        const { stderr } = await expect(
            exit.unreachable,
            ["app", "list", "--url", `http://localhost:${await freePort()}`],
            { environment: { INLAY_TOKEN: "some-token" } },
        );
        assert.match(stderr, /Nothing answers at http:\/\/localhost:\d+\. Start the server with "inlay serve"/);
    });

    it("over plain http elsewhere than here: is refused before the token is sent", async () => {
        const { stderr } = await expect(exit.usage, ["app", "list", "--url", "http://inlay.example.com"], {
            environment: { INLAY_TOKEN: "some-token" },
        });
        assert.match(stderr, /would send the API token unencrypted/);
    });

    it("words that would change the path: are refused", async () => {
        for (const word of ["", ".", ".."]) {
            await expect(exit.usage, ["app", "delete", word, "--url", "http://localhost:9"], {
                environment: { INLAY_TOKEN: "some-token" },
            });
        }
        await against(
            (response, incoming) => problem(404, "x", incoming.url)(response),
            ["app", "show", "/../users?x=1#%"],
            (result) => {
                assert.match(result.stderr, /\/api\/v1\/apps\/%2F\.\.%2Fusers%3Fx%3D1%23%25\./);
            },
        );
    });
});
