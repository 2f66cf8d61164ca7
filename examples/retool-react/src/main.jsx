import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import RetoolWrapper from "./RetoolWrapper.jsx";

function Portal() {
    const [user, setUser] = useState(null);
    const [isAdmin, setAdmin] = useState(false);
    const [tab, setActiveTab] = useState("home");

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
            {user && <RetoolWrapper retoolAppName="orders" userJwt={user.userJwt} data={{ isAdmin }} onData={setActiveTab} />}
        </>
    );
}

createRoot(document.getElementById("root")).render(
    <StrictMode>
        <Portal />
    </StrictMode>,
);
