// Inlay and a portal on sites that have nothing to do with each other, over https, and a browser that keeps them apart.
import fs from "node:fs";
import { makeCertificate } from "./certificate.mjs";
import { launchChromium } from "./chromium.mjs";
import { Portal } from "./portal.mjs";
import { Server, freePort, freshFolder } from "./server.mjs";

/** A server with TLS of its own; apps are below apps.vendor.example. */
export async function httpsServer(certificate, host = "inlay.vendor.example", options = {}) {
    const port = await freePort();
    const server = new Server(
        {
            public_url: `https://${host}:${port}`,
            app_url: `https://*.apps.vendor.example:${port}`,
            tls_certificate: certificate.certificateFile,
            tls_key: certificate.keyFile,
        },
        options,
    );
    server.port = port;
    return server.start();
}

/**
 * @param {{ host?: string, names?: string[], launch?: (options: any) => Promise<any>, command?: string }} [options]
 *     host: of `public_url`; names: others in the certificate; launch: another browser; command: the server's
 */
export async function startApart({ host, names = [], launch = launchChromium, command } = {}) {
    const folder = freshFolder();
    const certificate = makeCertificate(folder, [
        "*.customer.example",
        "*.vendor.example",
        "*.apps.vendor.example",
        ...names,
    ]);
    const [launched, portal, server] = await Promise.all([
        launch({ trusted: [certificate.hash] }),
        new Portal("portal.customer.example", certificate).start(),
        httpsServer(certificate, host, { command }),
    ]);
    return {
        folder,
        certificate,
        launched,
        portal,
        server,
        async close() {
            portal.close();
            await Promise.all([launched.close(), server.discard()]);
            fs.rmSync(folder, { recursive: true, force: true });
        },
    };
}
