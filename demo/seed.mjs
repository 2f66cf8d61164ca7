// Gives a running Inlay what the demo portal needs, through the API alone: node demo/seed.mjs <data folder>
//
// Run again, it changes only what is missing or different. It leaves two files in <data folder>/demo: the portal's
// API token (readable by its owner only) and portal.env, the settings to start the portal with.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import { customers } from "./portal/customers.js";

const INLAY_URL = process.env.INLAY_URL ?? "http://localhost:3000";
const PORTAL_PORT = process.env.PORTAL_PORT ?? "5173";

const APP = { slug: "orders", name: "Orders", portals: [`http://localhost:${PORTAL_PORT}`] };
const ENVIRONMENT_CONFIG = { supportEmail: "orders@tradewell.example" };
const TOKEN_NAME = "Demo portal";
const READY_MS = 30_000;

const here = dirname(fileURLToPath(import.meta.url));
const appFolder = join(here, "app");

async function main(dataFolder) {
    const folder = resolve(dataFolder, "demo");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await ready();
    const inlay = new Api(INLAY_URL, await adminToken(dataFolder));

    const app = await ensureApp(inlay);
    const release = await ensureRelease(inlay, app);
    const groupIds = new Map();
    for (const customer of customers) {
        groupIds.set(customer.key, await ensureCustomer(inlay, customer, app));
    }
    await ensureConfig(inlay);

    const tokenFile = join(folder, "portal-token");
    await ensureToken(inlay, tokenFile);
    await writeFile(
        join(folder, "portal.env"),
        environment({
            INLAY_URL,
            INLAY_API_TOKEN_FILE: tokenFile,
            APP_ID: app.id,
            PORT: PORTAL_PORT,
            ...Object.fromEntries([...groupIds].map(([key, id]) => [`GROUP_${key.toUpperCase()}`, id])),
        }),
    );
    console.log(`Seeded: app ${APP.slug} ${release}, ${customers.map(({ company }) => company).join(", ")}`);
}

/** Waits for an Inlay that is still starting. */
async function ready() {
    const deadline = Date.now() + READY_MS;
    const isReady = () =>
        fetch(`${INLAY_URL}/readyz`).then(
            ({ ok }) => ok,
            () => false,
        );
    while (!(await isReady())) {
        if (Date.now() > deadline) {
            throw new Error(`${INLAY_URL} is not ready after ${READY_MS / 1000} s`);
        }
        await setTimeout(50);
    }
}

/** A client of the management API. Anything but success is an error that says what was refused. */
class Api {
    #url;
    #authorization;

    constructor(url, token) {
        this.#url = url;
        this.#authorization = `Bearer ${token}`;
    }

    get = (path) => this.#call("GET", path);
    put = (path) => this.#call("PUT", path);
    post = (path, value) => this.#call("POST", path, JSON.stringify(value));
    patch = (path, value) => this.#call("PATCH", path, JSON.stringify(value));
    delete = (path) => this.#call("DELETE", path);
    upload = (path, body, type) => this.#call("POST", path, body, type);

    /** The only item of a filtered list, or undefined. */
    async find(path, filter) {
        const { items } = await this.get(`${path}?${new URLSearchParams(filter)}`);
        return items[0];
    }

    /** Every item of a list, page by page. */
    async all(path) {
        const items = [];
        for (let after = ""; after !== null;) {
            const query = new URLSearchParams({ limit: "200", ...(after === "" ? {} : { after }) });
            const page = await this.get(`${path}?${query}`);
            items.push(...page.items);
            after = page.next;
        }
        return items;
    }

    async #call(method, path, body, type = "application/json") {
        const response = await fetch(`${this.#url}/api/v1${path}`, {
            method,
            headers: {
                authorization: this.#authorization,
                ...(body === undefined ? {} : { "content-type": type }),
            },
            ...(body === undefined ? {} : { body }),
        });
        const text = await response.text();
        if (!response.ok) {
            throw new Error(`${method} ${path}: ${response.status} ${text}`);
        }
        return text === "" ? null : JSON.parse(text);
    }
}

async function adminToken(dataFolder) {
    return (
        process.env.INLAY_TOKEN ??
        process.env.INLAY_API_TOKEN ??
        (await readFile(join(dataFolder, "admin-token"), "utf8")).trim()
    );
}

async function ensureApp(inlay) {
    const app = (await inlay.find("/apps", { slug: APP.slug })) ?? (await inlay.post("/apps", APP));
    return isDeepStrictEqual(app.portals, APP.portals) ? app : inlay.patch(`/apps/${app.id}`, { portals: APP.portals });
}

/** The version names the content, so a rebuilt app that changed is deployed and one that did not is not. */
async function ensureRelease(inlay, app) {
    const { version } = JSON.parse(await readFile(join(appFolder, "package.json"), "utf8"));
    const content = await archive(join(appFolder, "dist"));
    const wanted = `${version}+${createHash("sha256").update(content).digest("hex").slice(0, 8)}`;
    if (app.currentRelease === wanted) {
        return wanted;
    }
    const path = `/apps/${app.id}/releases`;
    const releases = await inlay.all(path);
    if (releases.some((release) => release.version === wanted)) {
        await inlay.post(`${path}/${encodeURIComponent(wanted)}/rollback`);
    } else {
        const query = new URLSearchParams({ version: wanted });
        await inlay.upload(`${path}?${query}`, content, "application/gzip");
    }
    return wanted;
}

/** The same files make the same bytes: no times, owners or order of the disk. */
async function archive(folder) {
    const same = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=go=rX"];
    const { stdout } = await promisify(execFile)("tar", [...same, "-czf", "-", "-C", folder, "."], {
        encoding: "buffer",
        maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
}

/** A group of the customer's own, which may use the app, and the person in it whom a personal access token names. */
async function ensureCustomer(inlay, { company, person }, app) {
    const group = (await inlay.find("/groups", { name: company })) ?? (await inlay.post("/groups", { name: company }));
    const { email, firstName, lastName } = person;
    const user =
        (await inlay.find("/users", { email, kind: "internal" })) ??
        (await inlay.post("/users", { email, firstName, lastName }));
    await inlay.put(`/groups/${group.id}/members/${user.id}`);
    await inlay.put(`/groups/${group.id}/apps/${app.id}`);
    return group.id;
}

async function ensureConfig(inlay) {
    const { config } = await inlay.get("/environments/production");
    if (!isDeepStrictEqual(config, ENVIRONMENT_CONFIG)) {
        await inlay.patch("/environments/production", { config: ENVIRONMENT_CONFIG });
    }
}

/** A token's secret is shown once. If the file with it is lost or stale, the token is replaced. */
async function ensureToken(inlay, file) {
    const kept = await readFile(file, "utf8").catch(() => "");
    if (kept !== "" && (await isAccepted(kept.trim()))) {
        return;
    }
    for (const { id, name } of await inlay.all("/api-tokens")) {
        if (name === TOKEN_NAME) {
            await inlay.delete(`/api-tokens/${id}`);
        }
    }
    const { token } = await inlay.post("/api-tokens", { name: TOKEN_NAME, scopes: ["embed"] });
    await writeFile(file, `${token}\n`, { mode: 0o600 });
}

/** Asks for nothing: a good token is told what is missing, a bad one is refused. */
async function isAccepted(token) {
    const response = await fetch(`${INLAY_URL}/api/embed-url/external-user`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: "{}",
    });
    return response.status !== 401;
}

/** For a shell to read: every value is quoted. */
function environment(values) {
    return Object.entries(values)
        .map(([name, value]) => `${name}='${String(value).replaceAll("'", `'\\''`)}'\n`)
        .join("");
}

const [dataFolder, ...rest] = process.argv.slice(2);
if (dataFolder === undefined || rest.length > 0) {
    console.error("usage: node demo/seed.mjs <data folder>");
    process.exit(2);
}
try {
    await main(dataFolder);
} catch (error) {
    console.error(`seed: ${error.message}`);
    process.exit(1);
}
