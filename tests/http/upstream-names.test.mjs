// The names of apps' servers: asked from dns_servers, again when their time is over, and checked.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, describe, it } from "node:test";
import { NameServer } from "../lib/dns.mjs";
import { eventually, settled } from "../lib/eventually.mjs";
import { startServer } from "../lib/server.mjs";
import { ask, close, failure, listen, upstreamWorld } from "../lib/upstream.mjs";

describe("an app's server that has a name", () => {
    let names, server, world, opened, backends, port, sent;

    /** Says at which address it was asked. */
    function here(request, response) {
        sent = response;
        request
            .resume()
            .on("end", () =>
                response.end(request.url === "/big" ? Buffer.alloc(30_000_000) : request.socket.localAddress),
            );
    }

    before(async () => {
        names = await NameServer.start();
        backends = [await listen(here)];
        port = backends[0].address().port;
        backends.push(await listen(here, { host: "127.0.0.2", port }));
        names.set("app.test", ["127.0.0.1"]);
        server = await startServer({ dns_servers: names.address, upstream_networks: "127.0.0.0/29" });
        world = await upstreamWorld(server, { url: `http://app.test:${port}` });
        opened = await world.opened();
    });
    after(async () => {
        await server.discard();
        backends.forEach(close);
        names.close();
    });

    const move = (name) => world.api.patch(`/apps/${world.app.id}`, { upstream: { url: `http://${name}:${port}` } });

    it("is asked where the name says, and elsewhere once the name says so and its time is over", async () => {
        assert.equal((await opened.fetch("/")).text, "127.0.0.1");
        names.set("app.test", ["127.0.0.2"]);
        await eventually("the move", async () => (await opened.fetch("/")).text === "127.0.0.2");
    });

    it("is waited for while its name is asked, whatever the client sends meanwhile", async () => {
        names.set("slow.test", ["127.0.0.1"]);
        await move("slow.test");
        // A connection that was full once: from then on nginx hears of every byte that fits in again.
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        const [big] = await once(ask(opened, "/big", { agent }).end(), "response");
        await settled("what the app's server can send", () => sent.writableLength, 100);
        await once(big.resume(), "end");
        names.set("slower.test", ["127.0.0.1"], { delay: 800 });
        await move("slower.test");
        const request = ask(opened, "/", { agent, method: "POST", headers: { "Content-Length": 3000 } });
        const answered = once(request, "response");
        request.write("x".repeat(1000));
        await eventually("the question", () => names.asked.includes("slower.test"));
        await new Promise((resolve) => request.write("x".repeat(1000), resolve));
        request.end("x".repeat(1000));
        const [response] = await answered;
        assert.equal(response.statusCode, 200);
        await once(response.resume(), "end");
        agent.destroy();
    });

    it("is not asked at an address outside of upstream_networks, which is said in the frame and the audit log", async () => {
        names.set("elsewhere.test", ["127.0.0.9"]);
        await move("elsewhere.test");
        const page = await opened.navigate("/");
        assert.equal(page.status, 502);
        assert.match(page.text, /is not allowed/);
        assert.equal((await failure(world)).detail.reason, "upstream_address_refused");
        names.set("both.test", ["127.0.0.9", "127.0.0.1"]);
        await move("both.test");
        assert.equal((await opened.fetch("/")).text, "127.0.0.1");
    });

    it("whose name does not exist gives a page and an event", async () => {
        await move("nowhere.test");
        const page = await opened.navigate("/");
        assert.equal(page.status, 502);
        assert.match(page.text, /could not be resolved/);
        await eventually("the event", async () => (await failure(world)).detail.reason === "upstream_name_unknown");
        await move("app.test");
        assert.equal((await opened.fetch("/")).status, 200);
    });
});
