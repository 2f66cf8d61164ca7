// HTTP/2 to a server with TLS, by a connection that a test can stop reading from.
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import tls from "node:tls";

/** What a client may be sent before it has read anything: as much as HTTP/2 allows. */
const WINDOW = 2 ** 31 - 1;

/** A connection over a relay. While it is paused, nothing that the server sends arrives, and the server's buffers fill. */
export class Http2 {
    /** @param {string} url the server's @param {number} port */
    static async connect(url, port) {
        const connection = new Http2();
        connection.url = new URL(url);
        connection.relay = net.createServer((client) => {
            connection.toServer = net.connect(port, "127.0.0.1");
            for (const [from, to] of [
                [client, connection.toServer],
                [connection.toServer, client],
            ]) {
                from.on("error", () => to.destroy());
                from.on("close", () => to.destroy());
                from.pipe(to);
            }
            connection.toClient = client;
        });
        connection.relay.listen(0, "127.0.0.1");
        await once(connection.relay, "listening");
        const { port: at } = /** @type {net.AddressInfo} */ (connection.relay.address());
        connection.session = http2.connect(connection.url.origin, {
            createConnection: () =>
                tls.connect({
                    host: "127.0.0.1",
                    port: at,
                    servername: connection.url.hostname,
                    ALPNProtocols: ["h2"],
                    rejectUnauthorized: false, // it is the test's own certificate, on this machine
                }),
            settings: { initialWindowSize: WINDOW },
        });
        await once(connection.session, "connect");
        connection.session.setLocalWindowSize(WINDOW);
        return connection;
    }

    pause() {
        this.toServer.unpipe(this.toClient);
        this.toServer.pause();
    }

    resume() {
        this.toServer.pipe(this.toClient);
    }

    /**
     * Sends a request; `stream` can be closed, `response` is what comes back, whole.
     * @param {string} method @param {string} path @param {Record<string, string>} [headers] @param {string} [body]
     */
    request(method, path, headers = {}, body = undefined) {
        const stream = this.session.request(
            { ":method": method, ":path": path, ":authority": this.url.host, ...headers },
            { endStream: body === undefined },
        );
        if (body !== undefined) {
            stream.end(body);
        }
        const response = new Promise((resolve, reject) => {
            const chunks = [];
            let head;
            stream.on("response", (headers) => (head = headers));
            stream.on("data", (chunk) => chunks.push(chunk));
            stream.on("error", reject);
            stream.on("close", () => {
                if (head === undefined || stream.rstCode !== http2.constants.NGHTTP2_NO_ERROR) {
                    reject(new Error(`${method} ${path}: closed with ${stream.rstCode}`));
                }
                const bytes = Buffer.concat(chunks);
                resolve({
                    status: head?.[":status"],
                    headers: head,
                    bytes,
                    get text() {
                        return bytes.toString();
                    },
                    get json() {
                        return JSON.parse(bytes.toString());
                    },
                });
            });
        });
        response.catch(() => {});
        return { stream, response };
    }

    close() {
        this.session.destroy();
        this.relay.close();
    }
}
