// The server of an app under load: says which app it is, who it was told the user is, and what it was asked.
//     node echo.mjs PORT APP
import http from "node:http";

const [port, app] = process.argv.slice(2);

function told(request, nonce) {
    const { headers } = request;
    return JSON.stringify({
        app,
        nonce,
        user: headers["x-inlay-user"],
        session: headers["x-inlay-session"],
        assertion: headers["x-inlay-assertion"],
        padding: "x".repeat(nonce.length % 7 === 0 ? 40_000 : 10),
    });
}

const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(String(request.url), "http://x");
    const nonce = searchParams.get("nonce") ?? "";
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("error", () => {});
    request.on("end", async () => {
        const text = told(request, request.method === "POST" ? Buffer.concat(parts).toString() : nonce);
        const head = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) };
        if (pathname === "/parts") {
            response.writeHead(200, { "Content-Type": "application/json" });
            for (let at = 0; at < text.length; at += 1 + text.length / 3) {
                response.write(text.slice(at, at + 1 + text.length / 3));
                await new Promise((resolve) => setImmediate(resolve));
            }
            response.end();
        } else if (pathname === "/half") {
            response.writeHead(200, head).write(text.slice(0, text.length / 2));
            setImmediate(() => request.socket.destroy());
        } else if (pathname === "/extra") {
            // More than was said: an answer that nobody asked for.
            const lie = JSON.stringify({ app, nonce: "nobody asked", user: "nobody" });
            const answer = (body, length) =>
                `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;
            request.socket.end(answer(text, head["Content-Length"]) + answer(lie, lie.length));
        } else {
            setTimeout(() => response.writeHead(200, head).end(text), pathname === "/slow" ? 20 : 0);
        }
    });
});
server.on("upgrade", (request, socket) => {
    const nonce = new URL(String(request.url), "http://x").searchParams.get("nonce") ?? "";
    socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n${told(request, nonce)}\n`,
    );
    socket.on("data", (data) => socket.write(data));
    socket.on("error", () => {});
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), "127.0.0.1");
