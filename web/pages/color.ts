// A workspace's color, as our pages use it: what shows it can be told from the page (WCAG 1.4.11), and text on it can be
// read (WCAG 1.4.3), whatever color it is.

/** What is behind everything, as page.css has it. */
export const PAPERS = { light: "#f7f7f5", dark: "#151918" } as const;

type Rgb = readonly [number, number, number];

const VISIBLE = 3;
/** As far from black as from white. */
const MIDDLE = 0.179;

const rgb = (color: string): Rgb => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)) as unknown as Rgb;
const hex = (color: Rgb): string => `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;

function luminance(color: Rgb): number {
    const [red, green, blue] = color.map((part) =>
        part <= 10.31475 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    ) as unknown as Rgb;
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function ratio(a: Rgb, b: Rgb): number {
    const [x, y] = [luminance(a), luminance(b)];
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

export const contrast = (a: string, b: string): number => ratio(rgb(a), rgb(b));

/** The color, or one nearer to black or white that can be told from the paper. */
export function shade(color: string, paper: string): string {
    const back = rgb(paper);
    const to = luminance(back) > MIDDLE ? 0 : 255;
    let accent = rgb(color);
    while (ratio(accent, back) < VISIBLE) {
        accent = accent.map((part) =>
            to === 0 ? Math.floor((part * 7) / 8) : Math.ceil(part + (255 - part) / 8),
        ) as unknown as Rgb;
    }
    return hex(accent);
}

/** The properties of page.css: what has the color is read in `--on`, and has an edge in the accent of the theme. */
export function properties(color: string): Record<string, string> {
    return {
        "--color": color,
        "--on": luminance(rgb(color)) > MIDDLE ? "#000" : "#fff",
        "--light": shade(color, PAPERS.light),
        "--dark": shade(color, PAPERS.dark),
    };
}
