// The portal's backend. Each customer's pages, cookie and API live under a path of their own, so that two customers
// can be logged in side by side in one browser.
import { fileURLToPath } from "node:url";
import express from "express";
import { Inlay, NoLink } from "./inlay.js";
import { isPassword, LoginSessions, PerMinute } from "./login.js";
import { customerPage, frontPage, loginPage } from "./pages.js";

/**
 * @typedef {import("./customers.js").Customer} Customer
 *
 * @typedef {object} Options
 * @property {string} origin where browsers open the portal; also one of the app's portals
 * @property {string} inlayUrl
 * @property {string} inlayToken
 * @property {string} appId
 * @property {string} appOrigins CSP source of the frames' origins
 * @property {readonly Customer[]} customers
 * @property {ReadonlyMap<string, readonly number[]>} groupIds of each customer
 * @property {ReadonlyMap<string, string>} [demoPasswords] to fill into each customer's login form
 */

const LOGINS_PER_MINUTE = 10;

/** @param {Options} options */
export function createPortal(options) {
    const portal = express();
    portal.disable("x-powered-by");
    portal.use(oneHost(options.origin), secureHeaders(options));
    portal.use("/static", express.static(fileURLToPath(new URL("dist", import.meta.url))));
    portal.get("/", (_request, response) => {
        response.send(frontPage(options.customers));
    });

    const inlay = new Inlay({ url: options.inlayUrl, token: options.inlayToken, appId: options.appId });
    const sessions = new LoginSessions();
    const logins = new PerMinute(LOGINS_PER_MINUTE);
    for (const customer of options.customers) {
        portal.use(`/${customer.key}`, customerRoutes(customer, { options, inlay, sessions, logins }));
    }

    portal.use(answerError);
    return portal;
}

/**
 * @param {Customer} customer
 * @param {{ options: Options, inlay: Inlay, sessions: LoginSessions, logins: PerMinute }} parts
 */
function customerRoutes(customer, { options, inlay, sessions, logins }) {
    const home = `/${customer.key}`;
    const password = options.demoPasswords?.get(customer.key) ?? "";
    const cookie = { path: home, httpOnly: true, secure: options.origin.startsWith("https:") };
    /** @param {express.Request} request */
    const isLoggedIn = (request) => sessions.isOpen(sessionCookie(request), customer.key);

    const routes = express.Router();
    routes.use(sameOrigin(options.origin));

    routes.get("/", (request, response) => {
        response.send(isLoggedIn(request) ? customerPage(customer) : loginPage(customer, { password }));
    });

    routes.post("/login", express.urlencoded({ extended: false, limit: "2kb" }), async (request, response) => {
        if (!logins.allows(customer.key)) {
            const error = "Too many attempts. Wait a minute.";
            response.status(429).set("Retry-After", "60").send(loginPage(customer, { password, error }));
            return;
        }
        const given = { email: field(request, "email"), password: field(request, "password") };
        const right = await isPassword(given.password, customer.person.passwordHash);
        if (!right || given.email.toLowerCase() !== customer.person.email) {
            const error = "The email or the password is wrong.";
            response.status(401).send(loginPage(customer, { password, error }));
            return;
        }
        response.cookie(COOKIE, sessions.open(customer.key), { ...cookie, sameSite: "lax" });
        response.redirect(303, home);
    });

    routes.post("/logout", (request, response) => {
        sessions.close(sessionCookie(request));
        response.clearCookie(COOKIE, cookie);
        response.redirect(303, home);
    });

    routes.use("/api", (request, response, next) => {
        if (isLoggedIn(request)) {
            next();
        } else {
            response.status(401).json({ error: "Log in first." });
        }
    });

    // The person a link is for is the one who is logged in. What the page may send about it is not even read.
    routes.post("/api/get-tooljet-url", async (_request, response) => {
        const { link, exchange } = await inlay.personalAccessToken(customer);
        response.json({ redirectUrl: link, exchange });
    });

    routes.post("/api/embedUrl", async (_request, response) => {
        const { link, exchange } = await inlay.embedUrl(customer, options.groupIds.get(customer.key) ?? []);
        response.json({ embedUrl: link, exchange });
    });

    return routes;
}

const COOKIE = "portal_session";

/** @param {express.Request} request */
function sessionCookie(request) {
    const pairs = (request.headers.cookie ?? "").split("; ");
    return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? "";
}

/**
 * @param {express.Request} request
 * @param {string} name
 */
function field(request, name) {
    const value = request.body?.[name];
    return typeof value === "string" ? value : "";
}

/**
 * The portal has one name. Under another, such as 127.0.0.1, the app would refuse to be framed, and a name that
 * somebody else points here (DNS rebinding) is none of ours.
 * @param {string} origin
 * @returns {express.RequestHandler}
 */
function oneHost(origin) {
    const { host } = new URL(origin);
    return (request, response, next) => {
        if (request.headers.host === host) {
            next();
        } else if (request.method === "GET") {
            response.redirect(302, origin);
        } else {
            response.status(421).type("text").send("The portal is not served under this name.");
        }
    };
}

/**
 * Unsafe methods come from the portal's own pages only: SameSite=Lax says nothing about another port of the host.
 * @param {string} origin
 * @returns {express.RequestHandler}
 */
function sameOrigin(origin) {
    return (request, response, next) => {
        if (request.method === "GET" || request.method === "HEAD" || request.headers.origin === origin) {
            next();
        } else {
            response.status(403).json({ error: "This request came from another site." });
        }
    };
}

/**
 * @param {Options} options
 * @returns {express.RequestHandler}
 */
function secureHeaders({ appOrigins, inlayUrl }) {
    const policy = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        `frame-src ${appOrigins} ${new URL(inlayUrl).origin}`,
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ].join("; ");
    return (_request, response, next) => {
        response.set({
            "Content-Security-Policy": policy,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-store",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "X-Content-Type-Options": "nosniff",
        });
        next();
    };
}

/**
 * @param {Error & { status?: unknown }} error
 * @param {express.Request} _request
 * @param {express.Response} response
 * @param {express.NextFunction} next
 */
function answerError(error, _request, response, next) {
    if (response.headersSent) {
        next(error);
    } else if (error instanceof NoLink) {
        if (error.retryAfter !== null) {
            response.set("Retry-After", error.retryAfter);
        }
        response.status(error.status).json({ error: error.message, exchange: error.exchange });
    } else {
        const status = typeof error.status === "number" && error.status < 500 ? error.status : 500;
        if (status === 500) {
            console.error(error);
        }
        response.status(status).json({ error: status === 500 ? "Something broke." : "Bad request." });
    }
}
