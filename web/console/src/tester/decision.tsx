// Whether the link would open, said before anybody opens it.
import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { Link } from "wouter";
import { Failure, Notice } from "../ui/basics";
import { useSettled } from "../ui/pick";
import { denial } from "../words";
import { checkAccess, type Subject } from "./ask";

const PAUSE_MS = 400;

interface Group {
    id: number;
    name: string;
}

function Groups({ title, groups }: { title: string; groups: Group[] }) {
    return (
        <p>
            {title}{" "}
            {groups.length === 0
                ? "no group"
                : groups.map(({ id, name }, at) => (
                      <span key={id}>
                          {at > 0 && ", "}
                          <Link href={`/settings/permissions/group/${id}`}>{name}</Link>
                      </span>
                  ))}
            .
        </p>
    );
}

export function Decision({ subject }: { subject: Subject }) {
    const wanted = useSettled(JSON.stringify(subject), PAUSE_MS);
    // Integers of 64 bits are in the text; parsed again they would be rounded.
    const isSettled = wanted === JSON.stringify(subject);
    const { data, error } = useQuery({
        queryKey: ["access-check", wanted],
        queryFn: () => checkAccess(subject),
        enabled: isSettled,
        staleTime: 0,
        retry: false,
    });
    if (data === undefined) {
        return <Failure error={error} />;
    }
    const own = data.groups.filter(({ hasUser }) => hasUser);
    const allowed = data.groups.filter(({ mayUseApp }) => mayUseApp);
    if (data.allowed && data.warnings.length > 0) {
        return (
            <Notice tone="warn">
                <strong>The user may use the app, but no page can show it.</strong>
                {data.warnings.map(({ code, message }) => (
                    <p key={code}>{message}</p>
                ))}
                <p>
                    <Link href={`/apps/${subject.appId}/portals`}>Name its portals</Link>
                </p>
            </Notice>
        );
    }
    if (data.allowed) {
        return (
            <Notice tone="good" icon={CircleCheck}>
                <strong>This link would open.</strong>
                <Groups title="The user may use the app through" groups={own.filter(({ mayUseApp }) => mayUseApp)} />
            </Notice>
        );
    }
    return (
        <Notice tone="bad">
            <strong>{denial(data.reason).long}</strong>
            {data.reason === "no_access" && (
                <>
                    <Groups title="The user acts as" groups={own} />
                    <Groups title="The app may be used by" groups={allowed} />
                </>
            )}
        </Notice>
    );
}
