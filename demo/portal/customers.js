// The portal's customers: what a real portal would have in its own database. Keys are also the path under which
// each customer's pages live.

/**
 * @typedef {object} Person
 * @property {string} firstName
 * @property {string} lastName
 * @property {string} email
 * @property {string} passwordHash made by hashPassword
 *
 * @typedef {object} Customer
 * @property {string} key
 * @property {string} company
 * @property {string} externalIdentifier the customer's person, as the portal's own records number them
 * @property {Person} person
 * @property {Readonly<Record<string, unknown>>} metadata what the portal tells the embedded app: at most 1024 bytes
 */

/** @type {readonly Customer[]} */
export const customers = [
    {
        key: "fernhill",
        company: "Fernhill Bakery",
        externalIdentifier: "fernhill-7",
        person: {
            firstName: "Mira",
            lastName: "Okafor",
            email: "mira@fernhill.example",
            passwordHash: "4bI3rJa0PCte9E2UcVtp-w.AEIYnCEEZAgB0iW3Zxf9O66B1RwJWQQzZDWGgAPtwXQ",
        },
        metadata: {
            company: "Fernhill Bakery",
            plan: "Growth",
            currency: "EUR",
            ordersPerMonth: 40,
            ordersThisMonth: 31,
            orders: {
                "FB-2291": order("Stoneground rye flour", 24, "25 kg sack", 61680, "shipped", "2026-11-17"),
                "FB-2288": order("Sea salt flakes", 6, "5 kg tub", 21300, "preparing", "2026-11-16"),
                "FB-2279": order("Unsalted butter", 40, "5 kg block", 150800, "on hold", "2026-11-12"),
                "FB-2264": order("Pumpkin seeds", 8, "10 kg bag", 38960, "delivered", "2026-11-05"),
            },
        },
    },
    {
        key: "saltmarsh",
        company: "Saltmarsh Coffee",
        externalIdentifier: "saltmarsh-3",
        person: {
            firstName: "Tomas",
            lastName: "Lindqvist",
            email: "tomas@saltmarsh.example",
            passwordHash: "hyxYSBCLakWeFlz3Nd8H0Q.jrmWfuKTMSoprf2Rxh1IycOWpsgqITBbKvgR_zkWGYw",
        },
        metadata: {
            company: "Saltmarsh Coffee",
            plan: "Starter",
            currency: "GBP",
            ordersPerMonth: 10,
            ordersThisMonth: 10,
            orders: {
                "SC-0417": order("Washed Sidama, green", 12, "60 kg bag", 412800, "preparing", "2026-11-19"),
                "SC-0415": order("Compostable cups, 12 oz", 20, "box of 500", 86000, "shipped", "2026-11-14"),
                "SC-0409": order("Oat drink, barista", 60, "case of 6", 59400, "delivered", "2026-11-03"),
            },
        },
    },
];

/**
 * @param {string} item
 * @param {number} quantity
 * @param {string} unit
 * @param {number} total in hundredths of the currency: metadata has integers only
 * @param {"preparing" | "shipped" | "delivered" | "on hold"} status
 * @param {string} placed
 */
function order(item, quantity, unit, total, status, placed) {
    return { item, quantity, unit, total, status, placed };
}
