// WebKitGTK, the engine of Safari, driven by its own WebDriver in a display of its own. A proxy of the test's leads every name
// to this machine. Debian has it in webkit2gtk-driver, with xvfb for the display.
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./eventually.mjs";
import { freePort } from "./server.mjs";

const DRIVER = "/usr/bin/WebKitWebDriver";
const BROWSER = ["4.1", "4.0", "6.0"]
    .map((version) => `/usr/lib/x86_64-linux-gnu/webkit2gtk-${version}/MiniBrowser`)
    .find((file) => fs.existsSync(file));

/** Whatever host a browser names, the connection goes to this machine. */
async function startProxy() {
    const proxy = http.createServer((request, response) => {
        const { port, pathname, search } = new URL(request.url ?? "");
        const onwards = http.request(
            {
                host: "127.0.0.1",
                port: port || 80,
                path: pathname + search,
                method: request.method,
                headers: request.headers,
            },
            (answer) => {
                response.writeHead(answer.statusCode ?? 502, answer.headers);
                answer.pipe(response);
            },
        );
        onwards.on("error", () => response.destroy());
        request.pipe(onwards);
    });
    proxy.on("connect", (request, socket) => {
        const onwards = net.connect(Number(request.url?.split(":").at(-1)), "127.0.0.1", () => {
            socket.write("HTTP/1.1 200 OK\r\n\r\n");
            onwards.pipe(socket).pipe(onwards);
        });
        onwards.on("error", () => socket.destroy());
        socket.on("error", () => onwards.destroy());
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    return proxy;
}

/** A program in a group of processes of its own, which is ended with it. */
function start(program, words, env = {}) {
    const child = spawn(program, words, {
        env: { ...process.env, ...env },
        stdio: ["ignore", "ignore", "ignore", "pipe"],
        detached: true,
    });
    const end = () => {
        try {
            process.kill(-(/** @type {number} */ (child.pid)), "SIGKILL");
        } catch {
            // It was gone already.
        }
    };
    process.once("exit", end);
    return { child, end: () => (process.removeListener("exit", end), end()) };
}

/** The number of a display that nobody had. */
async function startDisplay() {
    const display = start("/usr/bin/Xvfb", ["-displayfd", "3", "-screen", "0", "1200x900x24", "-nolisten", "tcp"]);
    const [number] = await once(/** @type {any} */ (display.child.stdio[3]), "data");
    return { ...display, name: `:${String(number).trim()}` };
}

/**
 * One window; what it has stored goes with it. Any certificate is good enough.
 * @param {{ allowsThirdParties?: boolean }} [options] of cookies: it has no partitioned ones
 */
export async function launchWebKit({ allowsThirdParties = false } = {}) {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "inlay-webkit-"));
    const [proxy, display, port] = await Promise.all([startProxy(), startDisplay(), freePort()]);
    const driver = start(DRIVER, [`--port=${port}`], {
        DISPLAY: display.name,
        HOME: home,
        XDG_RUNTIME_DIR: home,
        WEBKIT_DISABLE_COMPOSITING_MODE: "1",
        LIBGL_ALWAYS_SOFTWARE: "1",
        ...(process.getuid?.() === 0 && { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" }),
    });
    const { port: proxyPort } = /** @type {net.AddressInfo} */ (proxy.address());

    async function call(method, place, body) {
        const answer = await fetch(`http://127.0.0.1:${port}${place}`, {
            method,
            body: method === "POST" ? JSON.stringify(body ?? {}) : undefined,
        });
        const { value } = await answer.json();
        if (!answer.ok) {
            throw new Error(`${value.error}: ${value.message}`);
        }
        return value;
    }
    await eventually("the driver", () => fetch(`http://127.0.0.1:${port}/status`).catch(() => null), 20_000);
    let session, version;
    async function open() {
        const { sessionId, capabilities } = await call("POST", "/session", {
            capabilities: {
                alwaysMatch: {
                    acceptInsecureCerts: true,
                    timeouts: { script: 30_000, pageLoad: 30_000 },
                    "webkitgtk:browserOptions": {
                        binary: BROWSER,
                        args: [
                            "--automation",
                            `--proxy=http://127.0.0.1:${proxyPort}`,
                            ...(allowsThirdParties ? ["--cookies-policy=always"] : []),
                        ],
                    },
                },
            },
        });
        session = `/session/${sessionId}`;
        version = capabilities.browserVersion;
    }
    await open();
    return {
        version: () => version,
        goto: (url) => call("POST", `${session}/url`, { url }),
        back: () => call("POST", `${session}/back`),
        /** Goes to a frame of the present one by its number; without one, to the page. */
        enter: (id = null) => call("POST", `${session}/frame`, { id }),
        /** What a function gives back there, in the page's own world. */
        read: (fn, ...args) =>
            call("POST", `${session}/execute/sync`, { script: `return (${fn})(...arguments)`, args }),
        /** The same for one that gives a promise. */
        run: (fn, ...args) =>
            call("POST", `${session}/execute/async`, {
                script: `const args = [...arguments], done = args.pop();
                    (async () => (${fn})(...args))().then((value) => done({ value }), (error) => done({ error: String(error) }));`,
                args,
            }).then(({ value, error }) => {
                if (error !== undefined) {
                    throw new Error(error);
                }
                return value ?? null;
            }),
        /** Presses the button of the mouse there, in the frame. */
        click: (x, y) =>
            call("POST", `${session}/actions`, {
                actions: [
                    {
                        type: "pointer",
                        id: "mouse",
                        parameters: { pointerType: "mouse" },
                        actions: [
                            { type: "pointerMove", x, y },
                            { type: "pointerDown", button: 0 },
                            { type: "pointerUp", button: 0 },
                        ],
                    },
                ],
            }),
        windows: () => call("GET", `${session}/window/handles`),
        enterWindow: (handle) => call("POST", `${session}/window`, { handle }),
        /** Another browser in place of this one. */
        async fresh() {
            await call("DELETE", session).catch(() => {});
            await open();
        },
        async close() {
            await call("DELETE", session).catch(() => {});
            driver.end();
            display.end();
            proxy.closeAllConnections();
            proxy.close();
            await sleep(100);
            fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 });
        },
    };
}
