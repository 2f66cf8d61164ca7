// The brand of a workspace: what Inlay's own pages show in the frames of its portals, and how they look with it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { BrandPreview, type Width } from "../brand/preview";
import { api, need, type Schemas } from "../api/client";
import { useCan, useMe } from "../me";
import { Button, Failure, Panel } from "../ui/basics";
import { Segments, Select, TextField } from "../ui/fields";
import { useSubmit } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { toast } from "../ui/toast";
import "../styles/brand.css";

type Brand = Schemas["Brand"];

const LOGO_MAX = 32_768;
const COLOR = /^#[0-9a-f]{6}$/i;
/** What a browser's own control shows when there is none. */
const NO_COLOR = "#0f6b5c";

function dataUrl(file: File): Promise<string> {
    return new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(String(reader.result));
        reader.onerror = () => reject(new Error("The browser can't read this file."));
        reader.readAsDataURL(file);
    });
}

function Editor({ id, brand }: { id: string; brand: Brand }) {
    const client = useQueryClient();
    const mayWrite = useCan()("workspaces:write");
    const input = useRef<HTMLInputElement>(null);
    const [name, setName] = useState(brand.name ?? "");
    const [color, setColor] = useState(brand.color ?? "");
    const [support, setSupport] = useState(brand.support ?? "");
    const [theme, setTheme] = useState<"light" | "dark">("light");
    const [width, setWidth] = useState<Width>("320");
    const isColor = COLOR.test(color.trim());

    const patch = async (body: Partial<Brand>) => {
        const next = await need(api.PATCH("/api/v1/workspaces/{id}/brand", { params: { path: { id } }, body }));
        client.setQueryData(["brand", id], next);
        toast("Saved");
    };
    const texts = useSubmit(() =>
        patch({ name: name.trim() || null, color: color.trim() || null, support: support.trim() || null }),
    );
    const [file, setFile] = useState<File | null>(null);
    const logo = useSubmit(async () => {
        if (file !== null && file.size > LOGO_MAX) {
            throw new Error("The logo is larger than 32 KB. Save a smaller PNG, JPEG or WebP file.");
        }
        await patch({ logo: file === null ? null : await dataUrl(file) });
        setFile(null);
    });
    const chosen = file === null ? "PNG, JPEG or WebP, at most 32 KB. It stands on white in both themes." : file.name;

    return (
        <div className="brand-page">
            <div className="stack-l">
                <form onSubmit={texts.submit}>
                    <Panel
                        title="Name and color"
                        lead="Shown on pages about errors, blocked cookies, and ended sessions, starting now."
                        foot={
                            mayWrite ? (
                                <Button type="submit" kind="primary" busy={texts.busy}>
                                    Save
                                </Button>
                            ) : undefined
                        }
                    >
                        <div className="stack">
                            <TextField label="Name" optional value={name} onChange={setName} maxLength={128} />
                            <div className="brand-color">
                                <TextField
                                    label="Color"
                                    optional
                                    code
                                    value={color}
                                    onChange={setColor}
                                    placeholder={NO_COLOR}
                                    maxLength={7}
                                    wrong={
                                        color.trim() === "" || isColor
                                            ? undefined
                                            : `# and six hexadecimal digits, such as ${NO_COLOR}.`
                                    }
                                    hint="Text on it is black or white, whichever can be read."
                                />
                                <input
                                    type="color"
                                    aria-label="Choose the color"
                                    value={isColor ? color.trim() : NO_COLOR}
                                    onChange={(event) => setColor(event.target.value)}
                                />
                            </div>
                            <TextField
                                label="Support line"
                                optional
                                value={support}
                                onChange={setSupport}
                                maxLength={200}
                                placeholder="Questions? support@acme.example"
                                hint="A line of text under every page, in your own words."
                            />
                            <Failure error={texts.error} />
                        </div>
                    </Panel>
                </form>
                {mayWrite && (
                    <form onSubmit={logo.submit}>
                        <Panel
                            title="Logo"
                            foot={
                                <>
                                    {brand.logo !== null && file === null && (
                                        <Button type="submit" kind="danger" busy={logo.busy}>
                                            Remove logo
                                        </Button>
                                    )}
                                    <Button onPress={() => input.current?.click()}>Choose a file</Button>
                                    {file !== null && (
                                        <Button type="submit" kind="primary" busy={logo.busy}>
                                            Upload
                                        </Button>
                                    )}
                                </>
                            }
                        >
                            <p className="hint">{chosen}</p>
                            <input
                                ref={input}
                                type="file"
                                hidden
                                accept="image/png,image/jpeg,image/webp"
                                aria-label="Logo"
                                onChange={(event) => setFile(event.target.files?.[0] ?? null)}
                            />
                            <Failure error={logo.error} />
                        </Panel>
                    </form>
                )}
            </div>
            <Panel
                title="Preview"
                actions={
                    <>
                        <Segments
                            label="Theme"
                            value={theme}
                            onChange={setTheme}
                            choices={[
                                { id: "light", name: "Light" },
                                { id: "dark", name: "Dark" },
                            ]}
                        />
                        <Segments
                            label="Width"
                            value={width}
                            onChange={setWidth}
                            choices={[
                                { id: "320", name: "Phone" },
                                { id: "full", name: "Desktop" },
                            ]}
                        />
                    </>
                }
            >
                <BrandPreview
                    theme={theme}
                    width={width}
                    brand={{
                        name: name.trim(),
                        color: isColor ? color.trim() : "",
                        support: support.trim(),
                        logo: brand.logo?.split("/").at(-1) ?? "",
                    }}
                />
            </Panel>
        </div>
    );
}

export default function BrandPage() {
    const me = useMe();
    const [chosen, setChosen] = useState<string | null>(null);
    const workspaces = useQuery({
        queryKey: ["workspaces"],
        queryFn: () => need(api.GET("/api/v1/workspaces", { params: { query: { limit: 200 } } })),
    });
    const items = workspaces.data?.items ?? [];
    const id = chosen ?? me.workspaceId ?? items[0]?.id;
    const brand = useQuery({
        queryKey: ["brand", id],
        queryFn: () => need(api.GET("/api/v1/workspaces/{id}/brand", { params: { path: { id: id! } } })),
        enabled: id !== undefined,
    });
    return (
        <>
            <PageHead
                title="Brand"
                lead="How Inlay's own pages look to the people who use your portals. Apps look as they always do."
                actions={
                    items.length > 1 && (
                        <Select
                            label="Workspace"
                            hideLabel
                            value={id ?? ""}
                            onChange={setChosen}
                            choices={items.map((item) => ({ id: item.id, name: item.name }))}
                        />
                    )
                }
            />
            <Failure error={workspaces.error ?? brand.error} />
            {brand.data !== undefined && id !== undefined && <Editor key={id} id={id} brand={brand.data} />}
        </>
    );
}
