// Node-RED behind Inlay: node-red --settings node-red-settings.js
module.exports = {
    uiHost: "127.0.0.1", // only this machine, so only Inlay, can reach it
    uiPort: 1880,
    flowFile: "flows.json",
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false },
    // No adminAuth: Inlay lets people in. Whoever may use the app can change flows and run code.
};
