// A portal's page with react-retool. Tests call show() once, and setData() when the portal's state changes.
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import Retool from "react-retool";

window.received = [];

function Page({ embeds }) {
    const [data, setData] = useState(embeds.map((embed) => embed.data));
    useEffect(() => {
        window.setData = (index, value) => setData((before) => before.with(index, value));
    }, []);
    return embeds.map(({ url, name }, index) => (
        <Retool
            key={name}
            url={url}
            height="200px"
            data={data[index]}
            onData={(value) => window.received.push({ name, value })}
        />
    ));
}

window.show = (embeds, { strict = false } = {}) => {
    const page = <Page embeds={embeds} />;
    createRoot(document.getElementById("root")).render(strict ? <StrictMode>{page}</StrictMode> : page);
};
