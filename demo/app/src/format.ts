export function money(cents: number, currency: string): string {
    return new Intl.NumberFormat("en-GB", { style: "currency", currency }).format(cents / 100);
}

/** A calendar day such as "2026-03-09", which is in no time zone. */
export function day(iso: string): string {
    const date = new Date(`${iso}T00:00:00Z`);
    return Number.isNaN(date.getTime())
        ? iso
        : date.toLocaleDateString("en-GB", {
              day: "numeric",
              month: "short",
              year: "numeric",
              timeZone: "UTC",
          });
}

export function duration(seconds: number): string {
    if (seconds < 60) {
        return `${seconds} s`;
    }
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) {
        return `${minutes} min`;
    }
    const hours = Math.floor(minutes / 60);
    if (hours < 48) {
        return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
    }
    return `${Math.floor(hours / 24)} days`;
}

/** "ordersPerMonth" becomes "Orders per month". */
export function label(name: string): string {
    const words = name
        .replace(/([a-z\d])([A-Z])/g, "$1 $2")
        .replace(/[_-]+/g, " ")
        .toLowerCase();
    return words.charAt(0).toUpperCase() + words.slice(1);
}

export function initials(name: string): string {
    const words = name.split(/[\s@.]+/).filter((word) => word !== "");
    return words
        .slice(0, 2)
        .map((word) => word.charAt(0).toUpperCase())
        .join("");
}
