// One app.
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, CircleAlert, Copy, FlaskConical, Link2 } from "lucide-react";
import { Link, useParams } from "wouter";
import { api, need, wordsOf } from "../api/client";
import { Avatar, Badge, Button, ButtonLink, copy, Empty, Skeleton } from "../ui/basics";
import { PageHead } from "../ui/page";
import { Tabs } from "../ui/tabs";
import { AppAccess } from "./app/access";
import { AppReleases } from "./app/releases";
import { AppServer } from "./app/server";
import { AppSessions } from "./app/sessions";
import { AppPortals, AppSettings, appUrl } from "./app/settings";
import "../styles/app.css";

export default function AppPage() {
    const { id = "", tab } = useParams<{ id: string; tab?: string }>();
    const { data: app, error } = useQuery({
        queryKey: ["app", id],
        queryFn: () => need(api.GET("/api/v1/apps/{id}", { params: { path: { id } } })),
    });
    if (error !== null && app === undefined) {
        return (
            <Empty
                icon={CircleAlert}
                title="This app cannot be shown"
                actions={<ButtonLink href="/apps">All apps</ButtonLink>}
            >
                {wordsOf(error)}
            </Empty>
        );
    }
    if (app === undefined) {
        return <Skeleton />;
    }
    const first =
        app.kind === "bundle"
            ? { id: "", name: "Releases", content: <AppReleases app={app} /> }
            : { id: "", name: "Server", content: <AppServer app={app} /> };
    return (
        <>
            <Link href="/apps" className="crumb">
                <ChevronLeft size={15} aria-hidden /> Apps
            </Link>
            <PageHead
                title={app.name}
                mark={<Avatar name={app.name} square large />}
                lead={
                    <span className="row">
                        <code>{app.slug}</code>
                        {app.kind === "upstream" ? (
                            <Badge>Server</Badge>
                        ) : app.currentRelease === null ? (
                            <Badge tone="warn">Nothing released</Badge>
                        ) : (
                            <Badge tone="good">{app.currentRelease}</Badge>
                        )}
                        {app.portals.length === 0 && <Badge tone="warn">No portal yet</Badge>}
                    </span>
                }
                actions={
                    <>
                        <ButtonLink href={`/tester?appId=${app.id}`} icon={FlaskConical}>
                            Try it
                        </ButtonLink>
                        <Button icon={Link2} onPress={() => void copy(appUrl(app), "the app's URL")}>
                            Copy app URL
                        </Button>
                        <Button icon={Copy} onPress={() => void copy(app.id, "the app's UUID")}>
                            Copy UUID
                        </Button>
                    </>
                }
            />
            <Tabs
                key={app.id}
                label={app.name}
                base={`/apps/${id}`}
                chosen={tab}
                tabs={[
                    first,
                    { id: "access", name: "Access", content: <AppAccess app={app} /> },
                    { id: "portals", name: "Portals", content: <AppPortals app={app} /> },
                    { id: "sessions", name: "Sessions", content: <AppSessions app={app} /> },
                    { id: "settings", name: "Settings", content: <AppSettings app={app} /> },
                ]}
            />
        </>
    );
}
