// The same app as app.js, written with the SDK.
import { parent as portal, session } from "/_inlay/app.js";

const { currentUser } = await session();
const values = {};
for (const name of String(currentUser.metadata.ask ?? "")
    .split(",")
    .filter(Boolean)) {
    portal.watch(name, (value) => {
        values[name] = value;
        document.body.dataset.values = JSON.stringify(values);
    });
}
window.tell = (data) => portal.post(data);
document.querySelector("p").textContent = currentUser.fullName;
document.body.dataset.ready = "yes";
