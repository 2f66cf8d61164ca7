// The portal of the paint comparison: the same page with a frame, of an app behind Inlay or of a plain address; and the
// page and the calls of the example in examples/express.
//     node portal.mjs PORT INLAY TOKEN APP PLAIN
import express from "express";
import { fileURLToPath } from "node:url";

const [port, inlay, token, appId, plain] = process.argv.slice(2);
const app = express();
app.disable("x-powered-by");
app.use(express.json());

async function link(email) {
    const answer = await fetch(`${inlay}/api/ext/users/personal-access-token`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ email, appId, sessionExpiry: 60, patExpiry: 3600 }),
    });
    return (await answer.json()).redirectUrl;
}
const page = (url) =>
    `<!doctype html><title>Portal</title><link rel="icon" href="data:,"><h1>Portal</h1>
    <iframe src="${url}" width="600" height="400"></iframe>`;

app.get("/inlay", async (request, response) => response.send(page(await link(request.query.email))));
app.get("/plain", (request, response) => response.send(page(plain)));

let signedIn;
app.get("/example", (request, response) => {
    signedIn = request.query.email;
    response.sendFile(fileURLToPath(new URL("../examples/html/index.html", import.meta.url)));
});
app.get("/api/me", (request, response) => response.json({ email: signedIn, appId }));
app.post("/api/get-tooljet-url", async (request, response) => response.json({ redirectUrl: await link(signedIn) }));

app.listen(Number(port), "localhost");
