import { useEffect, useState } from "react";
import Retool from "react-retool";

export default function RetoolWrapper({ retoolAppName, userJwt, data, onData }) {
    const [retoolEmbedUrl, setRetoolEmbedUrl] = useState("");
    const [error, setError] = useState(null);

    useEffect(() => {
        const controller = new AbortController();
        const options = {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ userJwt, retoolAppName }),
            signal: controller.signal,
        };
        fetch("/api/embedUrl", options)
            .then((res) => res.json())
            .then((answer) => (answer.embedUrl ? setRetoolEmbedUrl(answer.embedUrl) : setError(answer.error)))
            .catch((problem) => problem.name === "AbortError" || setError(problem.message));
        return () => controller.abort();
    }, [retoolAppName, userJwt]);

    if (error) {
        return <p>The app cannot be shown: {error}</p>;
    }
    return retoolEmbedUrl && <Retool url={retoolEmbedUrl} data={data} onData={onData} height="600px" />;
}
