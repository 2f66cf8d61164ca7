// Debian's Firefox ESR, driven by its own Marionette protocol: lines of "length:json" over TCP.
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const executable = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

/** Cookies are as Firefox has them: each site's third-party cookies are kept apart. Nothing leaves this machine. */
const preferences = {
    "network.dns.forceResolve": "127.0.0.1",
    "marionette.port": 0,
    "network.captive-portal-service.enabled": false,
    "network.connectivity-service.enabled": false,
    "browser.safebrowsing.downloads.remote.enabled": false,
    "services.settings.server": "data:,",
    "app.update.auto": false,
    "app.normandy.enabled": false,
    "browser.startup.page": 0,
    "browser.shell.checkDefaultBrowser": false,
    "datareporting.policy.dataSubmissionEnabled": false,
    "toolkit.telemetry.enabled": false,
};

class Marionette {
    constructor(port) {
        this.socket = net.connect(port, "127.0.0.1");
        this.waiting = new Map();
        this.count = 0;
        let buffer = Buffer.alloc(0);
        this.hello = new Promise((resolve, reject) => {
            this.waiting.set("hello", { resolve, reject });
        });
        this.socket.on("data", (part) => {
            buffer = Buffer.concat([buffer, part]);
            for (let colon; (colon = buffer.indexOf(":")) > 0;) {
                const end = colon + 1 + Number(buffer.toString("latin1", 0, colon));
                if (buffer.length < end) {
                    return;
                }
                this.receive(JSON.parse(buffer.toString("utf8", colon + 1, end)));
                buffer = buffer.subarray(end);
            }
        });
        this.socket.on("error", () => {});
        this.socket.on("close", () => this.waiting.forEach(({ reject }) => reject(new Error("Firefox has gone."))));
    }

    receive(message) {
        const [, id, error, result] = Array.isArray(message) ? message : [1, "hello", null, message];
        const { resolve, reject } = this.waiting.get(id);
        this.waiting.delete(id);
        if (error) {
            reject(new Error(`${error.error}: ${error.message}`));
        } else {
            resolve(result !== null && typeof result === "object" && "value" in result ? result.value : result);
        }
    }

    async call(name, parameters = {}) {
        await this.hello;
        const id = (this.count += 1);
        const text = Buffer.from(JSON.stringify([0, id, name, parameters]));
        this.socket.write(Buffer.concat([Buffer.from(`${text.length}:`), text]));
        return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    }
}

/**
 * One window. Any certificate is good enough.
 * @param {{ allowsThirdParties?: boolean }} [options] of cookies, which are kept apart otherwise
 */
export async function launchFirefox({ allowsThirdParties = false } = {}) {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), "inlay-firefox-"));
    fs.writeFileSync(
        path.join(profile, "user.js"),
        Object.entries({ ...preferences, ...(allowsThirdParties && { "network.cookie.cookieBehavior": 0 }) })
            .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
            .join(""),
    );
    const child = spawn(
        executable,
        [
            "--headless",
            "--marionette",
            "--remote-allow-system-access",
            "--no-remote",
            "--profile",
            profile,
            "about:blank",
        ],
        {
            env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" },
            stdio: ["ignore", "ignore", "pipe"],
            detached: true,
        },
    );
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
    const end = () => {
        try {
            process.kill(-(/** @type {number} */ (child.pid)), "SIGKILL");
        } catch {
            // It was gone already.
        }
    };
    process.once("exit", end);

    const portFile = path.join(profile, "MarionetteActivePort");
    for (
        const deadline = Date.now() + 60_000;
        !fs.existsSync(portFile) || fs.readFileSync(portFile, "utf8") === "";
        await sleep(50)
    ) {
        if (child.exitCode !== null || Date.now() > deadline) {
            end();
            throw new Error(`Firefox did not start:\n${errors}`);
        }
    }
    const marionette = new Marionette(Number(fs.readFileSync(portFile, "utf8")));
    await marionette.call("WebDriver:NewSession", { acceptInsecureCerts: true });
    return {
        goto: (url) => marionette.call("WebDriver:Navigate", { url }),
        back: () => marionette.call("WebDriver:Back"),
        reload: () => marionette.call("WebDriver:Refresh"),
        windows: () => marionette.call("WebDriver:GetWindowHandles"),
        /** Closes the tab, and lets Firefox restore it. */
        async restore() {
            const [before] = await marionette.call("WebDriver:GetWindowHandles");
            await marionette.call("WebDriver:NewWindow", { type: "tab" });
            await marionette.call("WebDriver:CloseWindow");
            await marionette.call("Marionette:SetContext", { value: "chrome" });
            const [other] = (await marionette.call("WebDriver:GetWindowHandles")).filter((handle) => handle !== before);
            await marionette.call("WebDriver:SwitchToWindow", { handle: other });
            await marionette.call("WebDriver:ExecuteScript", {
                script: "SessionStore.undoCloseTab(window, 0)",
                args: [],
            });
            await marionette.call("Marionette:SetContext", { value: "content" });
            const handles = await marionette.call("WebDriver:GetWindowHandles");
            await marionette.call("WebDriver:SwitchToWindow", { handle: handles.find((handle) => handle !== other) });
        },
        /** Goes to a frame of the present one by its number; without one, to the page. */
        enter: (id = null) => marionette.call("WebDriver:SwitchToFrame", { id }),
        /** What a function gives back there. It sees the document, and not what the page's scripts have made. */
        read: (fn, ...args) =>
            marionette.call("WebDriver:ExecuteScript", { script: `return (${fn})(...arguments)`, args }),
        /** Lets the page's own world run a script. */
        run: (script) =>
            marionette.call("WebDriver:ExecuteScript", {
                script: "document.head.append(Object.assign(document.createElement('script'), { textContent: arguments[0] }))",
                args: [script],
            }),
        /** Clicks what is there in the frame. */
        click: (x, y) =>
            marionette.call("WebDriver:PerformActions", {
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
        enterWindow: (handle) => marionette.call("WebDriver:SwitchToWindow", { handle, focus: true }),
        closeWindow: () => marionette.call("WebDriver:CloseWindow"),
        /** Cookies, storage, caches, workers: all of it. */
        async forget() {
            await marionette.call("Marionette:SetContext", { value: "chrome" });
            await marionette.call("WebDriver:ExecuteAsyncScript", {
                script: `const [done] = arguments;
                    Services.clearData.deleteData(Ci.nsIClearDataService.CLEAR_ALL, { onDataDeleted: () => done(true) });`,
                sandbox: "system",
            });
            await marionette.call("Marionette:SetContext", { value: "content" });
        },
        async close() {
            end();
            if (child.exitCode === null && child.signalCode === null) {
                await once(child, "exit");
            }
            process.removeListener("exit", end);
            marionette.socket.destroy();
            fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
        },
    };
}
