// Where the portal, Inlay and the apps are.

/** Where everything is. apps: the domain that each app's name ends with; above: the domains above it that may have cookies. */
export const settings = {
    "unrelated sites": {
        portal: "portal.customer.example",
        portal2: "portal.partner.example",
        console: "inlay.vendor.example",
        apps: "apps.vendor.example",
        above: ["vendor.example"],
        allowsThirdParties: false,
    },
    "unrelated sites, third-party cookies allowed": {
        portal: "portal.customer.example",
        portal2: "portal.partner.example",
        console: "inlay.vendor.example",
        apps: "apps.vendor.example",
        above: ["vendor.example"],
        allowsThirdParties: true,
    },
    "one site": {
        portal: "portal.vendor.example",
        portal2: "portal2.vendor.example",
        console: "inlay.vendor.example",
        apps: "apps.vendor.example",
        above: ["vendor.example"],
        allowsThirdParties: false,
    },
    "a public suffix": {
        portal: "portal.vendor.example",
        portal2: "portal.partner.example",
        console: "inlay.vendor.example",
        apps: "github.io", // in both browsers' lists; every name is this machine's
        above: ["io"],
        allowsThirdParties: true,
    },
};
