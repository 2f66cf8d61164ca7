// A portal's page with @tryretool/retool-embed: the same functions as react.jsx has.
import { createRetoolEmbed } from "@tryretool/retool-embed";

window.received = [];

window.show = (embeds) => {
    const elements = embeds.map(({ url, name, data }) =>
        createRetoolEmbed({
            src: url,
            style: "height: 200px",
            onData: (value) => window.received.push({ name, value }),
            data,
        }),
    );
    window.setData = (index, value) => {
        elements[index].data = value;
    };
    document.getElementById("root").append(...elements);
};
