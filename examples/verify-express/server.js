// An app's server that believes nobody but Inlay about who its user is.
import express from "express";
import { createRemoteJWKSet, jwtVerify } from "jose";

const { INLAY_URL = "http://localhost:3000", APP_ID, PORT = "3002" } = process.env;
const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", INLAY_URL));

async function signedIn(req, res, next) {
    try {
        const { payload } = await jwtVerify(req.get("X-Inlay-Assertion") ?? "", keys, {
            algorithms: ["ES256"],
            issuer: INLAY_URL,
            audience: APP_ID,
            requiredClaims: ["exp", "sub"],
        });
        req.user = payload;
        next();
    } catch {
        res.status(401).json({ error: "no valid assertion" });
    }
}

const app = express();
app.get("/whoami", signedIn, (req, res) => {
    res.json({ user: req.user.sub });
});
app.listen(Number(PORT), "localhost", () => console.log(`The app is on http://localhost:${PORT}`));
