// A portal's server that asks for embed URLs, as Retool's documents do it in Node.js. It serves a folder of pages.
import express from "express";
import { jwtVerify, SignJWT } from "jose";
import crypto from "node:crypto";
import { fileURLToPath } from "node:url";

const {
    RETOOL_URL = "http://localhost:3000",
    RETOOL_API_KEY,
    LANDING_PAGE_UUID,
    GROUP_IDS = "",
    USER_ID,
    PORT = "3001",
} = process.env;
const pages = fileURLToPath(new URL("../retool-react/dist", import.meta.url));
const apps = { orders: LANDING_PAGE_UUID };
const secretKey = crypto.randomBytes(32);

const app = express();
app.use(express.json());
app.use(express.static(pages));

// Your own login makes such a token for whoever signed in. This portal knows one person.
app.get("/api/me", async (req, res) => {
    const user = { first_name: "Ann", last_name: "Lee", email: "ann@acme.example" };
    const userJwt = await new SignJWT(user)
        .setProtectedHeader({ alg: "HS256" })
        .setSubject(USER_ID)
        .setExpirationTime("1h")
        .sign(secretKey);
    res.json({ userJwt });
});

app.post("/api/embedUrl", async (req, res) => {
    const { userJwt, retoolAppName } = req.body ?? {};
    if (!Object.hasOwn(apps, retoolAppName)) {
        return res.status(404).json({ error: "unknown app" });
    }
    let user;
    try {
        user = (await jwtVerify(userJwt, secretKey, { algorithms: ["HS256"] })).payload;
    } catch {
        return res.status(401).json({ error: "not signed in" });
    }
    const options = {
        method: "post",
        headers: {
            Authorization: `Bearer ${RETOOL_API_KEY}`,
            "content-type": "application/json",
        },
        body: JSON.stringify({
            landingPageUuid: apps[retoolAppName],
            externalIdentifier: user.sub,
            groupIds: GROUP_IDS.split(",").map(Number),
            userInfo: {
                email: user.email,
                first_name: user.first_name,
                last_name: user.last_name,
            },
            metadata: {
                storeId: 51,
                isAdmin: true,
                canExportData: true,
            },
        }),
    };
    try {
        const answer = await fetch(`${RETOOL_URL}/api/embed-url/external-user`, options);
        if (answer.ok) {
            return res.json(await answer.json());
        }
        console.error("no embed URL:", await answer.text());
    } catch (error) {
        console.error("no embed URL:", error.message);
    }
    res.status(502).json({ error: "no embed URL could be made" });
});

app.listen(Number(PORT), "localhost", () => console.log(`The portal is on http://localhost:${PORT}`));
