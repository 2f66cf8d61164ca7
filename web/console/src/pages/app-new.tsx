// Making an app: what it is, who may use it, and which portals show it.
import { useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, FolderArchive, Server } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { api, need, type Schemas } from "../api/client";
import { useCan } from "../me";
import { Button, ButtonLink, Failure, Panel } from "../ui/basics";
import { Cards, TextField, type Choice } from "../ui/fields";
import { useSubmit } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { toast } from "../ui/toast";
import { allow, GroupPick } from "./app/access";
import type { Bundle } from "./app/pack";
import { PortalLines, portalsOf } from "./app/portals";
import { AddressField } from "./app/server";
import { BundleDrop, Progress, sendBundle } from "./app/upload";
import "../styles/app.css";

type Kind = Schemas["AppKind"];

export default function NewApp() {
    const client = useQueryClient();
    const [, navigate] = useLocation();
    const can = useCan();
    const [kind, setKind] = useState<Kind>("bundle");
    const [name, setName] = useState("");
    const [bundle, setBundle] = useState<Bundle | null>(null);
    const [url, setUrl] = useState("");
    const [portals, setPortals] = useState([""]);
    const [groups, setGroups] = useState<Choice[]>([]);
    const [part, setPart] = useState<number | null>(null);
    // What was made before a later step failed: another try goes on from there.
    const [made, setMade] = useState<Schemas["App"] | null>(null);

    const { submit, busy, error } = useSubmit(async () => {
        const body = {
            name: name.trim(),
            kind,
            portals: portalsOf(portals),
            ...(kind === "upstream" ? { upstream: { url: url.trim() } } : {}),
        };
        const app = made ?? (await need(api.POST("/api/v1/apps", { body })));
        setMade(app);
        for (const { id } of groups) {
            await allow(id, app.id);
        }
        if (kind === "bundle" && bundle !== null) {
            setPart(0);
            try {
                await sendBundle(app.id, { version: "1.0.0" }, bundle.archive, setPart);
            } finally {
                setPart(null);
            }
        }
        toast(`Created ${app.name}`);
        navigate(`/apps/${app.id}`);
        await Promise.all(
            [["apps"], ["groups"], ["getting-started"]].map((queryKey) => client.invalidateQueries({ queryKey })),
        );
    });

    return (
        <form onSubmit={submit}>
            <Link href="/apps" className="crumb">
                <ChevronLeft size={15} aria-hidden /> Apps
            </Link>
            <PageHead
                title="Create an app"
                lead="An app is what portals show in their pages. All of this can be changed later."
            />
            <div className="stack-l narrow">
                <Panel title="What it is">
                    <div className="stack">
                        <Cards
                            label="Kind of app"
                            value={kind}
                            onChange={setKind}
                            choices={[
                                {
                                    id: "bundle",
                                    name: "Static files",
                                    note: "What a build makes: HTML, scripts, styles. Inlay serves them.",
                                    icon: <FolderArchive size={20} aria-hidden />,
                                },
                                {
                                    id: "upstream",
                                    name: "A server that runs",
                                    note: "Grafana, JupyterLab, an admin page of your own. Inlay stands in front.",
                                    icon: <Server size={20} aria-hidden />,
                                },
                            ]}
                        />
                        <TextField
                            label="Name"
                            value={name}
                            onChange={setName}
                            required
                            maxLength={128}
                            placeholder="Warehouse"
                        />
                        {kind === "bundle" ? (
                            <BundleDrop bundle={bundle} onChange={setBundle} />
                        ) : (
                            <AddressField label="Address" value={url} onChange={setUrl} />
                        )}
                        {kind === "bundle" && (
                            <p className="hint">It becomes release 1.0.0. You can also upload it later.</p>
                        )}
                    </div>
                </Panel>
                <Panel title="Where it is shown">
                    <PortalLines lines={portals} onChange={setPortals} />
                </Panel>
                {can("groups:write") && (
                    <Panel title="Who may use it">
                        <GroupPick
                            chosen={groups}
                            onChange={setGroups}
                            hint="Portals name groups when they ask for a link; members of a group may use its apps, too."
                        />
                    </Panel>
                )}
                {part !== null && <Progress part={part} />}
                <Failure error={error} />
                <div className="row">
                    <Button
                        type="submit"
                        kind="primary"
                        busy={busy}
                        isDisabled={name.trim() === "" || (kind === "upstream" && url.trim() === "")}
                    >
                        Create app
                    </Button>
                    <ButtonLink href={made === null ? "/apps" : `/apps/${made.id}`}>Cancel</ButtonLink>
                </div>
            </div>
        </form>
    );
}
