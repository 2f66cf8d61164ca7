// A portal's server. It serves a folder of pages, and asks for a link whenever a page needs one.
import axios from "axios";
import express from "express";
import { fileURLToPath } from "node:url";

const { TOOLJET_HOST = "http://localhost:3000", TOOLJET_API_TOKEN, APP_ID, USER_EMAIL, PORT = "3001" } = process.env;
const pages = process.argv[2] ?? fileURLToPath(new URL("../html", import.meta.url));

const app = express();
app.use(express.json());
app.use(express.static(pages));

// Your own login says who is there. This portal knows one person.
const signedIn = () => USER_EMAIL;

app.get("/api/me", (req, res) => {
    res.json({ email: signedIn(), appId: APP_ID });
});

app.post("/api/get-tooljet-url", async (req, res) => {
    const { email, appId } = req.body ?? {};
    if (!email || !appId) {
        return res.status(400).json({ error: "email and appId are needed" });
    }
    // Whoever may name the email here may be anybody: compare it with your own session.
    if (email !== signedIn()) {
        return res.status(403).json({ error: "that is somebody else" });
    }
    try {
        const { data } = await axios.post(
            `${TOOLJET_HOST}/api/ext/users/personal-access-token`,
            { email, appId, sessionExpiry: 60, patExpiry: 3600 },
            { headers: { Authorization: `Basic ${TOOLJET_API_TOKEN}`, "Content-Type": "application/json" } },
        );
        res.json({ redirectUrl: data.redirectUrl });
    } catch (error) {
        const status = error.response?.status;
        const told = { 403: "you may not use this app", 404: "unknown user or app", 429: "too many requests" };
        console.error("no link:", error.response?.data?.message ?? error.message);
        res.status(status in told ? status : 500).json({ error: told[status] ?? "no link could be made" });
    }
});

app.listen(Number(PORT), "localhost", () => console.log(`The portal is on http://localhost:${PORT}`));
