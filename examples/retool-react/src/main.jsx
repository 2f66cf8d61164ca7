import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import RetoolWrapper from "./RetoolWrapper.jsx";

function Portal() {
    const [user, setUser] = useState(null);
    const [isAdmin, setAdmin] = useState(false);
    const [tab, setActiveTab] = useState("home");
    /** The app posts the name of its tab. Inlay's own pages are heard here, too: {type: "inlay:error", code, message}. */
    const hear = (sent) => typeof sent === "string" && setActiveTab(sent);

    useEffect(() => {
        fetch("/api/me")
            .then((res) => res.json())
            .then(setUser);
    }, []);

    return (
        <>
            <h1>Tab: {tab}</h1>
            <label>
                <input type="checkbox" checked={isAdmin} onChange={(event) => setAdmin(event.target.checked)} /> Admin
            </label>
            {user && <RetoolWrapper retoolAppName="orders" userJwt={user.userJwt} data={{ isAdmin }} onData={hear} />}
        </>
    );
}

createRoot(document.getElementById("root")).render(
    <StrictMode>
        <Portal />
    </StrictMode>,
);
