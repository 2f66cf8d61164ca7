import { useEffect, useState } from "react";
import { useAuth } from "./AuthContext.jsx";

export default function Dashboard() {
    const { user } = useAuth();
    const [embedUrl, setEmbedUrl] = useState(null);
    const [error, setError] = useState(null);

    useEffect(() => {
        if (!user) {
            return undefined;
        }
        const controller = new AbortController();
        fetch("/api/get-tooljet-url", {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ email: user.email, appId: user.appId }),
            signal: controller.signal,
        })
            .then((response) => response.json())
            .then((data) => (data.redirectUrl ? setEmbedUrl(data.redirectUrl) : setError(data.error)))
            .catch((problem) => problem.name === "AbortError" || setError(problem.message));
        return () => controller.abort();
    }, [user]);

    return (
        <div>
            <h1>Welcome, {user?.email}</h1>
            {embedUrl && (
                <iframe src={embedUrl} width="100%" height="600px" style={{ border: "none" }} title="Orders" />
            )}
            {error && <p>The app cannot be shown: {error}</p>}
            {!embedUrl && !error && <p>Loading …</p>}
        </div>
    );
}
