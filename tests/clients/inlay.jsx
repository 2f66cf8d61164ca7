// A portal's page with @inlay/react. Tests call show() once, setData() and setTheme() when the portal's state changes, hide() at its end.
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { Inlay } from "../../sdk/react/src/index.ts";

window.received = [];
window.asked = 0;
window.ready = 0;

function Page({ url, first }) {
    const [data, setData] = useState(first);
    const [theme, setTheme] = useState(undefined);
    useEffect(() => {
        window.setData = setData;
        window.setTheme = setTheme;
    }, []);
    const getUrl = () => {
        window.asked += 1;
        return url;
    };
    // Functions of this very rendering, as most portals write them.
    const onData = (sent) => window.received.push({ sent, data });
    return (
        <Inlay
            className="orders"
            title="Orders"
            getUrl={getUrl}
            data={data}
            theme={theme}
            onData={onData}
            onReady={() => (window.ready += 1)}
        />
    );
}

window.show = (url, first) => {
    const root = createRoot(document.getElementById("root"));
    window.hide = () => root.unmount();
    root.render(
        <StrictMode>
            <Page url={url} first={first} />
        </StrictMode>,
    );
};
